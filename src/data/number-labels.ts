/** Labels that are numbers: what a regression learns, standardised by the source's training rows. */
import { dataError } from "../errors.ts";
import type { LabelScale } from "../task.ts";
import type { Dataset } from "./dataset.ts";

/** The label as a number; undefined where it is none, or not finite. */
export function labelNumber(label: string): number | undefined {
  const value = label.trim() === "" ? Number.NaN : Number(label);
  return Number.isFinite(value) ? value : undefined;
}

/** The number of each row, all of which have a label. */
export function labelNumbers({ labels = [], origin }: Dataset): Float64Array {
  return Float64Array.from(labels, (label, row) => {
    const value = label === undefined ? undefined : labelNumber(label);
    if (value !== undefined) return value;
    throw dataError(
      "label-number",
      `${origin}: label of row ${row + 1}: expected a finite number, because the task is a regression, got ${label === undefined ? "none" : `"${label}"`}`,
      "Correct it, or leave --task out: then labels are classes.",
    );
  });
}

/** Mean and deviation of numbers. */
export function labelScale(numbers: Float64Array): LabelScale {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** (y - mean) / deviation, taken in float64: what is left is near 1, whatever the label's unit and offset. */
export const standardisedLabels = (numbers: Float64Array, { mean, deviation }: LabelScale): Float32Array =>
  Float32Array.from(numbers, (value) => (value - mean) / deviation);

/** The inverse: standardised numbers in the label's unit. */
export const inUnit = (standardised: ArrayLike<number>, { mean, deviation }: LabelScale): Float32Array =>
  Float32Array.from(standardised, (value) => value * deviation + mean);

/** Most parts that a hold-out takes its share of. */
const mostStrata = 10;

/**
 * Which part of the numbers' range each row is in, by equal counts: a hold-out that is stratified by them has low and
 * high labels as the whole has. As many as rows are held out, at most 10.
 */
export function labelStrata(numbers: Float64Array | Float32Array, fraction: number): Int32Array {
  const count = Math.max(1, Math.min(mostStrata, Math.round(fraction * numbers.length)));
  const order = Array.from(numbers.keys()).sort((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
  const strata = new Int32Array(numbers.length);
  for (const [place, row] of order.entries()) strata[row] = Math.floor((place * count) / numbers.length);
  return strata;
}
