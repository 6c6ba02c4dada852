/** Values that are fixed in the graph. */
import { usageError } from "../../errors.ts";
import { apply, constant, type Var } from "../node.ts";
import { type DType, isStatic, type Shape, sizeOf, type Tensor } from "../tensor.ts";

/** What arithmetic takes: a variable, or a number that becomes a scalar of the other operand's type. */
export type Operand = Var | number;

/** A tensor of a given type from plain numbers. */
export function tensorOf(dtype: DType, dims: readonly number[], values: ArrayLike<number>): Tensor {
  if (values.length !== sizeOf(dims)) {
    throw usageError("graph-type", `constant: expected ${sizeOf(dims)} values for [${dims}], got ${values.length}`);
  }
  switch (dtype) {
    case "float32":
      return { dtype, dims, data: Float32Array.from(values) };
    case "float64":
      return { dtype, dims, data: Float64Array.from(values) };
    case "int32":
      return { dtype, dims, data: Int32Array.from(values) };
    case "int64":
      return { dtype, dims, data: BigInt64Array.from(Array.from(values, BigInt)) };
    case "uint8":
    case "bool":
      return { dtype, dims, data: Uint8Array.from(values) };
    default:
      throw usageError("graph-type", `constant: no element type ${dtype satisfies never}`);
  }
}

/** A constant scalar. */
export const scalar = (value: number, dtype: DType = "float32"): Var => constant(tensorOf(dtype, [], [value]));

/** A constant float32 tensor. */
export const floats = (dims: readonly number[], values: ArrayLike<number>): Var =>
  constant(tensorOf("float32", dims, values));

/** A constant int64 vector: shapes, axes, pads. */
export const ints = (values: readonly number[]): Var => constant(tensorOf("int64", [values.length], values));

/** A tensor of one value. `shape` is sizes in numbers, or an int64 vector computed in the graph. */
export function full(shape: Shape | Var, value: number, dtype: DType = "float32"): Var {
  const sizes = "node" in shape ? shape : ints(requireNumbers(shape));
  return apply("ConstantOfShape", [sizes], { value: tensorOf(dtype, [1], [value]) });
}

/** A tensor of the shape and type of `x`, filled with one value; named sizes follow x. */
export const fullLike = (x: Var, value: number): Var =>
  full(isStatic(x.type.shape) ? x.type.shape : apply("Shape", [x]), value, x.type.dtype);

/** Consecutive whole numbers from `start` to before `limit`. */
export const range = (start: number, limit: number, step = 1, dtype: DType = "int64"): Var =>
  apply("Range", [scalar(start, dtype), scalar(limit, dtype), scalar(step, dtype)]);

/** The variable itself, or a number as a scalar of the type of `like`. */
export const operandLike = (value: Operand, like: Var): Var =>
  typeof value === "number" ? scalar(value, like.type.dtype) : value;

/** Two operands of which at least one is a variable. */
export function operands(op: string, a: Operand, b: Operand): [Var, Var] {
  if (typeof a !== "number") return [a, operandLike(b, a)];
  if (typeof b !== "number") return [operandLike(a, b), b];
  throw usageError("graph-type", `${op}: expected a variable, got the numbers ${a} and ${b}`);
}

function requireNumbers(shape: Shape): readonly number[] {
  if (isStatic(shape)) return shape;
  throw usageError(
    "graph-type",
    `full: expected sizes in numbers, got [${shape.join(",")}]`,
    "Use fullLike(x, value), or pass shapeOf(x).",
  );
}
