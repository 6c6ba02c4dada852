/**
 * What is seen of a model without target labels, for a target whose classes have other shares than the source's. Weighing
 * source rows by class (`methods/class-weights.ts`) trades accuracy on classes that are rare in the target for accuracy
 * on the frequent ones: on the source as it is that looks like harm, and predictions as uneven as the target like lost
 * classes.
 *
 *   accuracy   sum_i w_yi [right] / sum_i w_yi over source rows, w_j = q_j / p_j: that on a source of the target's shares q
 *   diversity  1 - KL(mean prediction || q) / ln C: 1 where the classes are predicted as often as they occur. For even q
 *              it is the entropy of the mean prediction over ln C, the validator `diversity`
 *   information  diversity - mean H(p) / ln C, in the same way
 *
 * A mean over classes would not do: where the source's classes are evenly frequent it is the plain accuracy. q is black
 * box shift estimation by source-only's held-out rows, never by the method's own weights: weights that ran away with it
 * (all on one class) would excuse what they have done.
 */
import { labelShiftWeights } from "../methods/class-weights.ts";
import { classShares } from "../task.ts";
import {
  entropy,
  type LabelledLogits,
  meanEntropy,
  meanProbability,
  predictions,
  type Scores,
  softmaxRows,
} from "./probabilities.ts";

export interface TargetShares {
  /** q / p of each class. */
  readonly weights: readonly number[];
  /** q, none of them 0. */
  readonly shares: readonly number[];
}

/** @param heldOut source rows that did not train, by source-only, as its logits of the target. */
export function estimateShares({ labels, logits: said }: LabelledLogits, target: Scores): TargetShares {
  const { classes } = said;
  const drawn = classShares(labels, classes);
  const weights = labelShiftWeights({
    classes,
    source: { logits: Float32Array.from(said.values), labels, drawn },
    target: { logits: Float32Array.from(target.values) },
  });
  // As if a row more of each class had been seen: a share of 0 would make one stray prediction infinitely wrong.
  const rows = target.rows + classes;
  return { weights, shares: weights.map((weight, c) => (weight * (drawn[c] ?? 0) * target.rows + 1) / rows) };
}

/** Accuracy where each row counts by the weight of its class; 0 where no row counts. */
export function weightedAccuracy({ labels, logits }: LabelledLogits, weights: readonly number[]): number {
  const predicted = predictions(logits);
  const weightOf = (label: number): number => weights[label] ?? 0;
  const whole = labels.reduce((sum, label) => sum + weightOf(label), 0);
  const right = labels.reduce((sum, label, row) => sum + (predicted[row] === label ? weightOf(label) : 0), 0);
  return whole === 0 ? 0 : right / whole;
}

/** How many rows of equal weight are worth as much (Kish): (sum w)^2 / sum w^2. */
export function effectiveRows(labels: Int32Array, weights: readonly number[]): number {
  let [sum, squares] = [0, 0];
  for (const label of labels) {
    const weight = weights[label] ?? 0;
    sum += weight;
    squares += weight ** 2;
  }
  return squares === 0 ? 0 : sum ** 2 / squares;
}

/** Diversity and information of target logits, for classes of these shares. */
export function decided(target: Scores, shares: readonly number[]): { diversity: number; information: number } {
  const p: Scores = { ...target, values: softmaxRows(target) };
  const mean = meanProbability(p);
  const nats = Math.log(p.classes);
  // -sum m ln q - H(m) = KL(m || q)
  const cross = mean.reduce((sum, share, c) => sum - share * Math.log(shares[c] ?? 1), 0);
  const diversity = 1 - (cross - entropy(mean)) / nats;
  return { diversity, information: diversity - meanEntropy(p) / nats };
}
