/**
 * Values of the reference interpreter: every element is a JavaScript number, whatever its type, so floats are computed
 * in float64 and whole numbers are exact up to 2^53. Written to be read, not to be fast.
 */
import { internalError } from "../../errors.ts";
import type { Node } from "../../graph/node.ts";
import { type DType, isFloat, sizeOf, type Tensor } from "../../graph/tensor.ts";

export interface Value {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Computes a node's outputs from its inputs; an omitted optional input is undefined. */
export type Kernel = (inputs: readonly (Value | undefined)[], node: Node) => readonly Value[];

/** Kernels of one family of operators. */
export type Kernels<Op extends string> = Readonly<Record<Op, Kernel>>;

export const makeValue = (dtype: DType, dims: readonly number[], data: ArrayLike<number>): Value => ({
  dtype,
  dims,
  data: data instanceof Float64Array ? data : Float64Array.from(data),
});

/** A value filled by a function of the linear index. */
export function generate(dtype: DType, dims: readonly number[], element: (index: number) => number): Value {
  const data = new Float64Array(sizeOf(dims));
  for (let i = 0; i < data.length; i++) data[i] = element(i);
  return { dtype, dims, data };
}

/** Input `index`, which the operator's arity promises. */
export function required(inputs: readonly (Value | undefined)[], index: number): Value {
  const found = inputs[index];
  if (found === undefined) throw internalError(`kernel: input ${index} is missing`);
  return found;
}

/** Element `index`; the callers stay within bounds. */
export const at = (data: ArrayLike<number>, index: number): number => data[index] ?? Number.NaN;

/** Whole numbers of a value: shapes, axes, pads. */
export const integers = ({ data }: Value): number[] => Array.from(data);

export const intOf = (node: Node, name: string, fallback: number): number =>
  (node.attributes[name] as number | undefined) ?? fallback;
export const intsOf = (node: Node, name: string): readonly number[] | undefined =>
  node.attributes[name] as readonly number[] | undefined;
export const textOf = (node: Node, name: string, fallback: string): string =>
  (node.attributes[name] as string | undefined) ?? fallback;

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Row-major strides. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = at(strides, axis + 1) * at(dims, axis + 1);
  return strides;
}

/** For every element of `dims` in row-major order: offset + sum of coordinate * stride. */
export function positions(dims: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const found = new Int32Array(sizeOf(dims));
  const counter = new Array<number>(dims.length).fill(0);
  let position = offset;
  for (let i = 0; i < found.length; i++) {
    found[i] = position;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      counter[axis] = at(counter, axis) + 1;
      position += at(strides, axis);
      if (at(counter, axis) < at(dims, axis)) break;
      position -= at(dims, axis) * at(strides, axis);
      counter[axis] = 0;
    }
  }
  return found;
}

/** Positions in a value of shape `from` that broadcasting reads for every element of shape `to`. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): Int32Array {
  const offset = to.length - from.length;
  const strides = stridesOf(from);
  return positions(
    to,
    to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : at(strides, axis - offset))),
  );
}

/** The shape that shapes broadcast to (ONNX's and numpy's rule). */
export function broadcastDims(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    if (sizes.some((other) => other !== 1 && other !== size)) {
      throw internalError(`kernel: shapes ${shapes.map((shape) => `[${shape}]`).join(" and ")} do not broadcast`);
    }
    return size;
  });
}

/** The elements of x at the given positions. */
export const pick = (x: Value, dims: readonly number[], from: ArrayLike<number>): Value =>
  generate(x.dtype, dims, (i) => at(x.data, at(from, i)));

/** A fed or constant tensor as a value. */
export const fromTensor = (tensor: Tensor, dtype: DType = tensor.dtype): Value => ({
  dtype,
  dims: tensor.dims,
  data: Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number),
});

/** A value as a tensor: floats as float64, everything else as its own type. */
export function toTensor({ dtype, dims, data }: Value): Tensor {
  if (isFloat(dtype)) return { dtype: "float64", dims, data };
  switch (dtype) {
    case "int32":
      return { dtype, dims, data: Int32Array.from(data) };
    case "int64":
      return { dtype, dims, data: BigInt64Array.from(Array.from(data, BigInt)) };
    default:
      return { dtype: dtype as "uint8" | "bool", dims, data: Uint8Array.from(data) };
  }
}
