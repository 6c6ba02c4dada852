/** Operators that rearrange elements. Sizes are numbers or names that the operand already has. */
import { productOf } from "../dims.ts";
import { apply, constant, makeNode, operatorError, type Var } from "../node.ts";
import { type DType, isStatic, type Shape } from "../tensor.ts";
import { floats, ints, operandLike, tensorOf } from "./constants.ts";

const integers = (values: readonly number[] | Var): Var => ("node" in values ? values : ints(values));

/**
 * The same elements in another shape. One size may be -1, to be worked out. A named size must be the operand's at the
 * same place, or the only one that is not.
 */
export function reshape(x: Var, shape: Shape | Var): Var {
  if ("node" in shape) return apply("Reshape", [x, shape]);
  if (isStatic(shape)) return apply("Reshape", [x, ints(shape)]);
  const sizes = shape.map((dim, axis) => (typeof dim === "number" ? dim : dim === x.type.shape[axis] ? 0 : -1));
  const open = sizes.indexOf(-1);
  if (sizes.includes(-1, open + 1) && open >= 0) {
    throw operatorError("Reshape", "at most one named size that moves", x, `[${shape.join(",")}]`);
  }
  const total = productOf(x.type.shape);
  if (!shape.includes(-1) && productOf(shape) !== total) {
    throw operatorError("Reshape", `${total} elements`, x, `[${shape.join(",")}]`);
  }
  return apply("Reshape", [x, ints(sizes)]);
}

/** Axis `perm[i]` of x becomes axis i. */
export const transpose = (x: Var, perm: readonly number[]): Var => apply("Transpose", [x], { perm });

export interface SliceOptions {
  readonly axis: number;
  /** First index; negative counts from the end. Default 0. */
  readonly start?: number | Var;
  /** Index after the last; negative counts from the end. Default: the end. */
  readonly end?: number | Var;
  /** Default 1. */
  readonly step?: number;
}

/** More than any size: "to the end" in ONNX. */
const toTheEnd = 2 ** 31 - 1;

/** Part of one axis. Computed bounds are int64 vectors of one element. */
export function slice(x: Var, options: SliceOptions): Var {
  const bound = (value: number | Var): Var => (typeof value === "number" ? ints([value]) : value);
  const { axis, start = 0, end = toTheEnd, step = 1 } = options;
  const inputs = [x, bound(start), bound(end), ints([axis])];
  return apply("Slice", step === 1 ? inputs : [...inputs, ints([step])]);
}

/** Joins along an axis. */
export const concat = (xs: readonly Var[], axis: number): Var => apply("Concat", xs, { axis });

/** Cuts an axis into pieces of the given sizes; sizes may be an int64 vector computed from shapes. */
export function split(x: Var, axis: number, sizes: readonly number[] | Var): Var[] {
  return [...makeNode("Split", [x, integers(sizes)], { axis }).outputs];
}

export interface PadOptions {
  /** Default `constant`. */
  readonly mode?: "constant" | "reflect" | "edge";
}

/** Surrounds x; pads in ONNX order: before every axis, then after every axis. Negative pads cut. */
export function pad(x: Var, pads: readonly number[] | Var, value: number | Var = 0, options: PadOptions = {}): Var {
  const mode = options.mode ?? "constant";
  if (mode !== "constant") return apply("Pad", [x, integers(pads)], { mode });
  if (value === 0) return apply("Pad", [x, integers(pads)]);
  return apply("Pad", [x, integers(pads), operandLike(value, x)]);
}

/** Entries of an axis by index: the shape of `indices` takes the place of the axis. */
export const gather = (x: Var, indices: Var, axis = 0): Var => apply("Gather", [x, indices], { axis });

/** result[i][j] = x[indices[i][j]][j] for axis 0, and so on. */
export const gatherElements = (x: Var, indices: Var, axis = 0): Var => apply("GatherElements", [x, indices], { axis });

export interface ScatterOptions {
  readonly axis: number;
  /** What happens to the element that is written to; default `none`, it is replaced. */
  readonly reduction?: "none" | "add";
}

/** x with updates[i][j] written to (or added at) [indices[i][j]][j] for axis 0, and so on. */
export const scatterElements = (x: Var, indices: Var, updates: Var, options: ScatterOptions): Var =>
  apply("ScatterElements", [x, indices, updates], {
    axis: options.axis,
    ...(options.reduction === undefined || options.reduction === "none" ? {} : { reduction: options.reduction }),
  });

/** Broadcasts x to a shape; a named size must be x's own at that place. */
export function expand(x: Var, shape: Shape | Var): Var {
  if ("node" in shape) return apply("Expand", [x, shape]);
  const offset = shape.length - x.type.shape.length;
  const sizes = shape.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    if (dim === x.type.shape[axis - offset]) return 1;
    throw operatorError("Expand", `${dim} at axis ${axis}, or a computed shape`, x);
  });
  return apply("Expand", [x, ints(sizes)]);
}

/** Broadcasts x to the shape of `like`; named sizes are taken from it at run time. */
export const expandLike = (x: Var, like: Var): Var =>
  expand(x, isStatic(like.type.shape) ? like.type.shape : shapeOf(like));

/** x in the shape of `like`, which has as many elements. */
export const reshapeLike = (x: Var, like: Var): Var =>
  reshape(x, isStatic(like.type.shape) ? like.type.shape : shapeOf(like));

/** Repeats x along every axis. */
export const tile = (x: Var, repeats: readonly number[]): Var => apply("Tile", [x, ints(repeats)]);

/** Drops axes of size 1. */
export const squeeze = (x: Var, axes: readonly number[]): Var =>
  axes.length === 0 ? x : apply("Squeeze", [x, ints(axes)]);

/** Adds axes of size 1 at these places of the result. */
export const unsqueeze = (x: Var, axes: readonly number[]): Var =>
  axes.length === 0 ? x : apply("Unsqueeze", [x, ints(axes)]);

/** A matrix: axes before `axis` are its rows, the others its columns. */
export const flatten = (x: Var, axis = 1): Var => apply("Flatten", [x], { axis });

export const identity = (x: Var): Var => apply("Identity", [x]);

/** The sizes of x as an int64 vector, or of its axes from `start` to before `end`. */
export const shapeOf = (x: Var, start = 0, end: number = x.type.shape.length): Var =>
  apply("Shape", [x], start === 0 && end === x.type.shape.length ? {} : { start, end });

/** Every element repeated `scales[i]` times along axis i. */
export const resizeNearest = (x: Var, scales: readonly number[]): Var =>
  apply("Resize", [x, undefined, floats([scales.length], scales)], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });

/** Linear interpolation to whole sizes, pixel centres at half (OpenCV's and PyTorch's reading). */
export const resizeLinear = (x: Var, sizes: readonly number[]): Var =>
  apply("Resize", [x, undefined, undefined, ints(sizes)], {
    mode: "linear",
    coordinate_transformation_mode: "half_pixel",
  });

/** `depth` numbers for every index: one at the index, zero elsewhere; all zeros for an index outside. */
export const oneHot = (indices: Var, depth: number, dtype: DType = "float32"): Var =>
  apply("OneHot", [indices, ints([depth]), constant(tensorOf(dtype, [2], [0, 1]))], { axis: -1 });
