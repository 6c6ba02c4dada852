/**
 * Features of both domains in the directions that hold most of their variance (principal components of the standardised
 * columns). A fresh classifier on all directions answers another question than whether domains lie apart: adapted features
 * keep offsets that are a small part of the spread, and a linear classifier finds them in directions that nothing else
 * lives in, while the label predictor does not notice.
 */
import { Matrix as Dense } from "ml-matrix";
import { eigen } from "../methods/closed-form/symmetric.ts";
import { random } from "../random.ts";
import type { Matrix } from "./logistic.ts";
import { pickRows, stackRows } from "./sample.ts";
import { standardiser, type Writable } from "./standardise.ts";

/** Share of the variance that the kept directions hold. */
export const leadingVariance = 0.95;
/** Most rows of each domain that the directions are fitted to: they cost the cube of what is smaller, rows or columns. */
const directionRows = 128;

export interface BothMatrices {
  readonly source: Matrix;
  readonly target: Matrix;
}

/** The rows, and how others are taken to the same directions. */
export interface BothLeading extends BothMatrices {
  project(rows: Matrix): Matrix;
}

/** @param seed draws the rows that the directions are fitted to, as many of each domain. */
export function leadingDirections({ source, target }: BothMatrices, seed: number): BothLeading {
  const each = Math.min(directionRows, source.rows, target.rows);
  const [own, other] = [source, target].map((matrix, domain) => {
    const order = random(seed).split("leading").split(domain);
    return pickRows(matrix, order.shuffle(Int32Array.from({ length: matrix.rows }, (_, row) => row)).slice(0, each));
  }) as [Matrix, Matrix];
  const { project } = leading([own, other]);
  return { source: project(source), target: project(target), project };
}

export interface Leading {
  /** Rows in the directions, [rows, k]; the fitted rows have the variance 1 in each. */
  project(rows: Matrix): Matrix;
  /** For each row the sum of its projections times these weights, [k], without working out the projections. */
  along(rows: Matrix, weights: Float64Array): Float64Array;
}

/** The leading directions of these rows, by whose statistics others of the same columns are standardised. */
export function leading(of: readonly Matrix[]): Leading {
  const fitted = stackRows(of);
  const centre = standardiser(fitted);
  centre(fitted);
  const directions = principal(fitted);
  const project = (rows: Matrix, on: readonly Float64Array[]): Matrix => {
    const own = stackRows([rows]);
    centre(own);
    return projected(own, on);
  };
  return {
    project: (rows) => project(rows, directions),
    along: (rows, weights) => Float64Array.from(project(rows, [combined(directions, weights)]).values),
  };
}

/** Directions [k, width] that hold `leadingVariance` of standardised rows, each of a length that gives the variance 1. */
function principal({ rows, width, values }: Matrix): readonly Float64Array[] {
  const all = Array.from({ length: rows }, (_, i) =>
    Float64Array.from({ length: width }, (__, j) => values[i * width + j] ?? 0),
  );
  // X X^T and X^T X have the same eigenvalues, and X^T takes the vectors of the first to those of the second.
  const inRows = rows < width;
  const { values: variances, vectors } = eigen(inRows ? products(all) : products(transposed(all, width)));
  const total = variances.reduce((sum, value) => sum + Math.max(0, value), 0);
  let [kept, held] = [0, 0];
  while (kept < variances.length && held < leadingVariance * total) held += Math.max(0, variances[kept++] ?? 0);
  return Array.from({ length: Math.max(1, kept) }, (_, k) => {
    const vector = Float64Array.from(vectors.getColumn(k));
    const direction = inRows ? combined(all, vector) : vector;
    // An eigenvalue is the sum of squares along its direction.
    const length = Math.hypot(...direction) * Math.sqrt(Math.max(0, variances[k] ?? 0) / rows);
    return direction.map((value) => (length > 0 ? value / length : 0));
  });
}

/** Inner products of all pairs, [n, n]. Loops over flat rows: the library's product takes several times as long. */
function products(rows: readonly Float64Array[]): Dense {
  const made = Dense.zeros(rows.length, rows.length);
  for (const [i, a] of rows.entries()) {
    for (const [j, b] of rows.slice(0, i + 1).entries()) {
      const product = dot(a, b, 0);
      made.set(i, j, product);
      made.set(j, i, product);
    }
  }
  return made;
}

const transposed = (rows: readonly Float64Array[], width: number): Float64Array[] =>
  Array.from({ length: width }, (_, j) => Float64Array.from(rows, (row) => row[j] as number));

/** The rows' sum by these factors. */
function combined(rows: readonly Float64Array[], factors: Float64Array): Float64Array {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  for (const [i, row] of rows.entries())
    for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) + (factors[i] as number) * (row[j] as number);
  return sum;
}

function projected({ rows, width, values }: Writable, directions: readonly Float64Array[]): Matrix {
  const made = new Float64Array(rows * directions.length);
  for (let i = 0, at = 0; i < rows; i++)
    for (const direction of directions) made[at++] = dot(direction, values, i * width);
  return { rows, width: directions.length, values: made };
}

/** Of a vector and what stands in `values` from `start` on. */
function dot(vector: Float64Array, values: Float64Array, start: number): number {
  let sum = 0;
  for (let j = 0; j < vector.length; j++) sum += (vector[j] as number) * (values[start + j] as number);
  return sum;
}
