/** Types of inputs, constants, values made from shapes, and the two gradient markers. */
import { subtractDims } from "../dims.ts";
import { operatorError } from "../operator-error.ts";
import type { SourceOp } from "../operator-names.ts";
import { constantValue, staticSizes } from "../static-values.ts";
import { type Dim, type DType, onnxTypeCodes, type Shape, sizeOf, type Tensor, type TensorType } from "../tensor.ts";
import {
  type Family,
  intAttribute,
  normaliseAxis,
  operand,
  type Request,
  requireSameType,
  requireType,
} from "./schema.ts";

/** A shape given as an operand; sizes may be named, but must be known by name. */
export function shapeOperand(request: Request, index: number): Shape {
  const found = operand(request, index);
  const sizes = staticSizes(found);
  if (found.type.dtype !== "int64" || found.type.shape.length !== 1 || sizes === undefined) {
    throw operatorError(request.op, "an int64 vector of sizes known when the graph is made", found);
  }
  return sizes;
}

export const sources: Family<SourceOp> = {
  Input: {
    inputs: [0, 0],
    attributes: { name: "string", dtype: "string", shape: "string" },
    infer: ({ attributes }) => {
      const { name, dtype, shape } = attributes;
      if (typeof name !== "string" || name === "") throw operatorError("Input", "a name", JSON.stringify(name));
      if (!Object.hasOwn(onnxTypeCodes, String(dtype))) throw operatorError("Input", "an element type", String(dtype));
      const dims = JSON.parse(String(shape)) as Shape;
      for (const dim of dims) {
        const fits = typeof dim === "number" ? Number.isInteger(dim) && dim >= 0 : dim !== "";
        if (!fits) throw operatorError("Input", "sizes that are whole numbers or names", `${name} [${dims.join(",")}]`);
      }
      return [{ dtype: dtype as DType, shape: dims }];
    },
  },
  Constant: {
    inputs: [0, 0],
    attributes: { value: "tensor" },
    infer: ({ attributes }) => {
      const value = attributes.value as Tensor | undefined;
      if (value === undefined) throw operatorError("Constant", "a value", undefined);
      if (value.data.length !== sizeOf(value.dims)) {
        throw operatorError("Constant", `${sizeOf(value.dims)} elements for [${value.dims}]`, `${value.data.length}`);
      }
      return [{ dtype: value.dtype, shape: value.dims }];
    },
  },
  ConstantOfShape: {
    inputs: [1, 1],
    attributes: { value: "tensor" },
    infer: (request) => {
      const value = request.attributes.value as Tensor | undefined;
      if (value !== undefined && value.data.length !== 1) {
        throw operatorError("ConstantOfShape", "one element as value", `${value.data.length} elements`);
      }
      return [{ dtype: value?.dtype ?? "float32", shape: shapeOperand(request, 0) }];
    },
  },
  Range: {
    inputs: [3, 3],
    attributes: {},
    infer: (request) => {
      const dtype = requireSameType(request, [0, 1, 2]);
      const [start, limit, delta] = [0, 1, 2].map((index) => scalarValue(request, index));
      // Whole numbers may go up to a named size.
      if (typeof limit === "string" && typeof start === "number" && delta === 1) {
        return [{ dtype, shape: [subtractDims(limit, start)] }];
      }
      if (typeof start !== "number" || typeof limit !== "number" || typeof delta !== "number" || delta === 0) {
        throw operatorError("Range", "scalars known in advance and a step other than 0", ...request.inputs);
      }
      return [{ dtype, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
    },
  },
  Shape: {
    inputs: [1, 1],
    attributes: { start: "int", end: "int" },
    infer: (request) => {
      const { shape } = operand(request, 0).type;
      const kept = shape.slice(intAttribute(request, "start", 0), intAttribute(request, "end", shape.length));
      return [{ dtype: "int64", shape: [kept.length] }];
    },
  },
  OneHot: {
    inputs: [3, 3],
    attributes: { axis: "int" },
    infer: (request) => {
      const indices = requireType(request, 0, "number");
      const depth = staticSizes(operand(request, 1))?.[0];
      const values = operand(request, 2);
      if (depth === undefined) throw operatorError("OneHot", "a constant depth", operand(request, 1));
      if (values.type.shape[0] !== 2) throw operatorError("OneHot", "two values, off and on", values);
      const rank = indices.type.shape.length + 1;
      const axis = normaliseAxis(request, intAttribute(request, "axis", -1), rank);
      const shape = indices.type.shape.toSpliced(axis, 0, depth);
      return [{ dtype: values.type.dtype, shape }];
    },
  },
  StopGradient: { inputs: [1, 1], attributes: {}, infer: (request) => [operand(request, 0).type] },
  ScaleGradient: {
    inputs: [2, 2],
    attributes: {},
    infer: (request): TensorType[] => {
      const x = requireType(request, 0, "float");
      const factor = operand(request, 1);
      requireSameType(request, [0, 1]);
      if (factor.type.shape.length !== 0) throw operatorError("ScaleGradient", "a scalar factor", factor);
      return [x.type];
    },
  },
};

/** A scalar that is constant, or a size. */
function scalarValue(request: Request, index: number): Dim | undefined {
  const found = operand(request, index);
  const value = constantValue(found);
  if (value === undefined) return staticSizes(found)?.[0];
  return value.data.length === 1 ? Number(value.data[0]) : undefined;
}
