/**
 * Sharpness-aware minimisation of the task loss (Foret et al., ICLR 2021; for adversarial adaptation SDAT: Rangwani et al.,
 * ICML 2022): the gradient of what is minimised is taken where the label loss is worst nearby,
 *
 *   w~ = w + rho g / |g|,  g = dL_y/dw,      w <- w - mu d(objective)/dw at w~
 *
 * |g| over all parameters together. As in SDAT's release the whole objective is seen from w~ and the domain loss, which
 * should not be smoothed, has no part in where w~ lies. A step goes through the network twice.
 */
import { usageError } from "../errors.ts";
import { add, div, gradients, mul, reduceSum, sqrt, square, stopGradient } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Method, MethodContext, Objective } from "../methods/method.ts";
import type { StateSpec } from "../nn/layer.ts";
import { keepingStatistics, type Store } from "../nn/scope.ts";

/** Keeps a gradient of zero from being 0 / 0. */
const tiny = 1e-12;

export interface Sharpness {
  readonly method: Method;
  readonly store: Store;
  /** With the network as it is. */
  readonly context: MethodContext;
  readonly objective: Objective;
  /** Parameters that move. */
  readonly moved: readonly StateSpec[];
  readonly rho: number;
}

/** Gradients of the objective by what moves, in its order, seen from w~. The store is left as it was. */
export function sharpGradients({ method, store, context, objective, moved, rho }: Sharpness): Var[] {
  const { labelLoss } = objective.terms;
  if (labelLoss === undefined)
    throw usageError(
      "sharpness",
      `train.sharpness: expected a method with a label loss, got ${method.name}`,
      "Leave it out: there is no task loss to be made smooth.",
    );
  if (moved.length === 0) return [];
  const values = moved.map(({ name }) => store.variable(name));
  const slopes = gradients(labelLoss, values);
  const length = sqrt(
    add(
      slopes.map((slope) => reduceSum(square(slope))).reduce((sum, one) => add(sum, one)),
      tiny,
    ),
  );
  const there = values.map((value, i) => stopGradient(add(value, mul(div(slopes[i] ?? value, length), rho))));
  moved.forEach(({ name }, i) => {
    store.assign(name, there[i] ?? store.variable(name));
  });
  // Running statistics are those of the network as it is.
  const { loss } = method.objective({ ...context, scope: keepingStatistics(context.scope) });
  const seen = gradients(loss, there);
  moved.forEach(({ name }, i) => {
    store.assign(name, values[i] ?? store.variable(name));
  });
  return seen;
}
