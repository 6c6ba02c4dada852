/** Gradients of the operators that choose, place or surround elements. */
import { subtractDims } from "../dims.ts";
import { type SliceRange, sliceRanges } from "../inference/selection.ts";
import type { Var } from "../node.ts";
import { operatorError } from "../operator-error.ts";
import { fullLike, ints } from "../ops/constants.ts";
import { add, sub } from "../ops/elementwise.ts";
import {
  concat,
  expandLike,
  gatherElements,
  pad,
  reshape,
  scatterElements,
  shapeOf,
  slice,
  unsqueeze,
} from "../ops/layout.ts";
import { reduceSum } from "../ops/reduction.ts";
import { staticIntegers, staticSizes } from "../static-values.ts";
import type { Dim, Shape } from "../tensor.ts";
import type { Backward, InputGradient, Rules } from "./rule.ts";

const zerosLike = (x: Var): Var => fullLike(x, 0);

/** Zeros around one axis. */
const padAxis = (x: Var, axis: number, before: number, after: number): Var => {
  if (before === 0 && after === 0) return x;
  const rank = x.type.shape.length;
  return pad(x, [
    ...Array<number>(axis).fill(0),
    before,
    ...Array<number>(rank - 1).fill(0),
    after,
    ...Array<number>(rank - 1 - axis).fill(0),
  ]);
};

/** Puts each range of the gradient back to its place among zeros. */
function sliced(backward: Backward): readonly InputGradient[] {
  const x = backward.input(0);
  const ranges = sliceRanges(backward.node);
  return [() => ranges.reduce((g, range, at) => unslice(g, range, boundsOf(backward, at), x), backward.g)];
}

/** The operands that bound a sliced axis. */
type Bounds = readonly { readonly value: Dim | undefined; readonly element: () => Var }[];

const boundsOf = ({ input }: Backward, at: number): Bounds =>
  [1, 2].map((operand) => ({
    value: staticSizes(input(operand))?.[at],
    element: () => slice(input(operand), { axis: 0, start: at, end: at + 1 }),
  }));

function unslice(g: Var, range: SliceRange, bounds: Bounds, x: Var): Var {
  const { axis, start, end, step } = range;
  const size = x.type.shape[axis] ?? 1;
  const after = subtractDims(size, end);
  if (step === 1) {
    if (typeof start === "number" && typeof after === "number") return padAxis(g, axis, start, after);
    return padNamed(g, x, range, bounds);
  }
  if (typeof size !== "number" || typeof start !== "number" || typeof range.length !== "number") {
    throw operatorError("Slice", `a size in numbers along axis ${axis} for the gradient of a step`, x);
  }
  if (range.length === 0) return zerosLike(x);
  const forward = step > 0 ? g : slice(g, { axis, start: -1, end: -(2 ** 31 - 1), step: -1 });
  const first = step > 0 ? start : start + (range.length - 1) * step;
  const spread = interleave(forward, axis, Math.abs(step));
  return padAxis(spread, axis, first, size - first - Number(spread.type.shape[axis]));
}

/** Zeros between the entries of an axis: n entries take (n - 1) step + 1 places. */
function interleave(x: Var, axis: number, step: number): Var {
  if (step === 1) return x;
  const length = Number(x.type.shape[axis]);
  const wide = padAxis(unsqueeze(x, [axis + 1]), axis + 1, 0, step - 1);
  return slice(reshape(wide, x.type.shape.with(axis, length * step)), { axis, end: (length - 1) * step + 1 });
}

/** Pads along an axis of named size: places are counted from the operand's own size, or were computed for the slice. */
function padNamed(g: Var, x: Var, { axis, start, end }: SliceRange, bounds: Bounds): Var {
  const size = x.type.shape[axis] ?? 1;
  const own = shapeOf(x, axis, axis + 1);
  const place = (dim: Dim): Var => {
    if (typeof dim === "number") return ints([dim]);
    const behind = subtractDims(size, dim);
    if (typeof behind === "number") return sub(own, ints([behind]));
    const bound = bounds.find(({ value }) => value === dim);
    if (bound !== undefined) return bound.element();
    throw operatorError("Slice", `bounds counted from either end for the gradient along axis ${axis}`, `${dim}`, x);
  };
  const [before, after] = [place(start), sub(own, place(end))];
  const rank = x.type.shape.length;
  const zeros = (count: number): Var[] => (count === 0 ? [] : [ints(Array<number>(count).fill(0))]);
  return pad(g, concat([...zeros(axis), before, ...zeros(rank - 1), after, ...zeros(rank - 1 - axis)], 0));
}

