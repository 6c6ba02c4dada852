/** What the parts of a refinement share while it runs. */
import type { Backend } from "../../runtime/backend.ts";
import type { Apart } from "../../train/inference.ts";
import { createPredictor, type Predictor } from "../../train/predictor.ts";
import type { State } from "../../train/state.ts";
import type { Session } from "../context.ts";
import { parametersOf } from "../finish.ts";
import type { DescribedNetwork } from "../network.ts";
import type { AdaptResult, ModelRow } from "../result.ts";
import { type EvaluatedRows, scoreRows } from "../scoring.ts";
import { headOf } from "../stages.ts";
import type { Stopwatch } from "../stopwatch.ts";
import type { RefinePlan } from "./plan.ts";

/** As `Session`: with a frozen backbone, `plan` has features in place of its rows, and `deployed` the rows. */
export interface Refining extends Pick<Session, "deployed"> {
  readonly plan: RefinePlan;
  readonly described: DescribedNetwork;
  readonly backend: Backend;
  readonly samples: EvaluatedRows;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly stopwatch: Stopwatch;
}

export async function scoresOf(
  plan: RefinePlan,
  predictor: Predictor,
  state: State,
): Promise<Pick<ModelRow, "metrics" | "scoredOn">> {
  const { targetScored } = plan;
  const target =
    targetScored === undefined
      ? null
      : await scoreRows((...asked) => predictor.predict(state, ...asked), targetScored, "target", plan);
  return {
    metrics: { source: null, target: target?.metrics ?? null },
    scoredOn: { source: null, target: targetScored?.on ?? null },
  };
}

/** An engine for models of this network; the caller disposes of it. */
export function predictorOf({ plan, described, backend }: Refining, apart: Apart): Predictor {
  const { preprocess, train: config } = plan;
  const { network } = described;
  return createPredictor({
    ...{ network, preprocess, apart, backend, ...headOf(plan), threads: config.threads },
  });
}

export const describe = ({ described, plan }: Refining): AdaptResult["network"] => ({
  name: described.network.name,
  description: described.description,
  why: described.why,
  parameters: parametersOf(described.network, plan.preprocess),
});
