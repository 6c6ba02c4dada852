/** Resize, one axis after the other: nearest and linear interpolation are both separable. */
import { internalError } from "../../errors.ts";
import type { Node } from "../../graph/node.ts";
import { sizeOf } from "../../graph/tensor.ts";
import { at, integers, type Kernel, makeValue, required, textOf, type Value } from "./value.ts";

/** What one output coordinate reads along an axis: two places and the weight of the second. */
interface Read {
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}

/** Coordinate in the input of an output coordinate (the ONNX operator's `coordinate_transformation_mode`). */
function sourceCoordinate(mode: string, output: number, scale: number, from: number, to: number): number {
  switch (mode) {
    case "asymmetric":
      return output / scale;
    case "half_pixel":
      return (output + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return to > 1 ? (output + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return to === 1 ? 0 : (output * (from - 1)) / (to - 1);
    default:
      throw internalError(`reference: Resize with coordinate_transformation_mode ${mode}`);
  }
}

function nearest(mode: string, x: number): number {
  switch (mode) {
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    default:
      return Math.ceil(x - 0.5);
  }
}

function readOf(node: Node, output: number, scale: number, from: number, to: number): Read {
  const x = sourceCoordinate(textOf(node, "coordinate_transformation_mode", "half_pixel"), output, scale, from, to);
  const clamp = (index: number): number => Math.min(Math.max(index, 0), from - 1);
  if (textOf(node, "mode", "nearest") === "nearest") {
    const place = clamp(nearest(textOf(node, "nearest_mode", "round_prefer_floor"), x));
    return { first: place, second: place, weight: 0 };
  }
  const inside = Math.min(Math.max(x, 0), from - 1);
  const first = Math.floor(inside);
  return { first, second: clamp(first + 1), weight: inside - first };
}

function resizeAxis(x: Value, axis: number, reads: readonly Read[]): Value {
  const [outer, inner] = [sizeOf(x.dims.slice(0, axis)), sizeOf(x.dims.slice(axis + 1))];
  const [from, to] = [at(x.dims, axis), reads.length];
  const data = new Float64Array(outer * to * inner);
  for (let o = 0; o < outer; o++) {
    reads.forEach(({ first, second, weight }, place) => {
      for (let i = 0; i < inner; i++) {
        const value = (index: number): number => at(x.data, (o * from + index) * inner + i);
        data[(o * to + place) * inner + i] = (1 - weight) * value(first) + weight * value(second);
      }
    });
  }
  return makeValue(x.dtype, x.dims.with(axis, to), data);
}

export const resize: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  if (node.attributes.antialias === 1) throw internalError("reference: Resize with antialias");
  const sizes = inputs[3] === undefined || inputs[3].data.length === 0 ? undefined : integers(inputs[3]);
  const scales = sizes === undefined ? integers(required(inputs, 2)) : undefined;
  let result = x;
  x.dims.forEach((from, axis) => {
    const to = sizes?.[axis] ?? Math.floor(from * at(scales ?? [], axis) + 1e-6);
    const scale = scales?.[axis] ?? to / from;
    if (to === from && scale === 1) return;
    const reads = Array.from({ length: to }, (_, output) => readOf(node, output, scale, from, to));
    result = resizeAxis(result, axis, reads);
  });
  return [result];
};
