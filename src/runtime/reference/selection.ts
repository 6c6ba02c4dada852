/** Operators that choose elements by range or by index. */
import { internalError } from "../../errors.ts";
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
  pick,
  positions,
  required,
  stridesOf,
  textOf,
  type Value,
} from "./value.ts";

const slice: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const [starts, ends] = [integers(required(inputs, 1)), integers(required(inputs, 2))];
  const axes = inputs[3] === undefined ? [...starts.keys()] : integers(inputs[3]);
  const steps = inputs[4] === undefined ? starts.map(() => 1) : integers(inputs[4]);
  const dims = [...x.dims];
  const strides = stridesOf(x.dims);
  let offset = 0;
  axes.forEach((given, which) => {
    const axis = axisOf(given, x.dims.length);
    const [size, step] = [at(x.dims, axis), at(steps, which)];
    // ONNX clamps forward ranges to [0, size] and backward ones to [-1, size - 1].
    const clamp = (bound: number): number => {
      const index = bound < 0 ? bound + size : bound;
      return step > 0 ? Math.min(Math.max(index, 0), size) : Math.min(Math.max(index, -1), size - 1);
    };
    const [start, end] = [clamp(at(starts, which)), clamp(at(ends, which))];
    dims[axis] = Math.max(0, Math.ceil((end - start) / step));
    offset += start * at(strides, axis);
    strides[axis] = at(strides, axis) * step;
  });
  return [pick(x, dims, positions(dims, strides, offset))];
};

/** Where a padded coordinate reads from; -1 is the fill value. */
function source(coordinate: number, size: number, mode: string): number {
  if (coordinate >= 0 && coordinate < size) return coordinate;
  if (mode === "edge") return coordinate < 0 ? 0 : size - 1;
  if (mode === "reflect") return coordinate < 0 ? -coordinate : 2 * (size - 1) - coordinate;
  return -1;
}

const pad: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const pads = integers(required(inputs, 1));
  const fill = inputs[2]?.data[0] ?? 0;
  const mode = textOf(node, "mode", "constant");
  const rank = x.dims.length;
  const dims = x.dims.map((dim, axis) => dim + at(pads, axis) + at(pads, axis + rank));
  const [from, to] = [stridesOf(x.dims), stridesOf(dims)];
  return [
    generate(x.dtype, dims, (i) => {
      let position = 0;
      for (let axis = 0; axis < rank; axis++) {
        const coordinate = (Math.floor(i / at(to, axis)) % at(dims, axis)) - at(pads, axis);
        const read = source(coordinate, at(x.dims, axis), mode);
        if (read < 0) return fill;
        position += read * at(from, axis);
      }
      return at(x.data, position);
    }),
  ];
};

/** A negative index counts from the end; one outside the axis is an error, as in the engines. */
function indexOf(indices: Value, i: number, size: number): number {
  const index = axisOf(at(indices.data, i), size);
  if (!(index >= 0 && index < size))
    throw internalError(`kernel: index ${at(indices.data, i)} outside an axis of ${size}`);
  return index;
}

const gather: Kernel = (inputs, node) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const size = at(x.dims, axis);
  const inner = sizeOf(x.dims.slice(axis + 1));
  const chosen = indices.data.length;
  return [
    generate(x.dtype, [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)], (i) => {
      const [outer, middle] = [Math.floor(i / (inner * chosen)), Math.floor(i / inner) % chosen];
      return at(x.data, (outer * size + indexOf(indices, middle, size)) * inner + (i % inner));
    }),
  ];
};

/** The position in `dims` of every element of the indices, with the coordinate along the axis replaced by the index. */
function indexedPositions(indices: Value, dims: readonly number[], axis: number): Int32Array {
  const strides = stridesOf(dims);
  const others = positions(indices.dims, strides.with(axis, 0));
  return others.map((position, i) => position + indexOf(indices, i, at(dims, axis)) * at(strides, axis));
}

const gatherElements: Kernel = (inputs, node) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  return [pick(x, indices.dims, indexedPositions(indices, x.dims, axis))];
};

const scatterElements: Kernel = (inputs, node) => {
  const [x, indices, updates] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  const to = indexedPositions(indices, x.dims, axisOf(intOf(node, "axis", 0), x.dims.length));
  const sum = textOf(node, "reduction", "none") === "add";
  const data = x.data.slice();
  for (let i = 0; i < to.length; i++) data[at(to, i)] = (sum ? at(data, at(to, i)) : 0) + at(updates.data, i);
  return [makeValue(x.dtype, x.dims, data)];
};

export const selectionKernels: Kernels<"Slice" | "Pad" | "Gather" | "GatherElements" | "ScatterElements"> = {
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
};
