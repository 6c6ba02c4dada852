/** Reductions along axes, and softmax. */
import type { ReductionOp } from "../../graph/operator-names.ts";
import { sizeOf } from "../../graph/tensor.ts";
import {
  at,
  axisOf,
  generate,
  integers,
  intOf,
  type Kernel,
  type Kernels,
  makeValue,
  positions,
  required,
  stridesOf,
  type Value,
} from "./value.ts";

/** For every element of x the group it is reduced into, the groups' shape with the reduced axes kept, and their size. */
interface Groups {
  readonly of: Int32Array;
  readonly dims: readonly number[];
  readonly size: number;
}

function groupsOf(x: Value, axes: readonly number[]): Groups {
  const dims = x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = stridesOf(dims).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  return { of: positions(x.dims, strides), dims, size: sizeOf(x.dims) / sizeOf(dims) };
}

/** Folds each group from `start` with `step`, then `finish`es it. */
function fold(
  x: Value,
  groups: Groups,
  start: number,
  step: (sum: number, value: number) => number,
  finish: (sum: number, size: number) => number = (sum) => sum,
): Float64Array {
  const data = new Float64Array(sizeOf(groups.dims)).fill(start);
  for (let i = 0; i < x.data.length; i++) {
    const group = at(groups.of, i);
    data[group] = step(at(data, group), at(x.data, i));
  }
  return data.map((sum) => finish(sum, groups.size));
}

const reduce =
  (
    start: number,
    step: (sum: number, value: number) => number,
    finish?: (sum: number, size: number) => number,
  ): Kernel =>
  (inputs, node) => {
    const x = required(inputs, 0);
    const given = inputs[1] === undefined ? [] : integers(inputs[1]).map((axis) => axisOf(axis, x.dims.length));
    const none = given.length === 0 && intOf(node, "noop_with_empty_axes", 0) === 1;
    const axes = given.length === 0 && !none ? [...x.dims.keys()] : given;
    const groups = groupsOf(x, axes);
    const keep = intOf(node, "keepdims", 1) === 1;
    const dims = keep ? groups.dims : x.dims.filter((_, axis) => !axes.includes(axis));
    return [makeValue(x.dtype, dims, fold(x, groups, start, step, finish))];
  };

/** The place of the largest along an axis; the first (or, asked for, the last) of equals. */
const argMax: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const last = intOf(node, "select_last_index", 0) === 1;
  const groups = groupsOf(x, [axis]);
  const best = new Float64Array(sizeOf(groups.dims)).fill(Number.NEGATIVE_INFINITY);
  const place = new Float64Array(best.length);
  const stride = at(stridesOf(x.dims), axis);
  for (let i = 0; i < x.data.length; i++) {
    const [group, value] = [at(groups.of, i), at(x.data, i)];
    if (value > at(best, group) || (last && value === at(best, group))) {
      best[group] = value;
      place[group] = Math.floor(i / stride) % at(x.dims, axis);
    }
  }
  const dims = intOf(node, "keepdims", 1) === 1 ? groups.dims : x.dims.filter((_, at) => at !== axis);
  return [makeValue("int64", dims, place)];
};

/** Both are written with the largest element subtracted, so that exp never overflows. */
const softmax =
  (element: (shifted: number, sum: number) => number): Kernel =>
  (inputs, node) => {
    const x = required(inputs, 0);
    const groups = groupsOf(x, [axisOf(intOf(node, "axis", -1), x.dims.length)]);
    const largest = fold(x, groups, Number.NEGATIVE_INFINITY, Math.max);
    const shifted = generate(x.dtype, x.dims, (i) => at(x.data, i) - at(largest, at(groups.of, i)));
    const sums = fold(shifted, groups, 0, (sum, value) => sum + Math.exp(value));
    return [generate(x.dtype, x.dims, (i) => element(at(shifted.data, i), at(sums, at(groups.of, i))))];
  };

export const reductionKernels: Kernels<ReductionOp> = {
  ReduceSum: reduce(0, (sum, value) => sum + value),
  ReduceMean: reduce(
    0,
    (sum, value) => sum + value,
    (sum, size) => sum / size,
  ),
  ReduceMax: reduce(Number.NEGATIVE_INFINITY, Math.max),
  ReduceMin: reduce(Number.POSITIVE_INFINITY, Math.min),
  ReduceProd: reduce(1, (product, value) => product * value),
  ReduceL2: reduce(0, (sum, value) => sum + value * value, Math.sqrt),
  ArgMax: argMax,
  Softmax: softmax((shifted, sum) => Math.exp(shifted) / sum),
  LogSoftmax: softmax((shifted, sum) => shifted - Math.log(sum)),
};
