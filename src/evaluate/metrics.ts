/** How good predictions are, once labels are known. Target labels reach this file and nothing that trains. */
import { usageError } from "../errors.ts";

export interface ClassMetrics {
  /** The class as the data name it. */
  readonly class: string;
  /** Right among those predicted as this class; 0 where none was predicted. */
  readonly precision: number;
  /** Right among those that are of this class; 0 where none is. */
  readonly recall: number;
  readonly f1: number;
  /** Rows that are of this class. */
  readonly support: number;
}

export interface Metrics {
  readonly rows: number;
  readonly accuracy: number;
  /** Mean recall over the classes that occur; those that the model does not know are one more, of recall 0. */
  readonly balancedAccuracy: number;
  /** Mean F1 over the classes that occur or are predicted; those that the model does not know are one more, of F1 0. */
  readonly macroF1: number;
  readonly perClass: readonly ClassMetrics[];
  /** confusion[truth][prediction], counts. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Counts of (truth, prediction). A truth of -1 is a class that the model does not know: such a row is in no cell, and
 * wrong whatever is predicted.
 */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  if (truth.length !== predicted.length) {
    throw usageError(
      "metrics-length",
      `metrics: expected as many predictions as labels (${truth.length}), got ${predicted.length}`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) {
    const column = predicted[i] ?? -1;
    if (truth[i] === -1) continue;
    const row = counts[truth[i] ?? -1];
    if (row === undefined || column < 0 || column >= classes) {
      throw usageError(
        "metrics-class",
        `metrics: expected classes from 0 to ${classes - 1}, got ${truth[i]} and ${column} in row ${i}`,
      );
    }
    row[column] = (row[column] ?? 0) + 1;
  }
  return counts;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const mean = (values: readonly number[]): number =>
  ratio(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );

/** All metrics from class indices. */
export function metrics(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: readonly string[]): Metrics {
  const confusion = confusionMatrix(truth, predicted, classes.length);
  const predictedCounts = classes.map(() => 0);
  for (let i = 0; i < predicted.length; i++) {
    const c = predicted[i] ?? -1;
    predictedCounts[c] = (predictedCounts[c] ?? 0) + 1;
  }
  const perClass = classes.map((name, c): ClassMetrics => {
    const support = (confusion[c] ?? []).reduce((sum, count) => sum + count, 0);
    const right = confusion[c]?.[c] ?? 0;
    const precision = ratio(right, predictedCounts[c] ?? 0);
    const recall = ratio(right, support);
    return { class: name, precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
  });
  const unknown = Array.from(truth).includes(-1) ? [0] : [];
  const right = confusion.reduce((sum, row, c) => sum + (row[c] ?? 0), 0);
  return {
    rows: truth.length,
    accuracy: ratio(right, truth.length),
    balancedAccuracy: mean([...perClass.filter((c) => c.support > 0).map((c) => c.recall), ...unknown]),
    macroF1: mean([
      ...perClass.filter((c, i) => c.support > 0 || (predictedCounts[i] ?? 0) > 0).map((c) => c.f1),
      ...unknown,
    ]),
    perClass,
    confusion,
  };
}

/** Share of rows that are right: what is computed at every epoch. */
export function accuracy(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right++;
  return ratio(right, truth.length);
}
