/** The evidence of a verdict where the method weighs the source's classes (`evaluate/target-evidence.ts`). */
import { type LabelledLogits, scoresOf } from "../evaluate/probabilities.ts";
import {
  decided,
  effectiveRows,
  estimateShares,
  type TargetShares,
  weightedAccuracy,
} from "../evaluate/target-evidence.ts";
import { thresholded } from "../evaluate/validators/atc.ts";
import { classIndices } from "../task.ts";
import type { Session } from "./context.ts";
import type { Seen } from "./health.ts";
import type { Contest, Measured } from "./judging.ts";

/** The target's shares by source-only; undefined where the method takes those of the source. */
export function sharesFor(session: Session, sourceOnly: Seen): TargetShares | undefined {
  const { classWeights = "none" } = session.plan.method;
  if (session.plan.task.kind === "regression" || classWeights === "none") return undefined;
  return estimateShares(heldOutOf(session, sourceOnly), targetOf(session, sourceOnly));
}

export const evidenceBy = (session: Session, seen: Seen, { weights, shares }: TargetShares): Measured["byShares"] => ({
  sourceAccuracy: weightedAccuracy(heldOutOf(session, seen), weights),
  trainingAccuracy: weightedAccuracy(trainingOf(session, seen), weights),
  estimated: thresholded(heldOutOf(session, seen), targetOf(session, seen), weights) ?? undefined,
  ...decided(targetOf(session, seen), shares),
});

/** Rows behind the accuracies: as many as their weights are worth. */
export function rowsBehind({ samples }: Session, by: TargetShares | undefined): Contest["rows"] {
  const [heldOut, training] = [samples.source, samples.training].map(({ labels }) =>
    by === undefined ? labels.length : effectiveRows(classIndices(labels), by.weights),
  );
  return { heldOut: heldOut ?? 0, training: training ?? 0 };
}

const heldOutOf = ({ plan, samples }: Session, { heldOut }: Seen): LabelledLogits => ({
  labels: classIndices(samples.source.labels),
  logits: scoresOf(heldOut.logits, plan.classes.length),
});

const trainingOf = ({ plan, samples }: Session, { source }: Seen): LabelledLogits => ({
  labels: classIndices(samples.training.labels),
  logits: scoresOf(source.logits, plan.classes.length),
});

const targetOf = ({ plan }: Session, { target }: Seen): LabelledLogits["logits"] =>
  scoresOf(target.logits, plan.classes.length);
