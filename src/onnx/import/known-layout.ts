/** Known values rearranged: which element of the operand each element of the result is. */
import { multiplyDims } from "../../graph/dims.ts";
import { type Dim, sizeOf } from "../../graph/tensor.ts";
import { axesOf, axisOf } from "./conversion.ts";
import { type Known, makeKnown } from "./known.ts";
import type { KnownRule } from "./known-rules.ts";

const stridesOf = (dims: readonly number[]): number[] => dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));

/** The elements at `place(coordinates)` for every place of the result. */
function picked(x: Known, dims: readonly number[], place: (at: readonly number[]) => number): Known | undefined {
  const count = sizeOf(dims);
  if (count > 1 << 16) return undefined;
  const strides = stridesOf(dims);
  const elements = Array.from(
    { length: count },
    (_, i): Dim | undefined => x.elements[place(dims.map((size, axis) => Math.floor(i / (strides[axis] ?? 1)) % size))],
  );
  return makeKnown(x.dtype, dims, elements);
}

const gather: KnownRule = (c) => {
  const [x, indices] = [c.known(0), c.known(1)];
  if (x === undefined || indices === undefined) return undefined;
  const axis = axisOf(c.int("axis", 0), x.dims.length);
  const size = x.dims[axis] ?? 1;
  const strides = stridesOf(x.dims);
  const dims = x.dims.toSpliced(axis, 1, ...indices.dims);
  const indexStrides = stridesOf(indices.dims);
  return picked(x, dims, (at) => {
    const chosen = at.slice(axis, axis + indices.dims.length);
    const index = indices.elements[chosen.reduce((sum, value, i) => sum + value * (indexStrides[i] ?? 1), 0)];
    const inside = typeof index !== "number" ? Number.NaN : index < 0 ? index + size : index;
    if (!(inside >= 0 && inside < size)) return -1;
    const place = [...at.slice(0, axis), inside, ...at.slice(axis + indices.dims.length)];
    return place.reduce((sum, value, i) => sum + value * (strides[i] ?? 1), 0);
  });
};

const slice: KnownRule = (c) => {
  const x = c.known(0);
  const [starts, ends] = [c.known(1)?.elements, c.known(2)?.elements];
  if (x === undefined || starts === undefined || ends === undefined) return undefined;
  const axes = c.known(3)?.elements ?? [...starts.keys()];
  const steps = c.known(4)?.elements ?? starts.map(() => 1);
  if (c.has(3) && c.known(3) === undefined) return undefined;
  const ranges = x.dims.map((size) => ({ start: 0, step: 1, length: size }));
  for (const [i, start] of starts.entries()) {
    const [end, axis, step] = [ends[i], axes[i], steps[i]];
    if (typeof start !== "number" || typeof end !== "number" || typeof axis !== "number" || typeof step !== "number")
      return undefined;
    if (step === 0) return undefined;
    const at = axisOf(axis, x.dims.length);
    ranges[at] = rangeOf(x.dims[at] ?? 1, start, end, step);
  }
  const strides = stridesOf(x.dims);
  const dims = ranges.map(({ length }) => length);
  return picked(x, dims, (at) =>
    at.reduce((sum, value, axis) => {
      const { start, step } = ranges[axis] ?? { start: 0, step: 1 };
      return sum + (start + value * step) * (strides[axis] ?? 1);
    }, 0),
  );
};

/** Python's reading of start:end:step. */
function rangeOf(
  size: number,
  start: number,
  end: number,
  step: number,
): { start: number; step: number; length: number } {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const inside = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + size : bound, low), high);
  const [from, to] = [inside(start), inside(end)];
  return { start: from, step, length: Math.max(0, Math.ceil((to - from) / step)) };
}

