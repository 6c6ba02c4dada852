/** What the closed forms need of symmetric matrices. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix, solve } from "ml-matrix";

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
  const half = solve(lower, numerator);
  const reduced = solve(lower, half.transpose());
  const leading = eigen(symmetrised(reduced)).vectors.subMatrix(0, numerator.rows - 1, 0, count - 1);
  return solve(lower.transpose(), leading);
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
