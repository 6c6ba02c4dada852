/** Gradients of reductions and of softmax. */

import { productOf } from "../dims.ts";
import { reducedAxes } from "../inference/reductions.ts";
import type { Var } from "../node.ts";
import type { ReductionOp } from "../operator-names.ts";
import { ints, type Operand } from "../ops/constants.ts";
import { add, cast, div, equal, exp, indicator, mul, sub } from "../ops/elementwise.ts";
import { expandLike, gather, shapeOf, squeeze, unsqueeze } from "../ops/layout.ts";
import { reduceProd, reduceSum } from "../ops/reduction.ts";
import { atLeast } from "./masks.ts";
import type { Backward, Rule, Rules } from "./rule.ts";

interface Reduced {
  readonly x: Var;
  readonly axes: readonly number[];
  /** The gradient and the result with the reduced axes kept at size 1. */
  readonly g: () => Var;
  readonly y: () => Var;
}

function reduced(backward: Backward): Reduced {
  const { node, attributes, input } = backward;
  const axes = reducedAxes(node);
  const keep = (variable: Var): Var => (attributes.keepdims === 0 ? unsqueeze(variable, axes) : variable);
  return { x: input(0), axes, g: () => keep(backward.g), y: () => keep(backward.y) };
}

const reduction =
  (gradient: (reduced: Reduced) => Var): Rule =>
  (backward) => [() => gradient(reduced(backward))];

/** The number of elements along axes: a number when the sizes are. */
export function countAlong(x: Var, axes: readonly number[]): Operand {
  const count = productOf(axes.map((axis) => x.type.shape[axis] ?? 1));
  if (typeof count === "number") return count;
  return squeeze(cast(reduceProd(gather(shapeOf(x), ints(axes)), { keepDims: true }), x.type.dtype), [0]);
}

/** Places that hold the extreme (a mask of ones) share the gradient in equal parts: the sum is kept, ties or not. */
const share = (holders: Var, g: Var, axes: readonly number[]): Var =>
  mul(holders, div(g, reduceSum(holders, { axes, keepDims: true })));

/** The gradient of a maximum along axes; PyTorch's amax shares in the same way. */
export const maximumGradient = (x: Var, y: Var, g: Var, axes: readonly number[]): Var => share(atLeast(x, y), g, axes);

/**
 * The product of the other elements. With p the product of those that are not 0: y / x without zeros; with one zero,
 * p at the zero and 0 elsewhere; with more, 0.
 */
const product = reduction(({ x, axes, g }) => {
  const zero = indicator(equal(x, 0), x);
  const zeros = reduceSum(zero, { axes, keepDims: true });
  const filled = add(x, zero);
  const others = div(reduceProd(filled, { axes, keepDims: true }), filled);
  const [none, one] = [indicator(equal(zeros, 0), x), indicator(equal(zeros, 1), x)];
  return mul(mul(g(), others), add(mul(sub(1, zero), none), mul(zero, one)));
});

const softmaxAxis = ({ attributes }: Backward): number => (attributes.axis as number | undefined) ?? -1;

export const reductionRules: Rules<ReductionOp> = {
  ReduceSum: reduction(({ x, g }) => expandLike(g(), x)),
  ReduceMean: reduction(({ x, g, axes }) => {
    const count = countAlong(x, axes);
    return expandLike(typeof count === "number" ? mul(g(), 1 / count) : div(g(), count), x);
  }),
  ReduceMax: reduction(({ x, y, g, axes }) => maximumGradient(x, y(), g(), axes)),
  ReduceMin: reduction(({ x, y, g, axes }) => share(atLeast(y(), x), g(), axes)),
  ReduceProd: product,
  /** x / |x|, and 0 at 0. */
  ReduceL2: reduction(({ x, g, y }) => mul(x, div(g(), add(y(), indicator(equal(y(), 0), x))))),
  ArgMax: "stopped",
  /** y (g - sum g y) */
  Softmax: (backward) => [
    () => {
      const weighted = mul(backward.g, backward.y);
      const sum = reduceSum(weighted, { axes: [softmaxAxis(backward)], keepDims: true });
      return sub(weighted, mul(backward.y, sum));
    },
  ],
  /** g - softmax(x) sum g */
  LogSoftmax: (backward) => [
    () => {
      const sum = reduceSum(backward.g, { axes: [softmaxAxis(backward)], keepDims: true });
      return sub(backward.g, mul(exp(backward.y), sum));
    },
  ],
};
