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
  const bins = binned(logits, labels, weights);
  const total = bins.reduce((sum, { weight }) => sum + weight, 0);
  return total > 0 ? bins.reduce((sum, { gap }) => sum + Math.abs(gap), 0) / total : 0;
}

/** Rows of one bin: how sure the model is of them, and how often it is right. */
export interface ReliabilityBin {
  readonly rows: number;
  /** Mean of the highest probabilities. */
  readonly confidence: number;
  /** Share of the rows that are right. */
  readonly accuracy: number;
}

/** The bins behind the error of rows of equal weight, from unsure to sure; those without rows are left out. */
export const reliabilityBins = (logits: Scores, labels: ArrayLike<number>): ReliabilityBin[] =>
  binned(logits, labels).flatMap(({ rows, confidence, right }) =>
    rows === 0 ? [] : [{ rows, confidence: confidence / rows, accuracy: right / rows }],
  );

/** Sums over the rows of a bin. */
interface Bin {
  rows: number;
  confidence: number;
  right: number;
  weight: number;
  /** Of weight (right - confidence): |gap| is the bin's share times its gap, times the weight of all rows. */
  gap: number;
}

function binned(logits: Scores, labels: ArrayLike<number>, weights?: ArrayLike<number>): Bin[] {
  const { rows, classes } = logits;
  const probabilities = softmaxRows(logits);
  const said = predictions(logits);
  const bins = Array.from(
    { length: calibrationBins },
    (): Bin => ({
      ...{ rows: 0, confidence: 0, right: 0, weight: 0, gap: 0 },
    }),
  );
  for (let row = 0; row < rows; row++) {
    const confidence = probabilities[row * classes + (said[row] ?? 0)] ?? 0;
    const bin = bins[binOf(confidence)];
    if (bin === undefined) continue;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    const right = said[row] === labels[row] ? 1 : 0;
    bin.rows += 1;
    bin.confidence += confidence;
    bin.right += right;
    bin.weight += weight;
    bin.gap += weight * (right - confidence);
  }
  return bins;
}

const binOf = (confidence: number): number =>
  Math.min(calibrationBins, Math.max(1, Math.ceil(confidence * calibrationBins))) - 1;
