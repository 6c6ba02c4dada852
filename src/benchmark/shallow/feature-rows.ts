/**
 * What the learners of this folder do with a row: multiply it into weights and add it to them. A sparse row touches
 * only the weights of its entries, which is what makes single-example updates over 5,000 words cheap. Weights are
 * feature-major, [width, units], float64.
 */
import type { FeatureRows } from "../../data/preprocess/features.ts";
import { selectRows } from "../../data/select.ts";
import { usageError } from "../../errors.ts";

export type { FeatureRows };

/** Rows with the class index of each. */
export interface LabelledRows {
  readonly rows: FeatureRows;
  readonly labels: ArrayLike<number>;
}

/** into += x_row W. */
export function project(
  rows: FeatureRows,
  row: number,
  weights: Float64Array,
  units: number,
  into: Float64Array,
): void {
  const { values } = rows;
  const sparse = rows.kind === "sparse";
  const start = sparse ? (rows.offsets[row] as number) : row * rows.width;
  const end = sparse ? (rows.offsets[row + 1] as number) : start + rows.width;
  const feature = (entry: number): number => (sparse ? (rows.indices[entry] as number) : entry - start);
  let entry = start;
  for (; entry + 4 <= end; entry += 4)
    addFour(
      into,
      weights,
      units,
      values,
      entry,
      feature(entry),
      feature(entry + 1),
      feature(entry + 2),
      feature(entry + 3),
    );
  for (; entry < end; entry++) {
    const at = feature(entry) * units;
    const value = values[entry] as number;
    for (let j = 0; j < units; j++) into[j] = (into[j] as number) + value * (weights[at + j] as number);
  }
}

/**
 * into += four rows a, b, c, d of a matrix [_, units], times the four factors from `first` on: four together cost two
 * fifths of one after the other, since `into` is read and written once.
 */
export function addFour(
  into: Float64Array,
  matrix: Float64Array,
  units: number,
  factors: Float32Array | Float64Array,
  first: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  const [fa, fb] = [factors[first] as number, factors[first + 1] as number];
  const [fc, fd] = [factors[first + 2] as number, factors[first + 3] as number];
  const [ia, ib, ic, id] = [a * units, b * units, c * units, d * units];
  for (let j = 0; j < units; j++)
    into[j] =
      (into[j] as number) +
      fa * (matrix[ia + j] as number) +
      fb * (matrix[ib + j] as number) +
      fc * (matrix[ic + j] as number) +
      fd * (matrix[id + j] as number);
}

/** W += factor x_row (outer) delta, delta [units]. */
export function accumulate(
  rows: FeatureRows,
  row: number,
  delta: Float64Array,
  factor: number,
  weights: Float64Array,
): void {
  const { values } = rows;
  const units = delta.length;
  if (rows.kind === "sparse") {
    const end = rows.offsets[row + 1] as number;
    for (let entry = rows.offsets[row] as number; entry < end; entry++) {
      const at = (rows.indices[entry] as number) * units;
      const value = factor * (values[entry] as number);
      for (let j = 0; j < units; j++) weights[at + j] = (weights[at + j] as number) + value * (delta[j] as number);
    }
    return;
  }
  const start = row * rows.width;
  for (let i = 0; i < rows.width; i++) {
    const value = factor * (values[start + i] as number);
    if (value === 0) continue;
    const at = i * units;
    for (let j = 0; j < units; j++) weights[at + j] = (weights[at + j] as number) + value * (delta[j] as number);
  }
}

/** |x_row|^2. */
export function squaredNorm(rows: FeatureRows, row: number): number {
  const [from, to] =
    rows.kind === "sparse"
      ? [rows.offsets[row] as number, rows.offsets[row + 1] as number]
      : [row * rows.width, (row + 1) * rows.width];
  let sum = 0;
  for (let entry = from; entry < to; entry++) sum += (rows.values[entry] as number) ** 2;
  return sum;
}

export const pickRows = (rows: FeatureRows, indices: ArrayLike<number>): FeatureRows =>
  selectRows(rows, indices) as FeatureRows;

/** Rows with their labels. */
export const pickLabelled = ({ rows, labels }: LabelledRows, indices: Int32Array): LabelledRows => ({
  rows: pickRows(rows, indices),
  labels: Array.from(indices, (row) => labels[row] as number),
});

/** from, from + 1, ..., to - 1 */
export const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);

/** Rows of one set below those of another; both sparse or both dense, of equal width. */
export function stackRows(first: FeatureRows, second: FeatureRows): FeatureRows {
  if (first.kind !== second.kind || first.width !== second.width)
    throw usageError(
      "rows-stack",
      `expected rows of one kind and width, got ${first.kind} [${first.width}] and ${second.kind} [${second.width}]`,
    );
  const rows = first.rows + second.rows;
  const values = joined(new Float32Array(first.values.length + second.values.length), first.values, second.values);
  if (first.kind === "dense" || second.kind === "dense") return { kind: "dense", rows, width: first.width, values };
  const offsets = new Uint32Array(rows + 1);
  offsets.set(first.offsets);
  offsets.set(
    second.offsets.map((offset) => offset + first.values.length),
    first.rows,
  );
  const indices = joined(new Uint32Array(values.length), first.indices, second.indices);
  return { ...first, rows, offsets, indices, values };
}

function joined<A extends Float32Array | Uint32Array>(into: A, first: A, second: A): A {
  into.set(first);
  into.set(second, first.length);
  return into;
}
