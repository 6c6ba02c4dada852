/**
 * Scores without target labels of a model that answers with numbers: squared losses of held-out source rows, as they are
 * and weighted to the target, of standardised labels (1 is what the mean of the labels has). What reads class
 * probabilities has no meaning here.
 */
import { densityRatio } from "../density-ratio.ts";
import type { Matrix } from "../logistic.ts";
import { effectiveRank } from "./rankme.ts";
import { weightedRisks } from "./weighted-risk.ts";

export interface RegressionScored {
  /** Of each held-out source row, standardised. */
  readonly labels: ArrayLike<number>;
  /** What is predicted for these rows. */
  readonly predictions: ArrayLike<number>;
  /** Features of held-out source rows and of target rows. */
  readonly source: Matrix;
  readonly target: Matrix;
}

/** Mean squared loss of the held-out source rows, without weights. */
export const sourceRisk = "source-risk";

/** Those that may choose an epoch; lower is better in all of them. */
export const regressionSelects: readonly string[] = [sourceRisk, ...Object.keys(weightedRisks)];

/** By name; one that can say nothing of these rows is left out. `rankme` is an alarm, as of classes. */
export function regressionScores({ labels, predictions, source, target }: RegressionScored): Record<string, number> {
  const losses = Float64Array.from(labels, (label, row) => (label - (predictions[row] ?? Number.NaN)) ** 2);
  const weights = densityRatio(source, target);
  const scores: Record<string, number | null> = {
    [sourceRisk]: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    ...Object.fromEntries(Object.entries(weightedRisks).map(([name, estimate]) => [name, estimate(weights, losses)])),
    rankme: effectiveRank(target),
  };
  return Object.fromEntries(
    Object.entries(scores).flatMap(([name, score]) =>
      score === null || !Number.isFinite(score) ? [] : [[name, score] as const],
    ),
  );
}
