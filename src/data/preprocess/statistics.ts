/** Moments of training rows, in float64 and in two passes, so that large offsets do not cancel. */
import type { Moments } from "./spec.ts";

/** Deviations below this share of the mean are rounding: the column is constant and keeps its scale. */
const negligible = 1e-7;

/** The divisor for a standard deviation; 1 where there is nothing to divide by. */
export const usableScale = (deviation: number, mean: number): number =>
  deviation > negligible * Math.abs(mean) && deviation > 0 ? deviation : 1;

/** Mean and standard deviation (divisor n) of the numbers that are not NaN; undefined when there are none. */
export function columnMoments(values: Float64Array): { mean: number; deviation: number } | undefined {
  let present = 0;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    present++;
    sum += value;
  }
  if (present === 0) return undefined;
  const mean = sum / present;
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / present) };
}

/** The middle of the numbers that are not NaN. */
export function median(values: Float64Array): number | undefined {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const middle = present.length >> 1;
  const upper = present[middle];
  if (upper === undefined) return undefined;
  return present.length % 2 === 1 ? upper : ((present[middle - 1] ?? upper) + upper) / 2;
}

/** Visits every row in order as dense numbers; the array is reused. */
export type RowVisitor = (visit: (row: ArrayLike<number>) => void) => void;

/** Mean and scale of each feature over all rows. */
export function featureMoments(width: number, rows: number, eachRow: RowVisitor): Moments {
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  const divisor = Math.max(1, rows);
  eachRow((row) => {
    for (let i = 0; i < width; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0);
  });
  for (let i = 0; i < width; i++) mean[i] = (mean[i] ?? 0) / divisor;
  eachRow((row) => {
    for (let i = 0; i < width; i++) squares[i] = (squares[i] ?? 0) + ((row[i] ?? 0) - (mean[i] ?? 0)) ** 2;
  });
  const scale = Array.from(squares, (sum, i) => usableScale(Math.sqrt(sum / divisor), mean[i] ?? 0));
  return { mean: Array.from(mean), scale };
}
