/** From logits to probabilities and predictions, in float64: scores must not depend on the engine's rounding. */
import { softmaxRows as softmaxOf } from "../softmax-rows.ts";

/** Logits or probabilities, row-major: `rows` x `classes`. */
export interface Scores {
  readonly rows: number;
  readonly classes: number;
  readonly values: ArrayLike<number>;
}

/** Logits of rows whose class indices are known. */
export interface LabelledLogits {
  readonly labels: Int32Array;
  readonly logits: Scores;
}

/** Scores of so many classes; the array says how many rows. */
export const scoresOf = (values: ArrayLike<number>, classes: number): Scores => ({
  rows: values.length / classes,
  classes,
  values,
});

/** Softmax of each row. */
export const softmaxRows = ({ classes, values }: Scores): Float64Array => softmaxOf(values, classes);

/** The class of the highest score of each row; the lowest index wins a tie. */
export function predictions({ rows, classes, values }: Scores): Int32Array {
  const result = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if ((values[at + c] ?? 0) > (values[at + best] ?? 0)) best = c;
    result[row] = best;
  }
  return result;
}

/** Mean probability of each class over the rows. */
export function meanProbability({ rows, classes, values }: Scores): Float64Array {
  const mean = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < classes; c++) mean[c] = (mean[c] ?? 0) + (values[row * classes + c] ?? 0) / rows;
  }
  return mean;
}

/** Entropy of a distribution in nats; 0 ln 0 = 0. */
export function entropy(distribution: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < distribution.length; i++) {
    const p = distribution[i] ?? 0;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

/** Effective number of classes, exp(H): C where all are used alike, 1 where one is. */
export const effectiveNumber = (shares: readonly number[]): number => Math.exp(entropy(shares));

/** Mean over the rows of each row's entropy, in nats. */
export function meanEntropy({ rows, classes, values }: Scores): number {
  let sum = 0;
  for (let i = 0; i < rows * classes; i++) {
    const p = values[i] ?? 0;
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum / rows;
}

/** ln sum e^z without overflow; of no logits minus infinity. */
export function logSumExp(logits: ArrayLike<number>): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) highest = Math.max(highest, logits[c] ?? 0);
  if (highest === Number.NEGATIVE_INFINITY) return highest;
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += Math.exp((logits[c] ?? 0) - highest);
  return highest + Math.log(sum);
}

/**
 * ln(p / (1 - p)) of the class that each row is taken for, from logits: the order of the largest probability, without the
 * ties that rounding to 1 makes.
 */
export function confidences({ rows, classes, values }: Scores): Float64Array {
  const predicted = predictions({ rows, classes, values });
  return Float64Array.from(predicted, (best, row) => {
    const own = Array.from({ length: classes }, (_, c) => values[row * classes + c] ?? 0);
    return (own[best] ?? 0) - logSumExp(own.filter((_, c) => c !== best));
  });
}
