/** What the parts of a refinement share while it runs. */
import type { Backend } from "../../runtime/backend.ts";
import { createPredictor, type Predictor } from "../../train/predictor.ts";
import type { State } from "../../train/state.ts";
import { parametersOf } from "../finish.ts";
import type { DescribedNetwork } from "../network.ts";
import type { AdaptResult, ModelRow } from "../result.ts";
import { type EvaluatedRows, scoreRows } from "../scoring.ts";
import type { RefinePlan } from "./plan.ts";

export interface Refining {
  readonly plan: RefinePlan;
  readonly described: DescribedNetwork;
  readonly backend: Backend;
  readonly samples: EvaluatedRows;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export async function scoresOf(
  { targetScored, classes }: RefinePlan,
  predictor: Predictor,
  state: State,
): Promise<Pick<ModelRow, "metrics" | "scoredOn">> {
  const target =
    targetScored === undefined
      ? null
      : await scoreRows((...asked) => predictor.predict(state, ...asked), targetScored, "target", classes);
  return {
    metrics: { source: null, target: target?.metrics ?? null },
    scoredOn: { source: null, target: targetScored?.on ?? null },
  };
}

/** An engine for models of this network; the caller disposes of it. */
export function predictorOf({ plan, described, backend }: Refining, readsTarget: boolean): Predictor {
  const { preprocess, classes, train: config } = plan;
  const { network } = described;
  return createPredictor({
    ...{ network, preprocess, readsTarget, backend, classes: classes.length, threads: config.threads },
  });
}

export const describe = ({ described, plan }: Refining): AdaptResult["network"] => ({
  name: described.network.name,
  description: described.description,
  why: described.why,
  parameters: parametersOf(described.network, plan.preprocess),
});
