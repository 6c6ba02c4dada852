/** Gradients of the operators that keep their operand's shape. */

import type { Var } from "../node.ts";
import type { UnaryOp } from "../operator-names.ts";
import { fullLike } from "../ops/constants.ts";
import { add, cast, cos, div, exp, hardSigmoid, mul, neg, sigmoid, sin, square, sub } from "../ops/elementwise.ts";
import { isFloat } from "../tensor.ts";
import { atLeast, below, positive } from "./masks.ts";
import type { Backward, Rule, Rules } from "./rule.ts";

/** A rule with one input, from the derivative as a function of input and output. */
const times =
  (derivative: (x: Var, y: Var, backward: Backward) => Var | number): Rule =>
  (backward) => [() => mul(backward.g, derivative(backward.input(0), backward.y, backward))];

const float = (backward: Backward, name: string, fallback: number): number =>
  (backward.attributes[name] as number | undefined) ?? fallback;

export const unaryRules: Rules<UnaryOp> = {
  Neg: ({ g }) => [() => neg(g)],
  /** 0 at 0, as PyTorch has it. */
  Abs: times((x) => sub(positive(x), positive(neg(x)))),
  Sign: "stopped",
  Exp: times((_, y) => y),
  Log: ({ g, input }) => [() => div(g, input(0))],
  Sqrt: ({ g, y }) => [() => div(mul(g, 0.5), y)],
  Reciprocal: times((_, y) => neg(square(y))),
  Sin: times((x) => cos(x)),
  Cos: times((x) => neg(sin(x))),
  Floor: "stopped",
  Ceil: "stopped",
  Round: "stopped",
  Erf: times((x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  Sigmoid: times((_, y) => sub(y, square(y))),
  Tanh: times((_, y) => sub(1, square(y))),
  /** 0 at 0. */
  Relu: times((_, y) => positive(y)),
  Softplus: times((x) => sigmoid(x)),
  /** alpha at 0. */
  LeakyRelu: times((x, _, backward) => {
    const alpha = float(backward, "alpha", 0.01);
    return add(mul(positive(x), 1 - alpha), alpha);
  }),
  /** alpha at 0; below it alpha exp(x) = y + alpha. */
  Elu: times((x, y, backward) => {
    const mask = positive(x);
    return add(mask, mul(sub(1, mask), add(y, float(backward, "alpha", 1))));
  }),
  /** 0 where the line ends. */
  HardSigmoid: (backward) => {
    const { g, y } = backward;
    // The slope comes last: masks have a huge one, which must meet its zeros before it meets g.
    return [() => mul(mul(g, mul(positive(y), below(y, 1))), float(backward, "alpha", 0.2))];
  },
  /** x h(x) with h the hard sigmoid of slope 1/6: h + x h'. */
  HardSwish: times((x) => {
    const h = hardSigmoid(x, 1 / 6, 0.5);
    return add(h, mul(mul(x, 1 / 6), mul(positive(h), below(h, 1))));
  }),
  /** Passes at the bounds, as PyTorch's clamp does. */
  Clip: ({ g, node, input }) => {
    const [x, low, high] = [input(0), node.inputs[1], node.inputs[2]];
    const notUnder = low === undefined ? undefined : atLeast(x, low);
    const notOver = high === undefined ? undefined : atLeast(high, x);
    const inside = [notUnder, notOver].filter((mask) => mask !== undefined);
    return [
      () => inside.reduce(mul, g),
      () => (notUnder === undefined ? fullLike(g, 0) : mul(g, sub(1, notUnder))),
      () => (notOver === undefined ? fullLike(g, 0) : mul(g, sub(1, notOver))),
    ];
  },
  Identity: ({ g }) => [() => g],
  Cast: ({ g, input }) => [isFloat(input(0).type.dtype) ? () => cast(g, input(0).type.dtype) : undefined],
  Not: "stopped",
  IsNaN: "stopped",
};
