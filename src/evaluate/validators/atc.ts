/**
 * Average thresholded confidence (Garg et al., ICLR 2022): the confidence below which as many held-out source rows lie as
 * are wrong; the share of target rows above it estimates the accuracy on the target, 0 to 1, higher is better. Too high
 * for a model that is surer of the target than it should be.
 */
import type { Validator } from "../../train/validator.ts";
import { confidences, type LabelledLogits, predictions, type Scores, scoresOf } from "../probabilities.ts";

export const atc: Validator = {
  name: "atc",
  higherIsBetter: true,
  use: "selection",
  score({ sourceLogits, sourceLabels, targetLogits, classes }) {
    const source = { labels: sourceLabels, logits: scoresOf(sourceLogits, classes) };
    return thresholded(source, scoresOf(targetLogits, classes));
  },
};

/**
 * The estimate; null where there are no rows of a domain.
 * @param weights of source rows by class, for a target of other shares; default all the same.
 */
export function thresholded(
  { labels, logits }: LabelledLogits,
  target: Scores,
  weights?: readonly number[],
): number | null {
  if (labels.length === 0 || target.rows === 0) return null;
  const weightOf = (row: number): number => weights?.[labels[row] ?? 0] ?? 1;
  const predicted = predictions(logits);
  const wrong = labels.reduce((sum, label, row) => sum + (predicted[row] === label ? 0 : weightOf(row)), 0);
  const own = confidences(logits);
  const rising = Array.from(own.keys()).sort((a, b) => (own[a] ?? 0) - (own[b] ?? 0));
  let below = 0;
  // Sums of the same weights in another order: rounding is no row.
  const enough = wrong * (1 - 1e-12);
  const first = rising.find((row) => {
    if (below >= enough) return true;
    below += weightOf(row);
    return false;
  });
  const threshold = first === undefined ? Number.POSITIVE_INFINITY : (own[first] ?? 0);
  return confidences(target).filter((confidence) => confidence >= threshold).length / target.rows;
}
