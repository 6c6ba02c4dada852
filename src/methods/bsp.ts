/**
 * BSP, batch spectral penalisation (Chen et al., Transferability vs. Discriminability, ICML 2019): an adversary lets a
 * few directions of the features dominate, and classes drown in them. On top of one, the largest singular values of the
 * batch's features are kept small,
 *
 *   spectralWeight sum_{i <= k} (sigma_i(F_s)^2 + sigma_i(F_t)^2)         (equation 6; the paper: k 1, weight 1e-4)
 *
 * There is no singular value decomposition in a graph, and none is needed: with u the leading eigenvector of the Gram
 * matrix F F^T (or F^T F, whichever is smaller) as a constant, |F^T u|^2 has the value and the gradient 2 u u^T F of
 * sigma_1^2. u comes from squaring the matrix ten times, which is 1,024 power iterations without a start that could be
 * orthogonal to it; further ones from the same after taking off what was found. Equal singular values have no gradient
 * of their own; then u is one of their vectors.
 */
import { z } from "zod";
import {
  add,
  argMax,
  div,
  floats,
  gemm,
  matmul,
  mul,
  oneHot,
  reduceSum,
  sqrt,
  square,
  stopGradient,
  sub,
} from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import type { MethodRow } from "./row.ts";

const options = {
  spectralWeight: z.number().nonnegative().default(1e-4).describe("factor of BSP's squared singular values"),
  singularValues: z.int().positive().default(1).describe("how many of the largest singular values BSP penalises"),
};

export const bsp: MethodRow<typeof options> = {
  name: "bsp",
  description: "keeps the largest singular values of the features small, on top of an adversary",
  source: "Chen et al., Transferability vs. Discriminability: Batch Spectral Penalization, ICML 2019",
  role: {
    kind: "term",
    alone: false,
    bases: ["dann", "cdan", "vada"],
    because: "it repairs what an adversary does to the features",
  },
  options,
  ingredient: ({ spectralWeight, singularValues }) => ({
    objective({ source, target }) {
      const penalty = add(
        largestSquares(source.features, singularValues),
        largestSquares(target.features, singularValues),
      );
      return { loss: mul(penalty, spectralWeight), terms: { spectralPenalty: penalty } };
    },
  }),
};

/** Squarings of the Gram matrix: 2^10 power iterations. */
const squarings = 10;
/** Keeps features that are all zero from being 0 / 0. */
const tiny = 1e-30;

/** Sum of the squares of the largest singular values of rows [N, F]. */
export function largestSquares(rows: Var, count: number): Var {
  const [high, wide] = rows.type.shape;
  if (rows.type.shape.length !== 2 || typeof high !== "number" || typeof wide !== "number")
    throw operatorError("bsp", "features of a known size [N, F]", rows);
  const ofRows = high <= wide;
  const size = Math.min(high, wide);
  let gram = stopGradient(gemm(rows, rows, undefined, ofRows ? { transB: true } : { transA: true }));
  let sum: Var | undefined;
  // A batch has no more of them than rows or features.
  for (let i = 0; i < Math.min(count, size); i++) {
    const vector = leadingVector(gram, size);
    const image = ofRows ? gemm(rows, vector, undefined, { transA: true }) : matmul(rows, vector);
    const squared = reduceSum(square(image));
    sum = sum === undefined ? squared : add(sum, squared);
    gram = sub(gram, mul(gemm(vector, vector, undefined, { transB: true }), stopGradient(squared)));
  }
  return sum ?? reduceSum(mul(rows, 0));
}

/** Unit eigenvector [size, 1] of the largest eigenvalue of a symmetric matrix without negative ones, as a constant. */
function leadingVector(matrix: Var, size: number): Var {
  const ones = new Float32Array(size * size);
  for (let i = 0; i < size; i++) ones[i * size + i] = 1;
  const identity = floats([size, size], ones);
  const diagonal = (of: Var): Var => reduceSum(mul(of, identity), { axes: [1] });
  const normalised = (of: Var): Var => div(of, add(reduceSum(diagonal(of)), tiny));
  let power = normalised(matrix);
  for (let i = 0; i < squarings; i++) power = normalised(matmul(power, power));
  // What is left is u u^T: its column with the largest entry on the diagonal is u up to a factor that is not small.
  const chosen = oneHot(argMax(diagonal(power), { axis: 0, keepDims: true }), size);
  const column = gemm(power, chosen, undefined, { transB: true });
  return stopGradient(div(column, sqrt(add(reduceSum(square(column)), tiny))));
}
