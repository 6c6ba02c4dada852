/** |a_i - b_j|^2 between all rows of two matrices. */
import { add, matmul, mul, reduceSum, relu, square, sub, transpose } from "../../graph/index.ts";
import type { Var } from "../../graph/node.ts";

/**
 * [n, m] from a [n, F] and b [m, F], by |a|^2 + |b|^2 - 2 a b: one product of matrices, where all differences would take
 * [n, m, F] values. Rounding may bring equal rows below zero, hence the floor.
 */
export function squaredDistances(a: Var, b: Var): Var {
  const norms = (rows: Var, axis: number): Var =>
    axis === 1 ? reduceSum(square(rows), { axes: [1], keepDims: true }) : transpose(norms(rows, 1), [1, 0]);
  return relu(sub(add(norms(a, 1), norms(b, 0)), mul(matmul(a, transpose(b, [1, 0])), 2)));
}
