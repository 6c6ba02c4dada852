/**
 * Deep CORAL (Sun and Saenko, ECCV Workshops 2016, equation 1): the distance of the domains' second moments,
 *
 *   |C_s - C_t|_F^2 / (4 F^2)
 *
 * C the covariance [F, F] of a batch, divided by its rows less one.
 */
import { div, matmul, reduceMean, reduceSum, square, sub, transpose } from "../../graph/index.ts";
import { operatorError, type Var } from "../../graph/node.ts";

/** Of rows [Ns, F] and [Nt, F], at least 2 of each: a scalar. */
export function covarianceDistance(source: Var, target: Var): Var {
  const [, width] = source.type.shape;
  if (typeof width !== "number") throw operatorError("covariance distance", "features [N, F]", source);
  return div(reduceSum(square(sub(covariance(source), covariance(target)))), 4 * width * width);
}

function covariance(x: Var): Var {
  const [rows] = x.type.shape;
  if (typeof rows !== "number" || rows < 2)
    throw operatorError("covariance distance", "a batch of at least 2 rows of each domain", x);
  const centred = sub(x, reduceMean(x, { axes: [0], keepDims: true }));
  return div(matmul(transpose(centred, [1, 0]), centred), rows - 1);
}
