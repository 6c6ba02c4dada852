/** Arithmetic and elementary functions. */

import { dataError } from "../../../errors.ts";
import {
  abs,
  add,
  apply,
  cast,
  cos,
  div,
  elu,
  equal,
  exp,
  gelu,
  greater,
  indicator,
  mul,
  neg,
  not,
  sin,
  softplus,
  sub,
  tanh,
  type Var,
} from "../../../graph/index.ts";
import { type Conversion, refuse } from "../conversion.ts";
import { importedType, typeName } from "../tensor-data.ts";
import { direct, type ImportRule, type ImportRules, unary, variadic } from "./rule.ts";

/** The exponent may have a type of its own. */
const pow: ImportRule = (c) => {
  const [a, b] = [c.input(0), c.input(1)];
  return apply("Pow", [a, cast(b, a.type.dtype)]);
};

const castTo: ImportRule = (c) => {
  const code = c.int("to", 0);
  const dtype = importedType(code);
  if (dtype === undefined) {
    throw dataError("onnx-type", `expected a cast to floats, int32, int64, uint8 or bool, got ${typeName(code)}`);
  }
  return cast(c.input(0), dtype);
};

/** Bounds are operands since opset 11. A lower bound above the upper one gives the upper one, as in ours. */
const clip: ImportRule = (c) => {
  const x = c.input(0);
  const bound = (index: number): Var | undefined => {
    const found = c.optional(index);
    if (found === undefined || found.type.shape.length === 0) return found;
    throw refuse("Clip with scalar bounds", `[${found.type.shape.join(",")}]`);
  };
  const [low, high] = [bound(1), bound(2)];
  if (low === undefined && high === undefined) return x;
  return apply("Clip", high === undefined ? [x, low] : [x, low, high]);
};

/** max(0, x) + min(0, alpha (exp(x / alpha) - 1)) */
const celu = (x: Var, c: Conversion): Var => {
  const alpha = c.float("alpha", 1);
  return mul(elu(div(x, alpha)), alpha);
};

/** gamma * (x where x > 0, else alpha (exp(x) - 1)), with the constants of Klambauer et al. (2017). */
const selu = (x: Var, c: Conversion): Var =>
  mul(elu(x, c.float("alpha", 1.6732631921768188)), c.float("gamma", 1.0507010221481323));

/** From opset 14 on as an operator, x * min(max(x / 6 + 1 / 2, 0), 1). */
const mish = (x: Var): Var => mul(x, tanh(softplus(x)));

const mod: ImportRule = (c) => {
  const [a, b] = [c.input(0), c.input(1)];
  return apply("Mod", [a, b], c.int("fmod", 0) === 1 ? { fmod: 1 } : {});
};

export const elementwiseRules: ImportRules = {
  ...Object.fromEntries(
    (
      [
        "Neg",
        "Abs",
        "Sign",
        "Exp",
        "Log",
        "Sqrt",
        "Reciprocal",
        "Sin",
        "Cos",
        "Floor",
        "Ceil",
        "Round",
        "Erf",
        "Sigmoid",
        "Tanh",
        "Relu",
        "Softplus",
        "LeakyRelu",
        "Elu",
        "HardSigmoid",
        "HardSwish",
        "Not",
        "IsNaN",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Min",
        "Max",
        "Equal",
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "And",
        "Or",
        "Where",
        "PRelu",
      ] as const
    ).map((op) => [op, direct(op)]),
  ),
  Identity: unary((x) => x),
  Dropout: unary((x) => x),
  Cast: castTo,
  CastLike: (c) => cast(c.input(0), c.input(1).type.dtype),
  Clip: clip,
  Pow: pow,
  Mod: mod,
  Sum: variadic(add),
  Mean: (c) => {
    const sum = variadic(add)(c) as Var;
    return c.inputCount === 1 ? sum : mul(sum, 1 / c.inputCount);
  },
  Xor: (c) => not(equal(c.input(0), c.input(1))),
  Gelu: unary((x, c) => {
    const approximate = c.text("approximate", "none");
    if (approximate !== "none" && approximate !== "tanh")
      throw refuse("Gelu approximated by none or tanh", approximate);
    return gelu(x, { approximate });
  }),
  Mish: unary(mish),
  Selu: unary(selu),
  Celu: unary(celu),
  Softsign: unary((x) => div(x, add(abs(x), 1))),
  ThresholdedRelu: unary((x, c) => mul(x, indicator(greater(x, c.float("alpha", 1)), x))),
  Tan: unary((x) => div(sin(x), cos(x))),
  Sinh: unary((x) => mul(sub(exp(x), exp(neg(x))), 0.5)),
  Cosh: unary((x) => mul(add(exp(x), exp(neg(x))), 0.5)),
};
