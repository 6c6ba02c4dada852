/** Gradients of the operators whose operands broadcast. The walker sums down to the operands' shapes. */
import { constantValue, type Var } from "../node.ts";
import type { BroadcastOp } from "../operator-names.ts";
import { add, div, equal, greater, indicator, log, mul, neg, pow, sub, where } from "../ops/elementwise.ts";
import { positive } from "./masks.ts";
import type { Backward, Rule, Rules } from "./rule.ts";
import { sumTo } from "./sums.ts";

/** Min (sign -1) and Max (sign 1): equal operands share the gradient in equal parts, as in PyTorch. */
const extreme =
  (direction: 1 | -1): Rule =>
  ({ g, y, node, input }) => {
    const operands = node.inputs.map((_, index) => input(index));
    if (operands.length === 1) return [() => g];
    if (operands.length === 2) {
      return [0, 1].map((index) => () => {
        const [mine, other] = [input(index), input(1 - index)];
        const [ahead, behind] = direction === 1 ? [mine, other] : [other, mine];
        const share = add(sub(positive(sub(ahead, behind)), positive(sub(behind, ahead))), 1);
        return mul(g, mul(share, 0.5));
      });
    }
    const holders = operands.map((operand) => indicator(equal(operand, y), y));
    return holders.map((mask) => () => mul(mask, div(g, holders.reduce(add))));
  };

const power: Rule = ({ g, y, input }) => {
  const [a, b] = [input(0), input(1)];
  const exponent = scalarOf(b);
  return [
    () => {
      if (exponent === 2) return mul(mul(g, 2), a);
      if (exponent !== undefined) return mul(g, mul(pow(a, exponent - 1), exponent));
      return mul(g, mul(b, pow(a, sub(b, 1))));
    },
    // No gradient to the exponent of a base that is not positive: 0^b is flat, (-1)^b is no function of real b.
    () => {
      const inside = greater(a, 0);
      return mul(g, mul(y, log(where(inside, a, 1))));
    },
  ];
};

function scalarOf(variable: Var): number | undefined {
  const value = constantValue(variable);
  return value?.data.length === 1 ? Number(value.data[0]) : undefined;
}

/** max(x, 0) + slope min(x, 0); the slope's at 0. */
const pRelu: Rule = ({ g, input }: Backward) => {
  const mask = positive(input(0));
  return [() => mul(g, add(mask, mul(sub(1, mask), input(1)))), () => mul(g, mul(sub(1, mask), input(0)))];
};

export const broadcastRules: Rules<BroadcastOp> = {
  Add: ({ g }) => [() => g, () => g],
  /** Summed before the sign is turned: a pass less where the operand was repeated. */
  Sub: ({ g, input }) => [() => g, () => neg(sumTo(g, input(1)))],
  Mul: ({ g, input }) => [() => mul(g, input(1)), () => mul(g, input(0))],
  Div: ({ g, y, input }) => [() => div(g, input(1)), () => neg(div(mul(g, y), input(1)))],
  Pow: power,
  /** a - b trunc(a / b), the floating-point remainder. */
  Mod: ({ g, y, input }) => [() => g, () => mul(g, div(sub(y, input(0)), input(1)))],
  Min: extreme(-1),
  Max: extreme(1),
  Equal: "stopped",
  Greater: "stopped",
  GreaterOrEqual: "stopped",
  Less: "stopped",
  LessOrEqual: "stopped",
  And: "stopped",
  Or: "stopped",
  /** `Where` and not a product: what was not chosen may be infinite, and must not turn into NaN. */
  Where: ({ g, input }) => [undefined, () => where(input(0), g, 0), () => where(input(0), 0, g)],
  PRelu: pRelu,
};
