/** What the end of a session says of a regression: the evidence of its verdict, and predictions to be drawn. */
import { inUnit, labelScale } from "../data/number-labels.ts";
import { internalError } from "../errors.ts";
import { inputWords } from "../evaluate/health/input-words.ts";
import { regressionMetrics } from "../evaluate/regression-metrics.ts";
import { weaker } from "../methods/strength.ts";
import type { LabelScale } from "../task.ts";
import type { Apart } from "../train/inference.ts";
import type { State } from "../train/state.ts";
import type { Embedding, Session } from "./context.ts";
import type { Seen } from "./health.ts";
import type { Finished } from "./progress.ts";
import { judgeRegression, type NumberEvidence } from "./regression-verdict.ts";
import type { AdaptResult } from "./result.ts";
import { diverged, keeping, nothingAdapted, usesAdapted, type Verdict } from "./verdict.ts";

/** What reads class probabilities, by its name elsewhere. */
export const notApplicable: readonly string[] = ["calibration", "prediction-collapse", "label-shift"];

export function regressionVerdict(
  { samples, plan, deployed }: Session,
  scale: LabelScale,
  method: Finished | undefined,
  seen: { readonly before: Seen; readonly after: Seen | undefined },
  distance: NonNullable<AdaptResult["domainDistance"]>,
): Verdict {
  if (method === undefined) return nothingAdapted;
  if (method.diverged !== null) return diverged(method.diverged.reason, method.diverged.remedy);
  if (seen.after === undefined) throw internalError("a training ended without an evaluation");
  const evidence = ({ source, heldOut, target }: Seen, apart: number): NumberEvidence => ({
    heldOut: regressionMetrics(samples.source.labels, heldOut.logits, scale).rmse,
    training: regressionMetrics(samples.training.labels, source.logits, scale).rmse,
    spread: labelScale(Float64Array.from(target.logits)).deviation,
    distance: apart,
  });
  const verdict = judgeRegression({
    sourceOnly: evidence(seen.before, distance.sourceOnly),
    adapted: evidence(seen.after, distance.after),
    deviation: scale.deviation,
    weaker: weaker(plan),
    words: inputWords(deployed.preprocess),
  });
  return usesAdapted(verdict.code) ? verdict : keeping(verdict, "source-only");
}

/** Truth and prediction of the chosen model, in the label's unit, of sampled rows that have labels and did not train. */
export async function predictedNumbers(
  session: Session,
  scale: LabelScale,
  model: { readonly state: State; readonly apart: Apart },
): Promise<Embedding["arrays"]> {
  const { plan, samples } = session;
  const predictor = session.predictor(plan, model.apart);
  const arrayOf = (values: ArrayLike<number>): Embedding["arrays"][string] => ({
    dims: [values.length],
    values: inUnit(values, scale),
  });
  try {
    const arrays: Record<string, Embedding["arrays"][string]> = {};
    for (const [name, domain, labelled] of [
      ["source", "source", samples.source],
      ["target", "target", samples.scored],
    ] as const) {
      if (labelled === undefined) continue;
      const { logits } = await predictor.predict(model.state, labelled.rows, domain, { features: false });
      arrays[`${name}_truth`] = arrayOf(labelled.labels);
      arrays[`${name}_predicted`] = arrayOf(logits);
    }
    return arrays;
  } finally {
    await predictor.dispose();
  }
}
