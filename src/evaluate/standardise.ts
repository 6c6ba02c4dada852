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
  // Distances to the first row, then to the mean: squares of the values as they are would lose a spread that is small
  // beside them, and a constant column is constant to the bit. Row by row, as the memory lies.
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < width; j++, at++)
      mean[j] = (mean[j] as number) + ((values[at] as number) - (values[j] as number));
  for (let j = 0; j < width; j++) mean[j] = (values[j] as number) + (mean[j] as number) / rows;
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < width; j++, at++)
      scale[j] = (scale[j] as number) + ((values[at] as number) - (mean[j] as number)) ** 2;
  for (let j = 0; j < width; j++) {
    const deviation = Math.sqrt((scale[j] as number) / rows);
    scale[j] = deviation > 1e-9 ? 1 / deviation : 0;
  }
  return (part) => {
    for (let i = 0, at = 0; i < part.rows; i++) {
      for (let j = 0; j < width; j++, at++)
        part.values[at] = ((part.values[at] as number) - (mean[j] as number)) * (scale[j] as number);
    }
  };
}
