/** Operators that rearrange, choose or place elements. Shapes and bounds are known when the graph is made. */

import { divideDims, productOf } from "../../../graph/dims.ts";
import {
  apply,
  constant,
  expand,
  flatten,
  gather,
  oneHot as hotEncoding,
  ints,
  pad as padded,
  reshape,
  sizeOf,
  squeeze,
  tensorOf,
  tile,
  transpose,
  unsqueeze,
  type Var,
  where,
} from "../../../graph/index.ts";
import type { Dim, Shape } from "../../../graph/tensor.ts";
import { axesOf, axisOf, type Conversion, refuse } from "../conversion.ts";
import { direct, type ImportRule, type ImportRules } from "./rule.ts";

/** Zero copies the operand's size, -1 is worked out. */
const reshapeRule: ImportRule = (c) => {
  const x = c.input(0);
  const sizes = c.sizes(1);
  const copies = c.int("allowzero", 0) !== 1;
  if (!copies && sizes.includes(0)) return apply("Reshape", [x, c.vector(sizes)], { allowzero: 1 });
  const { shape } = x.type;
  const wanted = sizes.map((size, axis) => (size === 0 ? (shape[axis] ?? 0) : size));
  const open = wanted.indexOf(-1);
  const rest = productOf(wanted.filter((_, axis) => axis !== open));
  const inferred = open < 0 || rest === 0 ? undefined : divideDims(productOf(shape), rest);
  const target = inferred === undefined ? wanted : wanted.with(open, inferred);
  // One named size that moves is worked out by the engine, more must be looked up.
  const moved = target.filter((size, axis) => typeof size === "string" && size !== shape[axis]);
  return moved.length > 1 ? apply("Reshape", [x, c.vector(target)]) : reshape(x, target);
};

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, axis) => dim === b[axis]);

/** What x becomes when it is broadcast to `sizes`, which may itself have sizes of 1. */
export function broadcastTo(c: Conversion, x: Var, sizes: Shape): Var {
  const rank = Math.max(sizes.length, x.type.shape.length);
  const target = Array.from({ length: rank }, (_, axis): Dim => {
    const wanted = sizes[axis - rank + sizes.length] ?? 1;
    return wanted === 1 ? (x.type.shape[axis - rank + x.type.shape.length] ?? 1) : wanted;
  });
  if (sameShape(target, x.type.shape)) return x;
  const own = x.type.shape;
  // A named size that x has itself need not be looked up.
  const held = target.every((dim, axis) => typeof dim === "number" || dim === own[axis - rank + own.length]);
  return expand(x, held ? target : c.vector(target));
}

const sliceRule: ImportRule = (c) => {
  const x = c.input(0);
  const rank = x.type.shape.length;
  const [starts, ends] = [c.sizes(1), c.sizes(2)];
  const axes = (c.has(3) ? c.numbers(3) : [...starts.keys()]).map((axis) => axisOf(axis, rank));
  const steps = c.has(4) ? c.numbers(4) : starts.map(() => 1);
  // Beyond any size means "to the end", and beyond 2^53 is no number.
  const bound = (value: Dim): Dim =>
    typeof value === "string" ? value : Math.min(Math.max(value, -(2 ** 31 - 1)), 2 ** 31 - 1);
  return apply("Slice", [x, c.vector(starts.map(bound)), c.vector(ends.map(bound)), ints(axes), ints(steps)]);
};

/** Equal pieces; with `num_outputs` (opset 18) the last may be smaller. */
const splitRule: ImportRule = (c) => {
  const x = c.input(0);
  const axis = axisOf(c.int("axis", 0), x.type.shape.length);
  const given = c.has(1) ? c.sizes(1) : c.ints("split");
  const count = c.node.outputs.length;
  if (c.int("num_outputs", count) !== count) throw refuse(`Split into ${count}`, `${c.int("num_outputs", count)}`);
  const size = x.type.shape[axis];
  if (given === undefined && typeof size !== "number")
    throw refuse(`Split with sizes, or a size in numbers along axis ${axis}`, `${size}`);
  const piece = Math.ceil(Number(size) / count);
  const sizes =
    given ?? Array.from({ length: count }, (_, at) => Math.max(0, Math.min(piece, Number(size) - at * piece)));
  return direct("Split", ["split", "num_outputs"])({
    ...c,
    inputCount: 2,
    optional: (index) => (index === 0 ? x : c.vector(sizes)),
  });
};

