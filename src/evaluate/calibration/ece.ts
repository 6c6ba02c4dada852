/**
 * The expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015; Guo et al., ICML 2017): rows are put into
 * 15 bins of equal width by their highest probability, ((b - 1) / 15, b / 15], and ECE = sum over the bins of the bin's
 * share of the rows times |accuracy - mean confidence|. From 0 up to 1. With importance weights w(x) = p_T(x) / p_S(x)
 * every share and mean is a weighted one: then it estimates the target's error from labelled source rows.
 */
import { predictions, type Scores, softmaxRows } from "../probabilities.ts";

const calibrationBins = 15;

/** ECE of logits; `weights` one a row, default all equal. A label of -1, a class that is not known, is never right. */
export function expectedCalibrationError(
  logits: Scores,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const { rows, classes } = logits;
  const probabilities = softmaxRows(logits);
  const said = predictions(logits);
  // Weighted sum of (right - confidence) of each bin: |.| of it is the bin's share times its gap, times the total.
  const gaps = new Float64Array(calibrationBins);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    const confidence = probabilities[row * classes + (said[row] ?? 0)] ?? 0;
    const bin = Math.min(calibrationBins, Math.max(1, Math.ceil(confidence * calibrationBins))) - 1;
    gaps[bin] = (gaps[bin] ?? 0) + weight * ((said[row] === labels[row] ? 1 : 0) - confidence);
    total += weight;
  }
  return total > 0 ? gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total : 0;
}
