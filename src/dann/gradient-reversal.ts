/**
 * R_lambda, the gradient reversal layer: R_lambda(x) = x and dR_lambda/dx = -lambda I (arXiv 1409.7495, equations 7 and
 * 8). Behind it the domain classifier learns to tell the domains apart at full rate; before it the feature extractor
 * receives the same gradient with its sign turned, scaled by lambda: one gradient step goes towards the saddle point.
 *
 * lambda acts here and nowhere else. What scales the whole domain loss, the classifier's own learning included, is
 * `domainWeight` (`energy.ts`).
 */
import { neg, scaleGradient } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";

/** @param lambda a number, or a scalar of the graph: the schedule's value at this step. */
export const gradientReversal = (x: Var, lambda: Var | number): Var =>
  scaleGradient(x, typeof lambda === "number" ? -lambda : neg(lambda));
