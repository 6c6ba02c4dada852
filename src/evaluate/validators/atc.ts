/**
 * Average thresholded confidence (Garg et al., ICLR 2022): the confidence below which as many held-out source rows lie as
 * are wrong; the share of target rows above it estimates the accuracy on the target, 0 to 1, higher is better. Too high
 * for a model that is surer of the target than it should be.
 *
 * Confidence is ln(p / (1 - p)) of the class predicted: the order of the largest probability, without the ties that
 * rounding to 1 makes.
 */
import type { Validator } from "../../train/validator.ts";
import { accuracy } from "../metrics.ts";
import { logSumExp, predictions } from "../probabilities.ts";

export const atc: Validator = {
  name: "atc",
  higherIsBetter: true,
  use: "selection",
  score({ sourceLogits, sourceLabels, targetLogits, classes }) {
    const rows = sourceLabels.length;
    const target = confidences(targetLogits, classes);
    if (rows === 0 || target.length === 0) return null;
    const right = accuracy(sourceLabels, predictions({ rows, classes, values: sourceLogits }));
    const wrong = rows - Math.round(right * rows);
    const threshold = confidences(sourceLogits, classes).sort()[wrong] ?? Number.POSITIVE_INFINITY;
    return target.filter((confidence) => confidence >= threshold).length / target.length;
  },
};

function confidences(logits: Float32Array, classes: number): Float64Array {
  const predicted = predictions({ rows: logits.length / classes, classes, values: logits });
  return Float64Array.from(predicted, (best, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return (own[best] ?? 0) - logSumExp(own.filter((_, c) => c !== best));
  });
}