const squeezeRule: ImportRule = (c) => {
  const x = c.input(0);
  const ones = [...x.type.shape.keys()].filter((axis) => x.type.shape[axis] === 1);
  return squeeze(x, axesOf(c, 1) ?? ones);
};

/** Pads of listed axes (opset 18) or of all; a value for what is added. */
const padRule: ImportRule = (c) => {
  const x = c.input(0);
  const rank = x.type.shape.length;
  const mode = c.text("mode", "constant");
  if (mode !== "constant" && mode !== "reflect" && mode !== "edge") {
    throw refuse("Pad with mode constant, reflect or edge", mode);
  }
  const given = c.numbers(1);
  const axes = c.has(3) ? c.numbers(3).map((axis) => axisOf(axis, rank)) : [...Array(rank).keys()];
  if (given.length !== 2 * axes.length) throw refuse(`Pad with ${2 * axes.length} pads`, `${given.length}`);
  const pads = Array<number>(2 * rank).fill(0);
  axes.forEach((axis, at) => {
    pads[axis] = given[at] ?? 0;
    pads[axis + rank] = given[at + axes.length] ?? 0;
  });
  if (pads.every((pad) => pad === 0)) return x;
  const value = c.has(2) ? (c.known(2)?.elements[0] ?? c.input(2)) : 0;
  return padded(x, pads, typeof value === "string" ? 0 : value, { mode });
};

/** Repeating an axis of size 1 is broadcasting, which may be to a named size. */
const tileRule: ImportRule = (c) => {
  const x = c.input(0);
  const repeats = c.sizes(1);
  const { shape } = x.type;
  if (repeats.every((repeat, axis) => repeat === 1 || shape[axis] === 1)) {
    return broadcastTo(
      c,
      x,
      repeats.map((repeat, axis) => (repeat === 1 ? (shape[axis] ?? 1) : repeat)),
    );
  }
  return tile(x, c.numbers(1));
};

/** Rows of the indexed axes as one axis, and the place in it of each index vector: GatherND and ScatterND. */
function flatPlaces(c: Conversion, x: Var): { rows: number; inner: Shape; outer: readonly number[]; places: number[] } {
  const indices = c.known(1);
  if (c.int("batch_dims", 0) !== 0) throw refuse(`${c.node.op} without batch_dims`, `${c.int("batch_dims", 0)}`);
  const depth = indices?.dims.at(-1) ?? 0;
  const indexed = x.type.shape.slice(0, depth);
  if (indices === undefined || depth === 0 || !indexed.every((dim) => typeof dim === "number")) {
    throw refuse(`${c.node.op} with constant indices into sizes in numbers`, "computed ones");
  }
  const sizes = indexed as readonly number[];
  const outer = indices.dims.slice(0, -1);
  const numbers = c.numbers(1);
  const places = Array.from({ length: sizeOf(outer) }, (_, row) =>
    sizes.reduce((place, size, at) => {
      const index = numbers[row * depth + at] ?? 0;
      return place * size + (index < 0 ? index + size : index);
    }, 0),
  );
  return { rows: sizeOf(sizes), inner: x.type.shape.slice(depth), outer, places };
}

const gatherND: ImportRule = (c) => {
  const x = c.input(0);
  const { rows, inner, outer, places } = flatPlaces(c, x);
  const picked = gather(reshape(x, [rows, ...inner]), ints(places));
  return reshape(picked, [...outer, ...inner]);
};

const scatterND: ImportRule = (c) => {
  const x = c.input(0);
  const { rows, inner, places } = flatPlaces(c, x);
  const reduction = c.text("reduction", "none");
  if (reduction !== "none" && reduction !== "add") throw refuse("ScatterND with reduction none or add", reduction);
  const width = productOf(inner);
  if (typeof width !== "number") throw refuse("ScatterND of sizes in numbers", `[${x.type.shape.join(",")}]`);
  const flat = reshape(x, [rows, width]);
  const updates = reshape(c.input(2), [places.length, width]);
  const indices = expand(reshape(ints(places), [places.length, 1]), [places.length, width]);
  const attributes = { axis: 0, ...(reduction === "add" ? { reduction } : {}) };
  return reshape(apply("ScatterElements", [flat, indices, updates], attributes), x.type.shape);
};

