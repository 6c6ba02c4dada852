/**
 * Stepwise adaptive feature norm (Xu et al., ICCV 2019, equation 7): features of both domains grow a step at a time,
 *
 *   mean_i (|f_i| - (|f_i| as it is + step))^2
 *
 * whose value is always step^2 and whose gradient always pulls the norm up at the same force: small norms are what makes
 * target rows hard to tell apart.
 */
import { add, reduceMean, reduceSum, sqrt, square, stopGradient, sub } from "../../graph/index.ts";
import type { Var } from "../../graph/node.ts";

/** Keeps the gradient of the norm finite where a row's features are all 0 (dead ReLUs). */
const least = 1e-12;

/** Of rows [N, F]: a scalar. */
export function normGrowth(features: Var, step: number): Var {
  const norms = sqrt(add(reduceSum(square(features), { axes: [1] }), least));
  return reduceMean(square(sub(norms, add(stopGradient(norms), step))));
}
