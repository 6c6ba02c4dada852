/** The evidence of a verdict, and the floor of `auto`, where the method weighs the source's classes (`evaluate/target-evidence.ts`). */
import type { EncodedRows } from "../data/encode.ts";
import type { Domain } from "../domain.ts";
import { type LabelledLogits, scoresOf } from "../evaluate/probabilities.ts";
import type { AutoRule } from "../evaluate/selection.ts";
import {
  decided,
  effectiveRows,
  estimateShares,
  type TargetShares,
  weightedAccuracy,
} from "../evaluate/target-evidence.ts";
import { thresholded } from "../evaluate/validators/atc.ts";
import { classIndices } from "../task.ts";
import { lastCheckpoint, type Session } from "./context.ts";
import type { Seen } from "./health.ts";
import type { Contest, Measured } from "./judging.ts";
import type { Finished } from "./progress.ts";
import { labelledLogits } from "./scoring.ts";
import { withoutSlots } from "./tracker.ts";

const weighsClasses = ({ plan: { method, task } }: Session): boolean =>
  task.kind !== "regression" && (method.classWeights ?? "none") !== "none";

/** What `auto` keeps the source accuracy of. */
export interface Floor extends Omit<AutoRule, "kind"> {
  /** By class, the target's share over the source's; undefined where the classes count as they are. */
  readonly weights?: readonly number[];
}

/** From source-only, before the method trains. */
export async function floorOf(session: Session, sourceOnly: Finished): Promise<Floor> {
  const rows = session.samples.source.rows.rows;
  if (!weighsClasses(session)) return { sourceOnlyAccuracy: sourceOnly.last?.scores.source ?? 0, rows };
  const state = withoutSlots(lastCheckpoint(session, sourceOnly).state);
  const predictor = session.predictor(session.plan, "nothing");
  const answer = (rows: EncodedRows, domain: Domain) => predictor.predict(state, rows, domain, { features: false });
  try {
    const heldOut = await answer(session.samples.source.rows, "source");
    const shares = sharesBy(session, { heldOut, target: await answer(session.samples.target, "target") });
    return {
      weights: shares.weights,
      sourceOnlyAccuracy: weightedAccuracy(heldOutOf(session, { heldOut }), shares.weights),
      rows: rowsBehind(session, shares).heldOut,
    };
  } finally {
    await predictor.dispose();
  }
}

/** The target's shares by source-only; undefined where the method takes those of the source. */
export const sharesFor = (session: Session, sourceOnly: Seen): TargetShares | undefined =>
  weighsClasses(session) ? sharesBy(session, sourceOnly) : undefined;

const sharesBy = (session: Session, sourceOnly: Pick<Seen, "heldOut" | "target">): TargetShares =>
  estimateShares(heldOutOf(session, sourceOnly), targetOf(session, sourceOnly));

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

const heldOutOf = ({ plan, samples }: Session, { heldOut }: Pick<Seen, "heldOut">): LabelledLogits =>
  labelledLogits(samples.source, heldOut, plan.classes.length);

const trainingOf = ({ plan, samples }: Session, { source }: Seen): LabelledLogits =>
  labelledLogits(samples.training, source, plan.classes.length);

const targetOf = ({ plan }: Session, { target }: Pick<Seen, "target">): LabelledLogits["logits"] =>
  scoresOf(target.logits, plan.classes.length);
