/** Columns of zero mean and unit variance. */
import type { Matrix } from "./logistic.ts";

/** A matrix that may be written to. */
export type Writable = Matrix & { readonly values: Float64Array };

/** By the statistics of the fitted rows, in place, these and others. Constant columns become zero. */
export function standardise(fitted: Writable, ...others: readonly Writable[]): void {
  const apply = standardiser(fitted);
  for (const part of [fitted, ...others]) apply(part);
}

/** The same for rows that come later, in place: the fitted rows' statistics are kept. */
export function standardiser({ rows, width, values }: Matrix): (part: Writable) => void {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  // Row by row, as the memory lies.
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < width; j++, at++) {
      const value = values[at] as number;
      mean[j] = (mean[j] as number) + value;
      scale[j] = (scale[j] as number) + value * value;
    }
  }
  for (let j = 0; j < width; j++) {
    const average = (mean[j] as number) / rows;
    const deviation = Math.sqrt(Math.max(0, (scale[j] as number) / rows - average * average));
    mean[j] = average;
    scale[j] = deviation > 1e-9 ? 1 / deviation : 0;
  }
  return (part) => {
    for (let i = 0, at = 0; i < part.rows; i++) {
      for (let j = 0; j < width; j++, at++)
        part.values[at] = ((part.values[at] as number) - (mean[j] as number)) * (scale[j] as number);
    }
  };
}
