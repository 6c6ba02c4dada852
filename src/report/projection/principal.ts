/**
 * Principal components of many rows, the leading few alone: subspace iteration (Halko, Martinsson and Tropp 2011,
 * algorithm 4.4), because a whole decomposition of some thousand columns takes minutes.
 */
import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import type { Random } from "../../random.ts";
import type { Rows } from "../run.ts";

export interface Principal {
  /** [rows, count] */
  readonly coordinates: Matrix;
  /** Share of the variance along each. */
  readonly shares: readonly number[];
}

/** Beyond the wanted ones: the last of them would converge slowly. */
const more = 6;
const iterations = 6;

export function principalComponents({ rows, width, values }: Rows, count: number, chance: Random): Principal {
  const centred = Matrix.from1DArray(rows, width, values);
  centred.subRowVector(centred.mean("column"));
  const total = centred.dot(centred);
  const kept = Math.min(count, rows, width);
  if (total === 0) return { coordinates: Matrix.zeros(rows, count), shares: new Array<number>(count).fill(0) };
  const size = Math.min(kept + more, rows, width);
  let basis = new Matrix(Array.from({ length: width }, () => Array.from({ length: size }, () => chance.normal())));
  const transposed = centred.transpose();
  for (let i = 0; i < iterations; i++)
    basis = new QrDecomposition(transposed.mmul(centred.mmul(basis))).orthogonalMatrix.subMatrix(
      0,
      width - 1,
      0,
      size - 1,
    );
  // Within the subspace the decomposition is small and exact.
  const within = centred.mmul(basis);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(within.transpose().mmul(within), {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0));
  const leading = order.slice(0, kept);
  const directions = basis.mmul(eigenvectorMatrix.subMatrixColumn(leading));
  for (let column = 0; column < kept; column++) if (isTurned(directions, column)) directions.mulColumn(column, -1);
  const coordinates = Matrix.zeros(rows, count);
  coordinates.setSubMatrix(centred.mmul(directions), 0, 0);
  return {
    coordinates,
    shares: Array.from({ length: count }, (_, i) => Math.max(0, realEigenvalues[leading[i] ?? -1] ?? 0) / total),
  };
}

/** A component's sign says nothing: the largest entry is made positive, so that it is the same everywhere. */
function isTurned(directions: Matrix, column: number): boolean {
  let largest = 0;
  for (let row = 0; row < directions.rows; row++) {
    const entry = directions.get(row, column);
    if (Math.abs(entry) > Math.abs(largest) + 1e-12) largest = entry;
  }
  return largest < 0;
}
