/**
 * Alignments in closed form: each finds an affine map a domain, after which an ordinary classifier of mapped source rows serves
 * mapped target rows. Being affine, the whole remains a graph of two products. No target label is read.
 */
import { Matrix } from "ml-matrix";
import { usageError } from "../../errors.ts";

/** x -> (x - shift) weights, weights [d, k]. */
export interface AffineMap {
  readonly shift: readonly number[];
  readonly weights: Matrix;
}

export interface Alignment {
  readonly source: AffineMap;
  readonly target: AffineMap;
}

/** Rows [n, d] of each domain, of equal width. */
export interface DomainRows {
  readonly source: Matrix;
  readonly target: Matrix;
}

/** Columns above this would take minutes: the decompositions take the cube of their number. */
export const mostColumns = 1024;

export const mapped = ({ shift, weights }: AffineMap, rows: Matrix): Matrix =>
  rows
    .clone()
    .subRowVector([...shift])
    .mmul(weights);

/** Refuses what the closed forms cannot work on. */
export function requireRows({ source, target }: DomainRows, name: string): void {
  if (source.columns !== target.columns)
    throw usageError(
      "alignment-width",
      `${name}: expected rows of equal width, got ${source.columns} and ${target.columns}`,
    );
  if (source.columns > mostColumns)
    throw usageError(
      "alignment-columns",
      `${name}: expected at most ${mostColumns} columns, got ${source.columns}`,
      "Take fewer columns, or a method that trains a network.",
    );
  const least = Math.min(source.rows, target.rows);
  if (least < 2) throw usageError("alignment-rows", `${name}: expected at least 2 rows of each domain, got ${least}`);
}

/** Dense rows as readers return them, row-major. */
export const matrixOf = (dense: { rows: number; width: number; values: Float32Array }): Matrix =>
  Matrix.from1DArray(dense.rows, dense.width, Array.from(dense.values));
