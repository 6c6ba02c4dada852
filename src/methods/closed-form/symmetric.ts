/** What the closed forms need of symmetric matrices. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface Eigen {
  /** From large to small. */
  readonly values: readonly number[];
  /** In columns, orthonormal. */
  readonly vectors: Matrix;
}

/** Of a symmetric matrix. */
export function eigen(matrix: Matrix): Eigen {
  const found = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = found.realEigenvalues.map((_, i) => i).sort((a, b) => eigenvalue(found, b) - eigenvalue(found, a));
  return {
    values: order.map((i) => eigenvalue(found, i)),
    vectors: found.eigenvectorMatrix.subMatrixColumn(order),
  };
}

const eigenvalue = ({ realEigenvalues }: EigenvalueDecomposition, i: number): number =>
  realEigenvalues[i] ?? Number.NaN;

/** A power of a symmetric positive definite matrix. */
export function symmetricPower(matrix: Matrix, exponent: number): Matrix {
  const { values, vectors } = eigen(matrix);
  return vectors.mmul(Matrix.diag(values.map((value) => value ** exponent))).mmul(vectors.transpose());
}

/**
 * The `count` vectors w in columns with the largest w^T numerator w for w^T denominator w = 1: the generalised eigenproblem
 * numerator w = mu denominator w. Both symmetric, the denominator positive definite.
 */
export function largestQuotients(numerator: Matrix, denominator: Matrix, count: number): Matrix {
  const lower = new CholeskyDecomposition(denominator).lowerTriangularMatrix;
  // L^-1 numerator L^-T has the same mu, and vectors L^T w.
  const half = solveLower(lower, numerator);
  const reduced = solveLower(lower, half.transpose());
  const leading = eigen(symmetrised(reduced)).vectors.subMatrix(0, numerator.rows - 1, 0, count - 1);
  return solveTransposed(lower, leading);
}

/** L^-1 B by substitution: the library's `solve` would decompose L once more, at many times the cost. */
function solveLower(lower: Matrix, right: Matrix): Matrix {
  const found = right.to2DArray();
  for (const [i, row] of found.entries()) {
    for (const [k, before] of found.slice(0, i).entries()) subtract(row, before, lower.get(i, k));
    divide(row, lower.get(i, i));
  }
  return new Matrix(found);
}

/** L^-T B. */
function solveTransposed(lower: Matrix, right: Matrix): Matrix {
  const found = right.to2DArray();
  for (const [i, row] of [...found.entries()].reverse()) {
    divide(row, lower.get(i, i));
    for (const [k, before] of found.slice(0, i).entries()) subtract(before, row, lower.get(i, k));
  }
  return new Matrix(found);
}

function subtract(row: number[], other: readonly number[], factor: number): void {
  for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) - factor * (other[j] ?? 0);
}

function divide(row: number[], by: number): void {
  for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) / by;
}

/** Rounding leaves a product of this kind not quite symmetric. */
const symmetrised = (matrix: Matrix): Matrix => Matrix.add(matrix, matrix.transpose()).mul(0.5);

/** Of rows [n, d], divided by n - 1: [d, d]. */
export function covariance(rows: Matrix): Matrix {
  const centred = rows.clone().subRowVector(rows.mean("column"));
  return centred
    .transpose()
    .mmul(centred)
    .div(rows.rows - 1);
}