/** Cuts off what was added; what was mirrored or repeated goes back to where it came from. */
function padded(backward: Backward): readonly InputGradient[] {
  const { g, attributes, input, node } = backward;
  const x = input(0);
  const pads = staticIntegers(node.inputs[1]);
  if (pads === undefined) throw operatorError("Pad", "constant pads for the gradient", node.inputs[1]);
  const rank = x.type.shape.length;
  const mode = attributes.mode ?? "constant";
  const around = [...x.type.shape.keys()].map((axis) => ({
    axis,
    before: pads[axis] ?? 0,
    after: pads[axis + rank] ?? 0,
  }));
  const back = (): Var =>
    around.reduce(
      (held, place) => (mode === "constant" ? crop(held, place) : fold(held, place, x.type.shape, mode === "edge")),
      g,
    );
  return [back, undefined, () => sub(reduceSum(g), reduceSum(around.reduce(crop, g)))];
}

interface Around {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** Undoes padding with a constant; negative padding cut something off, which gets zeros. */
function crop(g: Var, { axis, before, after }: Around): Var {
  const kept =
    before > 0 || after > 0 ? slice(g, { axis, start: Math.max(0, before), ...(after > 0 ? { end: -after } : {}) }) : g;
  return padAxis(kept, axis, Math.max(0, -before), Math.max(0, -after));
}

/** Undoes `edge` (the outermost entry repeated) or `reflect` (mirrored at it, without repeating it) along one axis. */
function fold(g: Var, { axis, before, after }: Around, shape: Shape, edge: boolean): Var {
  const size = shape[axis];
  if (before === 0 && after === 0) return g;
  if (typeof size !== "number" || before < 0 || after < 0) {
    throw operatorError("Pad", `a size in numbers and pads of at least 0 along axis ${axis}`, `${size}`);
  }
  const core = slice(g, { axis, start: before, end: before + size });
  const part = (start: number, length: number): Var => slice(g, { axis, start, end: start + length });
  const place = (x: Var, start: number): Var => padAxis(x, axis, start, size - start - Number(x.type.shape[axis]));
  const sum = (x: Var): Var => reduceSum(x, { axes: [axis], keepDims: true });
  const mirror = (x: Var): Var => slice(x, { axis, start: -1, end: -(2 ** 31 - 1), step: -1 });
  const pieces = [core];
  if (before > 0) pieces.push(edge ? place(sum(part(0, before)), 0) : place(mirror(part(0, before)), 1));
  if (after > 0) {
    const tail = part(before + size, after);
    pieces.push(edge ? place(sum(tail), size - 1) : place(mirror(tail), size - 1 - after));
  }
  return pieces.reduce(add);
}

/** Adds every gathered row's gradient to the row that it came from. */
function gathered({ g, input, attributes }: Backward): readonly InputGradient[] {
  const [x, indices] = [input(0), input(1)];
  const axis = (((attributes.axis as number | undefined) ?? 0) + x.type.shape.length) % x.type.shape.length;
  const rank = x.type.shape.length;
  return [
    () => {
      // The axes of the indices become one, so that indices and updates have the operand's rank.
      const flat = reshape(
        indices,
        Array.from({ length: rank }, (_, at) => (at === axis ? -1 : 1)),
      );
      const count = flat.type.shape[axis] ?? 1;
      const updates = indices.type.shape.length === 1 ? g : reshape(g, x.type.shape.with(axis, count));
      return scatterElements(zerosLike(x), expandLike(flat, updates), updates, { axis, reduction: "add" });
    },
  ];
}

const axisAttribute = ({ attributes }: Backward): number => (attributes.axis as number | undefined) ?? 0;

export const selectionRules: Rules<"Slice" | "Pad" | "Gather" | "GatherElements" | "ScatterElements"> = {
  Slice: sliced,
  Pad: padded,
  Gather: gathered,
  GatherElements: (backward) => [
    () =>
      scatterElements(zerosLike(backward.input(0)), backward.input(1), backward.g, {
        axis: axisAttribute(backward),
        reduction: "add",
      }),
  ],
  /** An element that was replaced gets none. Indices of replacing updates must not repeat: which one wins is not defined. */
  ScatterElements: (backward) => {
    const { g, input, attributes } = backward;
    const axis = axisAttribute(backward);
    return [
      () => (attributes.reduction === "add" ? g : scatterElements(g, input(1), zerosLike(input(2)), { axis })),
      undefined,
      () => gatherElements(g, input(1), axis),
    ];
  },
};
