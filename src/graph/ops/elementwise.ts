/** Arithmetic, comparison and elementary functions, element by element. */
import { apply, type Var } from "../node.ts";
import type { OpName } from "../operators.ts";
import { type DType, onnxTypeCodes } from "../tensor.ts";
import { type Operand, operandLike, operands } from "./constants.ts";

const binary =
  (op: OpName) =>
  (a: Operand, b: Operand): Var =>
    apply(op, operands(op, a, b));

const unary =
  (op: OpName) =>
  (x: Var): Var =>
    apply(op, [x]);

/** Operands of the binary operators broadcast; a number takes the other operand's type. */
export const add: (a: Operand, b: Operand) => Var = binary("Add");
export const sub: (a: Operand, b: Operand) => Var = binary("Sub");
export const mul: (a: Operand, b: Operand) => Var = binary("Mul");
export const div: (a: Operand, b: Operand) => Var = binary("Div");
export const pow: (a: Operand, b: Operand) => Var = binary("Pow");
export const minimum: (a: Operand, b: Operand) => Var = binary("Min");
export const maximum: (a: Operand, b: Operand) => Var = binary("Max");

export const equal: (a: Operand, b: Operand) => Var = binary("Equal");
export const greater: (a: Operand, b: Operand) => Var = binary("Greater");
export const greaterOrEqual: (a: Operand, b: Operand) => Var = binary("GreaterOrEqual");
export const less: (a: Operand, b: Operand) => Var = binary("Less");
export const lessOrEqual: (a: Operand, b: Operand) => Var = binary("LessOrEqual");

export const and = (a: Var, b: Var): Var => apply("And", [a, b]);
export const or = (a: Var, b: Var): Var => apply("Or", [a, b]);
export const not: (x: Var) => Var = unary("Not");
// biome-ignore lint/suspicious/noShadowRestrictedNames: the ONNX name, always imported by name
export const isNaN: (x: Var) => Var = unary("IsNaN");

/** The remainder: of integers with the sign of `b` (Python), of floats with the sign of `a` (C's fmod). */
export function mod(a: Operand, b: Operand): Var {
  const [left, right] = operands("Mod", a, b);
  return apply("Mod", [left, right], left.type.dtype.startsWith("float") ? { fmod: 1 } : {});
}

/** `a` where the condition holds, else `b`. */
export const where = (condition: Var, a: Operand, b: Operand): Var =>
  apply("Where", [condition, ...operands("Where", a, b)]);

/** Elements as another type; the same variable when nothing changes. */
export const cast = (x: Var, dtype: DType): Var =>
  x.type.dtype === dtype ? x : apply("Cast", [x], { to: onnxTypeCodes[dtype] });

export const neg: (x: Var) => Var = unary("Neg");
export const abs: (x: Var) => Var = unary("Abs");
export const sign: (x: Var) => Var = unary("Sign");
export const exp: (x: Var) => Var = unary("Exp");
export const log: (x: Var) => Var = unary("Log");
export const sqrt: (x: Var) => Var = unary("Sqrt");
export const reciprocal: (x: Var) => Var = unary("Reciprocal");
export const sin: (x: Var) => Var = unary("Sin");
export const cos: (x: Var) => Var = unary("Cos");
export const floor: (x: Var) => Var = unary("Floor");
export const ceil: (x: Var) => Var = unary("Ceil");
/** Halves go to the even neighbour. */
export const round: (x: Var) => Var = unary("Round");
export const erf: (x: Var) => Var = unary("Erf");
export const sigmoid: (x: Var) => Var = unary("Sigmoid");
export const tanh: (x: Var) => Var = unary("Tanh");
export const relu: (x: Var) => Var = unary("Relu");
/** log(1 + exp(x)) */
export const softplus: (x: Var) => Var = unary("Softplus");
/** x * min(max(x / 6 + 1 / 2, 0), 1) */
export const hardSwish: (x: Var) => Var = unary("HardSwish");
export const square = (x: Var): Var => mul(x, x);

/** x where x >= 0, else alpha * x. */
export const leakyRelu = (x: Var, alpha = 0.01): Var => apply("LeakyRelu", [x], { alpha });

/** x where x > 0, else slope * x; the slope broadcasts to x. */
export const pRelu = (x: Var, slope: Var): Var => apply("PRelu", [x, slope]);

/** x where x > 0, else alpha * (exp(x) - 1). */
export const elu = (x: Var, alpha = 1): Var => apply("Elu", [x], { alpha });

/** min(max(alpha * x + beta, 0), 1) */
export const hardSigmoid = (x: Var, alpha = 0.2, beta = 0.5): Var => apply("HardSigmoid", [x], { alpha, beta });

export interface ClipOptions {
  /** Default: no lower bound. */
  readonly min?: Operand;
  /** Default: no upper bound. */
  readonly max?: Operand;
}

/** min(max(x, min), max) */
export function clip(x: Var, options: ClipOptions): Var {
  const [low, high] = [options.min, options.max].map((bound) =>
    bound === undefined ? undefined : operandLike(bound, x),
  );
  return apply("Clip", high === undefined ? [x, low] : [x, low, high]);
}

export interface GeluOptions {
  /** `tanh` is the approximation of GPT-2; default `none`, by the error function (Hendrycks and Gimpel 2016). */
  readonly approximate?: "none" | "tanh";
}

/** x * Phi(x), Phi the standard normal distribution function. */
export function gelu(x: Var, options: GeluOptions = {}): Var {
  const half = mul(x, 0.5);
  if (options.approximate === "tanh") {
    const inner = mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return mul(half, add(tanh(inner), 1));
  }
  return mul(half, add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** x * sigmoid(x) */
export const silu = (x: Var): Var => mul(x, sigmoid(x));

/** Zero or one in x's type, as a float for masks that are multiplied. */
export const indicator = (condition: Var, like: Var): Var => cast(condition, like.type.dtype);
