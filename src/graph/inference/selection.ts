/** Types of the operators that choose, place or surround elements. */
import { addDims, ceilDivide, minDims, subtractDims } from "../dims.ts";
import { operatorError } from "../operator-error.ts";
import { staticIntegers, staticSizes } from "../static-values.ts";
import type { Dim, Shape } from "../tensor.ts";
import {
  type Family,
  intAttribute,
  normaliseAxis,
  type OperatorSchema,
  operand,
  type Request,
  requireSameType,
  requireType,
} from "./schema.ts";

/** One sliced axis: the first index, the index after the last (both within the axis), and the step. */
export interface SliceRange {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
  readonly length: Dim;
}

/** The ranges of a Slice, with negative and overlong bounds resolved. */
export function sliceRanges(request: Request): readonly SliceRange[] {
  const { shape } = operand(request, 0).type;
  const [starts, ends] = [staticSizes(request.inputs[1]), staticSizes(request.inputs[2])];
  const axes = request.inputs[3] === undefined ? [...(starts ?? []).keys()] : staticIntegers(request.inputs[3]);
  const steps = request.inputs[4] === undefined ? starts?.map(() => 1) : staticIntegers(request.inputs[4]);
  const known = starts !== undefined && ends !== undefined && axes !== undefined && steps !== undefined;
  if (!known || [ends, axes, steps].some((list) => list.length !== starts.length)) {
    throw operatorError("Slice", "starts, ends, axes and steps of one length, known in advance", ...request.inputs);
  }
  return starts.map((start, at) => {
    const axis = normaliseAxis(request, axes[at] ?? 0, shape.length);
    const size = shape[axis] ?? 1;
    const [end, step] = [ends[at] ?? 0, steps[at] ?? 1];
    if (step === 0) throw operatorError("Slice", "a step other than 0", "0");
    if (step < 0) return backwards(size, axis, start, end, step);
    const [from, to] = [within(size, start), within(size, end)];
    const room = subtractDims(to, from);
    const length = typeof room === "number" ? Math.max(0, Math.ceil(room / step)) : ceilDivide(room, step);
    return { axis, start: from, end: to, step, length };
  });
}

/** A bound counted from the front and clamped to the axis; what lies beyond 2^31 means "the end". */
function within(size: Dim, bound: Dim): Dim {
  if (typeof bound !== "number") return minDims(bound, size);
  if (bound >= 0x7fffffff) return size;
  if (bound >= 0) return minDims(bound, size);
  const counted = addDims(size, bound);
  return typeof counted === "number" ? Math.max(0, counted) : counted;
}

/** A reversed range needs a size in numbers; `end` of -1 stands for "before the first element". */
function backwards(size: Dim, axis: number, start: Dim, end: Dim, step: number): SliceRange {
  if (typeof size !== "number" || typeof start !== "number" || typeof end !== "number") {
    throw operatorError("Slice", "sizes in numbers for a negative step", `${size}`);
  }
  const from = Math.min(start < 0 ? start + size : start, size - 1);
  const to = end < -size ? -1 : Math.max(-1, end < 0 ? end + size : end);
  return { axis, start: from, end: to, step, length: Math.max(0, Math.ceil((to - from) / step)) };
}

const slice: OperatorSchema = {
  inputs: [3, 5],
  attributes: {},
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const ranges = sliceRanges(request);
    const sizes = ranges.reduce<Shape>((found, range) => found.with(range.axis, range.length), shape);
    return [{ dtype, shape: sizes }];
  },
};

const pad: OperatorSchema = {
  inputs: [2, 4],
  attributes: { mode: "string" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const pads = staticSizes(request.inputs[1]);
    const mode = String(request.attributes.mode ?? "constant");
    if (!["constant", "reflect", "edge"].includes(mode)) {
      throw operatorError("Pad", "mode constant, reflect or edge", mode);
    }
    if (request.inputs[3] !== undefined || pads?.length !== 2 * shape.length) {
      throw operatorError("Pad", `${2 * shape.length} pads, known in advance, for all axes`, ...request.inputs);
    }
    requireSameType(request, [0, 2]);
    const sizes = shape.map((dim, axis) => addDims(addDims(dim, pads[axis] ?? 0), pads[axis + shape.length] ?? 0));
    if (sizes.some((size) => typeof size === "number" && size < 0)) {
      throw operatorError("Pad", "pads that leave something", operand(request, 0), `[${pads.join(",")}]`);
    }
    if (mode === "reflect") {
      shape.forEach((dim, axis) => {
        const widest = Math.max(Number(pads[axis]), Number(pads[axis + shape.length]));
        if (typeof dim === "number" && widest >= dim) {
          throw operatorError("Pad", `reflected pads below ${dim} along axis ${axis}`, `${widest}`);
        }
      });
    }
    return [{ dtype, shape: sizes }];
  },
};

const gather: OperatorSchema = {
  inputs: [2, 2],
  attributes: { axis: "int" },
  infer: (request) => {
    const { dtype, shape } = operand(request, 0).type;
    const indices = requireType(request, 1, "integer").type.shape;
    const axis = normaliseAxis(request, intAttribute(request, "axis", 0), shape.length);
    return [{ dtype, shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)] }];
  },
};

/** Indices of the data's rank, no larger than the data except along the axis. */
function elementIndices(request: Request): Shape {
  const data = operand(request, 0);
  const indices = requireType(request, 1, "integer");
  const axis = normaliseAxis(request, intAttribute(request, "axis", 0), data.type.shape.length);
  const fits = indices.type.shape.every((dim, at) => {
    const size = data.type.shape[at];
    return at === axis || dim === size || (typeof dim === "number" && typeof size === "number" && dim <= size);
  });
  if (indices.type.shape.length !== data.type.shape.length || !fits) {
    throw operatorError(request.op, "indices of the data's rank that fit it outside the axis", data, indices);
  }
  return indices.type.shape;
}

const gatherElements: OperatorSchema = {
  inputs: [2, 2],
  attributes: { axis: "int" },
  infer: (request) => [{ dtype: operand(request, 0).type.dtype, shape: elementIndices(request) }],
};

const scatterElements: OperatorSchema = {
  inputs: [3, 3],
  attributes: { axis: "int", reduction: "string" },
  infer: (request) => {
    const shape = elementIndices(request);
    const updates = operand(request, 2);
    requireSameType(request, [0, 2]);
    if (updates.type.shape.length !== shape.length || updates.type.shape.some((dim, at) => dim !== shape[at])) {
      throw operatorError("ScatterElements", `updates of the shape of the indices [${shape.join(",")}]`, updates);
    }
    const reduction = String(request.attributes.reduction ?? "none");
    if (reduction !== "none" && reduction !== "add") {
      throw operatorError("ScatterElements", "reduction none or add", reduction);
    }
    return [operand(request, 0).type];
  },
};

type SelectionOp = "Slice" | "Pad" | "Gather" | "GatherElements" | "ScatterElements";

export const selection: Family<SelectionOp> = {
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
};
