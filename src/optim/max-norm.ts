/**
 * The l2-norm restriction that the paper uses with its SVHN network, "following Srivastava et al. (2014)": after each
 * update the incoming weights of every unit are scaled back to norm c if they are longer.
 */
import { div, maximum, minimum, mul, reduceSum, scalar, sqrt, square } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Optimizer } from "./optimizer.ts";

/** An optimiser with the restriction behind it. It applies to weights (what decays), never to biases or scales. */
export const withMaxNorm = (optimizer: Optimizer, maxNorm: number): Optimizer => ({
  ...optimizer,
  update(request) {
    const result = optimizer.update(request);
    return request.decay ? { ...result, value: restrict(result.value, maxNorm) } : result;
  },
});

/** Linear weights are [in, out]: a unit's weights lie along axis 0. Kernels are [out, in, ...]: along all axes but 0. */
function restrict(weight: Var, maxNorm: number): Var {
  const rank = weight.type.shape.length;
  if (rank < 2) return weight;
  const axes = rank === 2 ? [0] : Array.from({ length: rank - 1 }, (_, i) => i + 1);
  const norm = sqrt(reduceSum(square(weight), { axes, keepDims: true }));
  // The floor keeps an all-zero unit from dividing by zero; it never binds otherwise.
  return mul(weight, minimum(scalar(1), div(maxNorm, maximum(norm, 1e-12))));
}