/** What lies on and below (or above) a diagonal of the last two axes. */
const trilu: ImportRule = (c) => {
  const x = c.input(0);
  const [rows, columns] = x.type.shape.slice(-2);
  const k = c.has(1) ? (c.numbers(1)[0] ?? 0) : 0;
  if (typeof rows !== "number" || typeof columns !== "number")
    throw refuse("Trilu of sizes in numbers", `[${x.type.shape.join(",")}]`);
  if (rows * columns > 1 << 24) throw refuse("Trilu of at most 4096 x 4096", `${rows} x ${columns}`);
  const upper = c.int("upper", 1) === 1;
  const kept = Array.from({ length: rows * columns }, (_, i) => {
    const offset = (i % columns) - Math.floor(i / columns) - k;
    return Number(upper ? offset >= 0 : offset <= 0);
  });
  return where(constant(tensorOf("bool", [rows, columns], kept)), x, 0);
};

/** [N, C, H, W] -> [N, C/b^2, H b, W b] */
const depthToSpace: ImportRule = (c) => {
  const x = c.input(0);
  const b = c.int("blocksize", 1);
  const [n = 1, channels, height, width] = x.type.shape;
  if (typeof channels !== "number" || typeof height !== "number" || typeof width !== "number" || channels % (b * b))
    throw refuse(`DepthToSpace of [N, C, H, W] in numbers, C divisible by ${b * b}`, `[${x.type.shape.join(",")}]`);
  const depth = channels / (b * b);
  const mode = c.text("mode", "DCR");
  const [split, perm] =
    mode === "DCR"
      ? [
          [n, b, b, depth, height, width],
          [0, 3, 4, 1, 5, 2],
        ]
      : [
          [n, depth, b, b, height, width],
          [0, 1, 4, 2, 5, 3],
        ];
  return reshape(transpose(reshape(x, split), perm), [n, depth, height * b, width * b]);
};

const spaceToDepth: ImportRule = (c) => {
  const x = c.input(0);
  const b = c.int("blocksize", 1);
  const [n = 1, channels, height, width] = x.type.shape;
  if (
    typeof channels !== "number" ||
    typeof height !== "number" ||
    typeof width !== "number" ||
    height % b ||
    width % b
  )
    throw refuse(`SpaceToDepth of [N, C, H, W] in numbers, H and W divisible by ${b}`, `[${x.type.shape.join(",")}]`);
  const blocks = reshape(x, [n, channels, height / b, b, width / b, b]);
  return reshape(transpose(blocks, [0, 3, 5, 1, 2, 4]), [n, channels * b * b, height / b, width / b]);
};

const oneHot: ImportRule = (c) => {
  const [depth] = c.numbers(1);
  const axis = c.int("axis", -1);
  if (axis === -1 && c.known(2)?.elements.join() === "0,1") {
    return hotEncoding(c.input(0), depth ?? 0, c.input(2).type.dtype);
  }
  return apply("OneHot", [c.input(0), ints([depth ?? 0]), c.input(2)], { axis });
};

export const layoutRules: ImportRules = {
  Reshape: reshapeRule,
  Transpose: direct("Transpose"),
  Slice: sliceRule,
  Concat: direct("Concat"),
  Split: splitRule,
  Pad: padRule,
  Gather: direct("Gather"),
  GatherElements: direct("GatherElements"),
  ScatterElements: direct("ScatterElements"),
  GatherND: gatherND,
  ScatterND: scatterND,
  Expand: (c) => broadcastTo(c, c.input(0), c.sizes(1)),
  Tile: tileRule,
  Squeeze: squeezeRule,
  Unsqueeze: (c) => unsqueeze(c.input(0), axesOf(c, 1) ?? []),
  Flatten: (c) => flatten(c.input(0), c.int("axis", 1)),
  Trilu: trilu,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  OneHot: oneHot,
};
