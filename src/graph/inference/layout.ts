/** Types of the operators that rearrange elements without choosing among them. */
import { addDims, divideDims, floorDivide, multiplyDims, productOf } from "../dims.ts";
import { operatorError } from "../operator-error.ts";
import type { LayoutOp } from "../operator-names.ts";
import { constantValue, staticIntegers, staticSizes } from "../static-values.ts";
import type { Dim, Shape } from "../tensor.ts";
import {
  broadcastShapes,
  type Family,
  intAttribute,
  intsAttribute,
  normaliseAxis,
  type OperatorSchema,
  operand,
  type Request,
  requireSameType,
} from "./schema.ts";
import { selection } from "./selection.ts";
import { shapeOperand } from "./sources.ts";

const integers = (request: Request, index: number): readonly number[] => {
  const found = staticIntegers(request.inputs[index]);
  if (found === undefined)
    throw operatorError(request.op, `constant integers as input ${index}`, request.inputs[index]);
  return found;
};

const reshape: OperatorSchema = {
  inputs: [2, 2],
  attributes: { allowzero: "int" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const wanted = shapeOperand(request, 1);
    const zero = intAttribute(request, "allowzero", 0) === 1;
    const sizes = wanted.map((dim, axis) => (dim === 0 && !zero ? (shape[axis] ?? 0) : dim));
    const total = productOf(shape);
    const open = sizes.indexOf(-1);
    const rest = productOf(sizes.filter((_, axis) => axis !== open));
    const refuse = (): Error =>
      operatorError("Reshape", `${total} elements`, operand(request, 0), `[${wanted.join(",")}]`);
    if (open < 0) {
      if (rest !== total) throw refuse();
      return [{ dtype, shape: sizes }];
    }
    const inferred = rest === 0 ? 0 : divideDims(total, rest);
    if (inferred === undefined || sizes.includes(-1, open + 1)) throw refuse();
    return [{ dtype, shape: sizes.with(open, inferred) }];
  },
};

const transpose: OperatorSchema = {
  inputs: [1, 1],
  attributes: { perm: "ints" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const perm = intsAttribute(request, "perm", [...shape.keys()].reverse());
    const sorted = [...perm].sort((a, b) => a - b);
    if (perm.length !== shape.length || sorted.some((axis, at) => axis !== at)) {
      throw operatorError("Transpose", `a permutation of 0..${shape.length - 1}`, `[${perm}]`, operand(request, 0));
    }
    return [{ dtype, shape: perm.map((axis): Dim => shape[axis] ?? 1) }];
  },
};

const concat: OperatorSchema = {
  inputs: [1, 1 << 30],
  attributes: { axis: "int" },
  infer: (request) => {
    const first = operand(request, 0).type;
    const axis = normaliseAxis(request, intAttribute(request, "axis", 0), first.shape.length);
    const dtype = requireSameType(request, [...request.inputs.keys()]);
    let length: Dim = 0;
    for (const index of request.inputs.keys()) {
      const { shape } = operand(request, index).type;
      if (shape.length !== first.shape.length || shape.some((dim, at) => at !== axis && dim !== first.shape[at])) {
        throw operatorError("Concat", `shapes that are equal except along axis ${axis}`, ...request.inputs);
      }
      length = addDims(length, shape[axis] ?? 0);
    }
    return [{ dtype, shape: first.shape.with(axis, length) }];
  },
};

const split: OperatorSchema = {
  inputs: [2, 2],
  attributes: { axis: "int" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const axis = normaliseAxis(request, intAttribute(request, "axis", 0), shape.length);
    const sizes = shapeOperand(request, 1);
    if (sizes.reduce<Dim>(addDims, 0) !== shape[axis]) {
      throw operatorError("Split", `sizes that add up to ${shape[axis]}`, `[${sizes.join(",")}]`);
    }
    return sizes.map((size) => ({ dtype, shape: shape.with(axis, size) }));
  },
};

const expand: OperatorSchema = {
  inputs: [2, 2],
  attributes: {},
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    return [{ dtype, shape: broadcastShapes(request, [shape, shapeOperand(request, 1)]) }];
  },
};

