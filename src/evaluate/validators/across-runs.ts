/** What several models say of the same unlabelled target rows: scores that one run alone cannot have. */
import { usageError } from "../../errors.ts";
import { accuracy } from "../metrics.ts";
import { predictions, type Scores } from "../probabilities.ts";

/**
 * Share of rows on which two runs that differ in their seed predict the same class, 0 to 1: where runs are calibrated as
 * an ensemble it estimates their accuracy (generalisation disagreement equality: Jiang et al., ICLR 2022).
 */
export function runAgreement(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length)
    throw usageError(
      "run-agreement",
      `run agreement: expected predictions for the same rows, got ${first.length} and ${second.length}`,
    );
  return accuracy(first, second);
}

/**
 * EnsV (Hu et al. 2024): each candidate's agreement, 0 to 1, with the class that the mean of all candidates'
 * probabilities predicts. The candidate with the highest is taken; no number of a single model decides.
 * @param candidates probabilities of each candidate, [rows, classes], for the same rows.
 */
export function ensembleVote(candidates: readonly Scores[]): number[] {
  const [first] = candidates;
  if (first === undefined) return [];
  const { rows, classes } = first;
  const other = candidates.find((one) => one.rows !== rows || one.classes !== classes);
  if (other !== undefined)
    throw usageError(
      "ensemble-vote",
      `ensemble vote: expected ${rows} rows of ${classes} classes of each candidate, got ${other.rows} of ${other.classes}`,
    );
  const mean = new Float64Array(rows * classes);
  for (const { values } of candidates)
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (values[i] ?? 0) / candidates.length;
  const vote = predictions({ rows, classes, values: mean });
  return candidates.map((candidate) => accuracy(vote, predictions(candidate)));
}
