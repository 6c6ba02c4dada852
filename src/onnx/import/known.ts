/**
 * Values that are known when the graph is made: constants, and arithmetic on sizes, where a size may be a name ("N").
 * Exporters write shapes as long chains of such arithmetic; none of it is left in the graph.
 */
import { dataError } from "../../errors.ts";
import { constant, type Var } from "../../graph/index.ts";
import type { Dim, DType, Shape, Tensor } from "../../graph/tensor.ts";
import { sizeOf } from "../../graph/tensor.ts";

export interface Known {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Row-major. Booleans are 0 and 1; only integers can be names. */
  readonly elements: readonly Dim[];
}

/** Values with more elements are left to the engine: no shape has as many. */
const mostElements = 16_384;
/** Longer formulas of names are no sizes of any model. */
const longestFormula = 256;

export const isNumeric = (known: Known): known is Known & { readonly elements: readonly number[] } =>
  known.elements.every((element) => typeof element === "number");

/** A known value, or undefined where it is too large to be worth knowing or a part of it is not known. */
export function makeKnown(
  dtype: DType,
  dims: readonly number[],
  elements: readonly (Dim | undefined)[],
): Known | undefined {
  if (elements.length > mostElements || elements.length !== sizeOf(dims)) return undefined;
  const found: Dim[] = [];
  for (const element of elements) {
    if (element === undefined) return undefined;
    if (typeof element === "string" && element.length > longestFormula) {
      throw dataError("onnx-shape", `a size that is a formula of ${element.length} characters: expected fewer`);
    }
    found.push(element);
  }
  return { dtype, dims, elements: found };
}

export const knownTensor = (tensor: Tensor): Known | undefined =>
  tensor.data.length > mostElements
    ? undefined
    : makeKnown(tensor.dtype, tensor.dims, Array.from<number | bigint, number>(tensor.data, Number));

/** A vector of sizes. */
export const knownSizes = (sizes: Shape): Known => ({ dtype: "int64", dims: [sizes.length], elements: sizes });

/** The largest int64 is no JavaScript number; files write it for "to the end". */
const int64 = (value: number): bigint => {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
};

/** A known value in numbers as a tensor. */
export function tensorOfKnown({ dtype, dims, elements }: Known & { readonly elements: readonly number[] }): Tensor {
  switch (dtype) {
    case "int64": {
      if (elements.some((element) => !Number.isFinite(element)))
        throw dataError("onnx-shape", `expected whole numbers, got ${elements.slice(0, 8).join(", ")}`);
      return { dtype, dims, data: BigInt64Array.from(elements, int64) };
    }
    case "int32":
      return { dtype, dims, data: Int32Array.from(elements) };
    case "float32":
      return { dtype, dims, data: Float32Array.from(elements) };
    case "float64":
      return { dtype, dims, data: Float64Array.from(elements) };
    case "uint8":
    case "bool":
      return { dtype, dims, data: Uint8Array.from(elements) };
    default:
      throw dataError("onnx-type", `no constants of type ${dtype satisfies never}`);
  }
}

export const constantOfKnown = (known: Known & { readonly elements: readonly number[] }): Var =>
  constant(tensorOfKnown(known));
