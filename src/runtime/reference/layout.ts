/** Operators that rearrange elements: each is a list of the positions that its result reads. */
import type { LayoutOp } from "../../graph/operator-names.ts";
import { sizeOf } from "../../graph/tensor.ts";
import { resize } from "./resize.ts";
import { selectionKernels } from "./selection.ts";
import {
  at,
  axisOf,
  broadcastDims,
  broadcastPositions,
  integers,
  intOf,
  intsOf,
  type Kernel,
  type Kernels,
  makeValue,
  pick,
  positions,
  required,
  stridesOf,
  type Value,
} from "./value.ts";

/** The same elements in another shape. */
const shaped = (x: Value, dims: readonly number[]): readonly Value[] => [{ ...x, dims }];

const reshape: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const zero = intOf(node, "allowzero", 0) === 1;
  const sizes = integers(required(inputs, 1)).map((dim, axis) => (dim === 0 && !zero ? at(x.dims, axis) : dim));
  const rest = sizeOf(sizes.filter((dim) => dim !== -1));
  return shaped(
    x,
    sizes.map((dim) => (dim === -1 ? sizeOf(x.dims) / rest : dim)),
  );
};

const transpose: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const perm = intsOf(node, "perm") ?? [...x.dims.keys()].reverse();
  const strides = stridesOf(x.dims);
  const dims = perm.map((axis) => at(x.dims, axis));
  return [
    pick(
      x,
      dims,
      positions(
        dims,
        perm.map((axis) => at(strides, axis)),
      ),
    ),
  ];
};

const concat: Kernel = (inputs, node) => {
  const parts = inputs.map((_, index) => required(inputs, index));
  const first = required(parts, 0);
  const axis = axisOf(intOf(node, "axis", 0), first.dims.length);
  const dims = first.dims.with(
    axis,
    parts.reduce((sum, part) => sum + at(part.dims, axis), 0),
  );
  const strides = stridesOf(dims);
  const data = new Float64Array(sizeOf(dims));
  let start = 0;
  for (const part of parts) {
    const to = positions(part.dims, strides, start * at(strides, axis));
    for (let i = 0; i < to.length; i++) data[at(to, i)] = at(part.data, i);
    start += at(part.dims, axis);
  }
  return [makeValue(first.dtype, dims, data)];
};

const split: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const axis = axisOf(intOf(node, "axis", 0), x.dims.length);
  const strides = stridesOf(x.dims);
  let start = 0;
  return integers(required(inputs, 1)).map((size) => {
    const dims = x.dims.with(axis, size);
    const part = pick(x, dims, positions(dims, strides, start * at(strides, axis)));
    start += size;
    return part;
  });
};

const expand: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const dims = broadcastDims([x.dims, integers(required(inputs, 1))]);
  return [pick(x, dims, broadcastPositions(x.dims, dims))];
};

const tile: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const repeats = integers(required(inputs, 1));
  // [r0, d0, r1, d1, ...] with stride 0 on the repeats reads the tiles in order.
  const dims = x.dims.flatMap((dim, axis) => [at(repeats, axis), dim]);
  const strides = stridesOf(x.dims).flatMap((stride) => [0, stride]);
  return [
    pick(
      x,
      x.dims.map((dim, axis) => dim * at(repeats, axis)),
      positions(dims, strides),
    ),
  ];
};

const squeeze: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const axes = inputs[1] === undefined ? undefined : integers(inputs[1]).map((axis) => axisOf(axis, x.dims.length));
  return shaped(
    x,
    x.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
  );
};

const unsqueeze: Kernel = (inputs) => {
  const x = required(inputs, 0);
  const given = integers(required(inputs, 1));
  const rank = x.dims.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const kept = [...x.dims];
  return shaped(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (kept.shift() ?? 1))),
  );
};

const flatten: Kernel = (inputs, node) => {
  const x = required(inputs, 0);
  const given = intOf(node, "axis", 1);
  const axis = given < 0 ? given + x.dims.length : given;
  return shaped(x, [sizeOf(x.dims.slice(0, axis)), sizeOf(x.dims.slice(axis))]);
};

export const layoutKernels: Kernels<LayoutOp> = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Resize: resize,
  ...selectionKernels,
};
