/** Reductions along axes. */
import { apply, type Var } from "../node.ts";
import type { OpName } from "../operators.ts";
import { ints } from "./constants.ts";

export interface ReduceOptions {
  /** Axes to reduce, negative ones from the end; default all. */
  readonly axes?: readonly number[];
  /** Whether the reduced axes stay with size 1; default false. */
  readonly keepDims?: boolean;
}

const reduce =
  (op: OpName) =>
  (x: Var, options: ReduceOptions = {}): Var =>
    options.axes?.length === 0
      ? x // ONNX reads an empty list of axes as "all of them"
      : apply(op, options.axes === undefined ? [x] : [x, ints(options.axes)], {
          keepdims: options.keepDims === true ? 1 : 0,
        });

type Reduction = (x: Var, options?: ReduceOptions) => Var;

export const reduceSum: Reduction = reduce("ReduceSum");
export const reduceMean: Reduction = reduce("ReduceMean");
/** Equal maxima share the gradient in equal parts. */
export const reduceMax: Reduction = reduce("ReduceMax");
/** Equal minima share the gradient in equal parts. */
export const reduceMin: Reduction = reduce("ReduceMin");
export const reduceProd: Reduction = reduce("ReduceProd");
/** Square root of the sum of squares. */
export const reduceL2 = (x: Var, options: ReduceOptions = {}): Var =>
  options.axes?.length === 0 ? apply("Abs", [x]) : reduce("ReduceL2")(x, options);

export interface ArgMaxOptions {
  /** The axis along which the largest element is looked for. */
  readonly axis: number;
  /** Whether the axis stays with size 1; default false. */
  readonly keepDims?: boolean;
}

/** int64 index of the largest element; the first of equals. */
export const argMax = (x: Var, options: ArgMaxOptions): Var =>
  apply("ArgMax", [x], { axis: options.axis, keepdims: options.keepDims === true ? 1 : 0 });
