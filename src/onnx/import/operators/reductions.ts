/** Reductions, softmax and products along axes. */

import { productOf } from "../../../graph/dims.ts";
import {
  abs,
  add,
  apply,
  argMax,
  cast,
  constant,
  div,
  exp,
  isFloat,
  log,
  logSoftmax,
  matmul,
  neg,
  type ReduceOptions,
  reduceL2,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reshape,
  softmax,
  sqrt,
  square,
  squeeze,
  stopGradient,
  sub,
  tensorOf,
  transpose,
  type Var,
} from "../../../graph/index.ts";
import { axesOf, axisOf, type Conversion, refuse } from "../conversion.ts";
import type { ImportRule, ImportRules } from "./rule.ts";

/** Axes are an attribute before opset 18 (13 for ReduceSum), then an operand; none of them means all. */
const reduction =
  (reduce: (x: Var, options: ReduceOptions) => Var): ImportRule =>
  (c) => {
    const x = c.input(0);
    const given = axesOf(c, 1);
    const keepDims = c.int("keepdims", 1) === 1;
    if (given === undefined || given.length === 0) {
      if (c.int("noop_with_empty_axes", 0) === 1) return reduce(x, { axes: [] });
      return x.type.shape.length === 0 ? reduce(x, { axes: [] }) : reduce(x, { keepDims });
    }
    return reduce(x, { axes: given.map((axis) => axisOf(axis, x.type.shape.length)), keepDims });
  };

/** log sum exp(x), with the largest element taken out so that nothing overflows. */
function logSumExp(x: Var, options: ReduceOptions): Var {
  if (options.axes?.length === 0) return x;
  const largest = stopGradient(reduceMax(x, { ...options, keepDims: true }));
  const sum = log(reduceSum(exp(sub(x, largest)), { ...options, keepDims: true }));
  const result = add(sum, largest);
  const axes = options.axes ?? [...x.type.shape.keys()];
  return options.keepDims === true ? result : squeeze(result, axes);
}

const argument = (sign: 1 | -1): ImportRule => {
  return (c) => {
    if (c.int("select_last_index", 0) !== 0) throw refuse(`${c.node.op} of the first of equals`, "of the last");
    const x = sign === 1 ? c.input(0) : neg(c.input(0));
    return argMax(x, { axis: c.int("axis", 0), keepDims: c.int("keepdims", 1) === 1 });
  };
};

/** Before opset 13 the operand is seen as a matrix whose columns are all axes from `axis` (default 1) on. */
const alongAxis =
  (f: (x: Var, axis: number) => Var): ImportRule =>
  (c) => {
    const x = c.input(0);
    const rank = x.type.shape.length;
    if (c.opset >= 13) return f(x, c.int("axis", -1));
    const axis = axisOf(c.int("axis", 1), rank);
    if (axis === rank - 1) return f(x, axis);
    const rest = productOf(x.type.shape.slice(axis));
    return reshape(f(reshape(x, [...x.type.shape.slice(0, axis), rest]), axis), x.type.shape);
  };

/** A running sum as a product with a triangle of ones. */
const cumSum: ImportRule = (c) => {
  const x = c.input(0);
  const rank = x.type.shape.length;
  const axis = axisOf(c.numbers(1)[0] ?? 0, rank);
  const size = x.type.shape[axis];
  if (typeof size !== "number" || size > 4096) throw refuse("CumSum along a size of at most 4096", `${size}`);
  const [exclusive, reverse] = [c.int("exclusive", 0) === 1, c.int("reverse", 0) === 1];
  const triangle = Array.from({ length: size * size }, (_, i) => {
    const [from, to] = [Math.floor(i / size), i % size];
    const ahead = reverse ? from - to : to - from;
    return Number(exclusive ? ahead > 0 : ahead >= 0);
  });
  // Whole numbers go through floats, which hold them up to 2^24.
  const numbers = isFloat(x.type.dtype) ? x : cast(x, "float32");
  const last = [...x.type.shape.keys()].map((at) => (at === axis ? rank - 1 : at === rank - 1 ? axis : at));
  const ones = constant(tensorOf(numbers.type.dtype, [size, size], triangle));
  return cast(transpose(matmul(transpose(numbers, last), ones), last), x.type.dtype);
};

const lpNormalization: ImportRule = (c) => {
  const x = c.input(0);
  const options = { axes: [axisOf(c.int("axis", -1), x.type.shape.length)], keepDims: true };
  const p = c.int("p", 2);
  if (p !== 1 && p !== 2) throw refuse("LpNormalization with p of 1 or 2", `${p}`);
  return div(x, p === 2 ? reduceL2(x, options) : reduceSum(abs(x), options));
};

const meanVariance: ImportRule = (c) => {
  const x = c.input(0);
  const options = { axes: c.ints("axes") ?? [0, 2, 3], keepDims: true };
  const centred = sub(x, reduceMean(x, options));
  return div(centred, add(sqrt(reduceMean(square(centred), options)), 1e-9));
};

const gemm: ImportRule = (c: Conversion) => {
  const { alpha, beta } = { alpha: c.float("alpha", 1), beta: c.float("beta", 1) };
  const [transA, transB] = [c.int("transA", 0), c.int("transB", 0)];
  const bias = c.optional(2);
  return apply("Gemm", bias === undefined ? [c.input(0), c.input(1)] : [c.input(0), c.input(1), bias], {
    ...(transA === 0 ? {} : { transA: 1 }),
    ...(transB === 0 ? {} : { transB: 1 }),
    ...(alpha === 1 ? {} : { alpha }),
    ...(beta === 1 ? {} : { beta }),
  });
};

export const reductionRules: ImportRules = {
  ReduceSum: reduction(reduceSum),
  ReduceMean: reduction(reduceMean),
  ReduceMax: reduction(reduceMax),
  ReduceMin: reduction(reduceMin),
  ReduceProd: reduction(reduceProd),
  ReduceL1: reduction((x, options) => reduceSum(abs(x), options)),
  ReduceL2: reduction(reduceL2),
  ReduceSumSquare: reduction((x, options) => reduceSum(square(x), options)),
  ReduceLogSum: reduction((x, options) => log(reduceSum(x, options))),
  ReduceLogSumExp: reduction(logSumExp),
  ArgMax: argument(1),
  ArgMin: argument(-1),
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  CumSum: cumSum,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  MatMul: (c) => matmul(c.input(0), c.input(1)),
  Gemm: gemm,
};