const tile: OperatorSchema = {
  inputs: [2, 2],
  attributes: {},
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const repeats = staticSizes(request.inputs[1]);
    if (repeats?.length !== shape.length) {
      throw operatorError("Tile", `${shape.length} constant repeats`, request.inputs[1]);
    }
    return [{ dtype, shape: shape.map((dim, axis) => multiplyDims(dim, repeats[axis] ?? 1)) }];
  },
};

const squeeze: OperatorSchema = {
  inputs: [1, 2],
  attributes: {},
  infer: (request) => {
    const x = operand(request, 0);
    const { dtype, shape } = x.type;
    const axes =
      request.inputs[1] === undefined
        ? [...shape.keys()].filter((axis) => shape[axis] === 1)
        : integers(request, 1).map((axis) => normaliseAxis(request, axis, shape.length));
    if (axes.some((axis) => shape[axis] !== 1)) throw operatorError("Squeeze", `size 1 along axes [${axes}]`, x);
    return [{ dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
  },
};

const unsqueeze: OperatorSchema = {
  inputs: [2, 2],
  attributes: {},
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const axes = integers(request, 1);
    const rank = shape.length + axes.length;
    const added = new Set(axes.map((axis) => normaliseAxis(request, axis, rank)));
    if (added.size !== axes.length) throw operatorError("Unsqueeze", "each axis once", `[${axes}]`);
    const kept = shape[Symbol.iterator]();
    return [
      {
        dtype,
        shape: Array.from({ length: rank }, (_, axis): Dim => (added.has(axis) ? 1 : (kept.next().value ?? 1))),
      },
    ];
  },
};

const flatten: OperatorSchema = {
  inputs: [1, 1],
  attributes: { axis: "int" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const given = intAttribute(request, "axis", 1);
    const axis = given === shape.length ? given : normaliseAxis(request, given, shape.length);
    return [{ dtype, shape: [productOf(shape.slice(0, axis)), productOf(shape.slice(axis))] }];
  },
};

const resize: OperatorSchema = {
  inputs: [1, 4],
  attributes: {
    mode: "string",
    coordinate_transformation_mode: "string",
    nearest_mode: "string",
    antialias: "int",
    axes: "ints",
    cubic_coeff_a: "float",
    exclude_outside: "int",
    extrapolation_value: "float",
    keep_aspect_ratio_policy: "string",
  },
  infer: (request) => {
    const x = operand(request, 0);
    const { dtype, shape } = x.type;
    const mode = request.attributes.mode ?? "nearest";
    const policy = request.attributes.keep_aspect_ratio_policy ?? "stretch";
    if ((mode !== "nearest" && mode !== "linear") || policy !== "stretch" || request.attributes.axes !== undefined) {
      throw operatorError(
        "Resize",
        "mode nearest or linear over all axes, stretched",
        JSON.stringify(request.attributes),
      );
    }
    const sizes: Shape | undefined = staticSizes(request.inputs[3]);
    const scales = request.inputs[2] === undefined ? undefined : constantValue(request.inputs[2])?.data;
    if (sizes !== undefined && sizes.length === shape.length) return [{ dtype, shape: sizes }];
    if (scales === undefined || scales.length !== shape.length) {
      throw operatorError(
        "Resize",
        `constant sizes or scales for ${shape.length} axes`,
        request.inputs[3] ?? request.inputs[2],
      );
    }
    return [{ dtype, shape: shape.map((dim, axis) => scaleDim(dim, Number(scales[axis]))) }];
  },
};

/** floor(dim * scale), exact for whole scales and their reciprocals. */
function scaleDim(dim: Dim, scale: number): Dim {
  if (Number.isInteger(scale)) return multiplyDims(dim, scale);
  return typeof dim === "number" ? Math.floor(dim * scale + 1e-6) : floorDivide(dim, Math.round(1 / scale));
}

export const layout: Family<LayoutOp> = {
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
  ...selection,
};
