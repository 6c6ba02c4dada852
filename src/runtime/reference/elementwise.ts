/** Arithmetic, comparison and elementary functions. */
import type { Node } from "../../graph/node.ts";
import type { BroadcastOp, UnaryOp } from "../../graph/operator-names.ts";
import { type DType, dtypeOfCode, isFloat } from "../../graph/tensor.ts";
import {
  at,
  broadcastDims,
  broadcastPositions,
  generate,
  intOf,
  type Kernel,
  type Kernels,
  required,
  type Value,
} from "./value.ts";

const map =
  (f: (x: number, node: Node) => number, result?: DType): Kernel =>
  (inputs, node) => {
    const x = required(inputs, 0);
    return [generate(result ?? x.dtype, x.dims, (i) => f(at(x.data, i), node))];
  };

const floatOf = (node: Node, name: string, fallback: number): number =>
  (node.attributes[name] as number | undefined) ?? fallback;

/**
 * erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6): all terms have one sign,
 * so nothing cancels. Beyond 6 it is 1 in float64.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** x limited to [0, 1]. */
const unit = (x: number): number => Math.min(Math.max(x, 0), 1);

function castTo(dtype: DType, x: number): number {
  if (isFloat(dtype)) return x;
  if (dtype === "bool") return x === 0 ? 0 : 1;
  const whole = Math.trunc(x);
  if (dtype === "uint8") return whole & 0xff;
  return dtype === "int32" ? whole | 0 : whole;
}

const cast: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const dtype = dtypeOfCode(intOf(node, "to", 0)) ?? x.dtype;
  return [generate(dtype, x.dims, (i) => castTo(dtype, at(x.data, i)))];
};

const clip: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const low = inputs[1]?.data[0] ?? Number.NEGATIVE_INFINITY;
  const high = inputs[2]?.data[0] ?? Number.POSITIVE_INFINITY;
  return [generate(x.dtype, x.dims, (i) => Math.min(Math.max(at(x.data, i), low), high))];
};

export const unaryKernels: Kernels<UnaryOp> = {
  Neg: map((x) => -x),
  Abs: map(Math.abs),
  Sign: map(Math.sign),
  Exp: map(Math.exp),
  Log: map(Math.log),
  Sqrt: map(Math.sqrt),
  Reciprocal: map((x) => 1 / x),
  Sin: map(Math.sin),
  Cos: map(Math.cos),
  Floor: map(Math.floor),
  Ceil: map(Math.ceil),
  Round: map(roundHalfEven),
  Erf: map(erf),
  Sigmoid: map(sigmoid),
  Tanh: map(Math.tanh),
  Relu: map((x) => Math.max(x, 0)),
  // log(1 + exp(x)) without overflow
  Softplus: map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  LeakyRelu: map((x, node) => (x >= 0 ? x : floatOf(node, "alpha", 0.01) * x)),
  Elu: map((x, node) => (x > 0 ? x : floatOf(node, "alpha", 1) * Math.expm1(x))),
  HardSigmoid: map((x, node) => unit(floatOf(node, "alpha", 0.2) * x + floatOf(node, "beta", 0.5))),
  HardSwish: map((x) => x * unit(x / 6 + 0.5)),
  Identity: (inputs) => [required(inputs, 0)],
  Not: map((x) => (x === 0 ? 1 : 0), "bool"),
  IsNaN: map((x) => (Number.isNaN(x) ? 1 : 0), "bool"),
  Cast: cast,
  Clip: clip,
};

/** Applies f to the broadcast operands; the result has the type of operand `like`, or a given one. */
function broadcast(
  operands: readonly Value[],
  like: number | DType,
  f: (...values: number[]) => number,
): readonly Value[] {
  const dims = broadcastDims(operands.map((operand) => operand.dims));
  const from = operands.map((operand) => broadcastPositions(operand.dims, dims));
  const dtype = typeof like === "number" ? required(operands, like).dtype : like;
  return [
    generate(dtype, dims, (i) => f(...operands.map((operand, which) => at(operand.data, at(from[which] ?? [], i))))),
  ];
}

const binary =
  (f: (a: number, b: number) => number): Kernel =>
  (inputs) =>
    broadcast([required(inputs, 0), required(inputs, 1)], 0, f);

const test =
  (f: (a: number, b: number) => boolean): Kernel =>
  (inputs) =>
    broadcast([required(inputs, 0), required(inputs, 1)], "bool", (a, b) => (f(a, b) ? 1 : 0));

const all =
  (f: (...values: number[]) => number): Kernel =>
  (inputs) =>
    broadcast(
      inputs.map((_, index) => required(inputs, index)),
      0,
      f,
    );

/** Integers round towards zero. */
const divide: Kernel = (inputs) => {
  const whole = !isFloat(required(inputs, 0).dtype);
  return binary((a, b) => (whole ? Math.trunc(a / b) : a / b))(inputs, emptyNode);
};

/** With fmod the remainder has the sign of a, else of b. */
const remainder: Kernel = (inputs, node) =>
  binary((a, b) => (intOf(node, "fmod", 0) === 1 ? a % b : a - b * Math.floor(a / b)))(inputs, node);

/** Kernels that read no attributes are handed none. */
const emptyNode: Node = { op: "Identity", inputs: [], attributes: {}, outputs: [] };

export const broadcastKernels: Kernels<BroadcastOp> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: divide,
  Pow: binary((a, b) => a ** b),
  Mod: remainder,
  Min: all(Math.min),
  Max: all(Math.max),
  Equal: test((a, b) => a === b),
  Greater: test((a, b) => a > b),
  GreaterOrEqual: test((a, b) => a >= b),
  Less: test((a, b) => a < b),
  LessOrEqual: test((a, b) => a <= b),
  And: test((a, b) => a !== 0 && b !== 0),
  Or: test((a, b) => a !== 0 || b !== 0),
  Where: (inputs) =>
    broadcast([required(inputs, 0), required(inputs, 1), required(inputs, 2)], 1, (condition, a, b) =>
      condition === 0 ? b : a,
    ),
  PRelu: binary((x, slope) => (x >= 0 ? x : slope * x)),
};