const concat: KnownRule = (c) => {
  const parts = Array.from({ length: c.inputCount }, (_, index) => c.known(index));
  if (!parts.every((part) => part !== undefined) || parts.length === 0) return undefined;
  const all = parts as readonly Known[];
  const [first] = all;
  const rank = first?.dims.length ?? 0;
  if (first === undefined || rank === 0) return undefined;
  const axis = axisOf(c.int("axis", 0), rank);
  if (all.some(({ dims }) => dims.length !== rank || dims.some((dim, at) => at !== axis && dim !== first.dims[at])))
    return undefined;
  const dims = first.dims.with(
    axis,
    all.reduce((sum, part) => sum + (part.dims[axis] ?? 0), 0),
  );
  const inner = sizeOf(dims.slice(axis + 1));
  const outer = sizeOf(dims.slice(0, axis));
  const elements: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const part of all) {
      const run = (part.dims[axis] ?? 0) * inner;
      elements.push(...part.elements.slice(o * run, (o + 1) * run));
    }
  }
  return makeKnown(first.dtype, dims, elements);
};

/** Sizes of a Reshape whose operand has `count` elements. */
function reshapedDims(x: Known, sizes: readonly Dim[], allowZero: boolean): readonly number[] | undefined {
  if (!sizes.every((size) => typeof size === "number")) return undefined;
  const copied = (sizes as readonly number[]).map((size, axis) =>
    size === 0 && !allowZero ? (x.dims[axis] ?? 0) : size,
  );
  const rest = sizeOf(copied.filter((size) => size !== -1));
  return copied.map((size) => (size === -1 ? x.elements.length / Math.max(1, rest) : size));
}

const inShape = (x: Known | undefined, dims: readonly number[] | undefined): Known | undefined =>
  x === undefined || dims === undefined ? undefined : makeKnown(x.dtype, dims, x.elements);

const reshape: KnownRule = (c) => {
  const [x, sizes] = [c.known(0), c.known(1)];
  return x === undefined || sizes === undefined
    ? undefined
    : inShape(x, reshapedDims(x, sizes.elements, c.int("allowzero", 0) === 1));
};

const squeeze: KnownRule = (c) => {
  const x = c.known(0);
  if (x === undefined) return undefined;
  const axes = axesOf(c, 1)?.map((axis) => axisOf(axis, x.dims.length));
  return inShape(
    x,
    x.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
  );
};

const unsqueeze: KnownRule = (c) => {
  const x = c.known(0);
  if (x === undefined) return undefined;
  const axes = axesOf(c, 1) ?? [];
  const rank = x.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  const kept = x.dims[Symbol.iterator]();
  return inShape(
    x,
    Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (kept.next().value ?? 1))),
  );
};

const expand: KnownRule = (c) => {
  const [x, sizes] = [c.known(0), c.known(1)?.elements];
  if (x === undefined || !sizes?.every((size) => typeof size === "number")) return undefined;
  const wanted = sizes as readonly number[];
  const rank = Math.max(x.dims.length, wanted.length);
  const own = [...Array<number>(rank - x.dims.length).fill(1), ...x.dims];
  const dims = own.map((dim, axis) => (dim === 1 ? (wanted[axis - rank + wanted.length] ?? 1) : dim));
  const strides = stridesOf(own);
  return picked(x, dims, (at) =>
    at.reduce((sum, value, axis) => sum + (own[axis] === 1 ? 0 : value * (strides[axis] ?? 1)), 0),
  );
};

const tile: KnownRule = (c) => {
  const [x, repeats] = [c.known(0), c.known(1)?.elements];
  if (x === undefined || !repeats?.every((repeat) => typeof repeat === "number")) return undefined;
  const dims = x.dims.map((dim, axis) => Number(multiplyDims(dim, repeats[axis] ?? 1)));
  const strides = stridesOf(x.dims);
  return picked(x, dims, (at) =>
    at.reduce((sum, value, axis) => sum + (value % (x.dims[axis] ?? 1)) * (strides[axis] ?? 1), 0),
  );
};

const transpose: KnownRule = (c) => {
  const x = c.known(0);
  if (x === undefined) return undefined;
  const perm = c.ints("perm") ?? [...x.dims.keys()].reverse();
  const strides = stridesOf(x.dims);
  return picked(
    x,
    perm.map((axis) => x.dims[axis] ?? 1),
    (at) => at.reduce((sum, value, i) => sum + value * (strides[perm[i] ?? 0] ?? 1), 0),
  );
};

export const arranged: Readonly<Record<string, KnownRule>> = {
  Gather: gather,
  Slice: slice,
  Concat: concat,
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  Transpose: transpose,
};
