/** What the table of operators holds, and the checks that the families share. */
import type { Attributes, Var } from "../node.ts";
import { operatorError } from "../operator-error.ts";
import type { OpName } from "../operator-names.ts";
import type { Dim, DType, Shape, TensorType } from "../tensor.ts";

export interface Request {
  readonly op: OpName;
  readonly inputs: readonly (Var | undefined)[];
  readonly attributes: Attributes;
}

/** Types of the outputs, or an error that names the operator, what it expects and what came. */
export type Inference = (request: Request) => readonly TensorType[];

/** Kinds of attributes in the ONNX format. */
export type AttributeKind = "int" | "float" | "string" | "ints" | "floats" | "tensor";

export interface OperatorSchema {
  /** Least and most inputs; those beyond the least may be left out. */
  readonly inputs: readonly [number, number];
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  readonly infer: Inference;
}

/** A family: a schema for each of its operators. */
export type Family<Op extends OpName> = Readonly<Record<Op, OperatorSchema>>;

/** Input `index`, which the schema's arity promises. */
export function operand(request: Request, index: number): Var {
  const found = request.inputs[index];
  if (found === undefined) throw operatorError(request.op, `input ${index}`, undefined);
  return found;
}

const floats: readonly DType[] = ["float32", "float64"];
const numbers: readonly DType[] = [...floats, "int32", "int64", "uint8"];

export const dtypeSets = { float: floats, number: numbers, bool: ["bool"], integer: ["int32", "int64"] } as const;
export type DTypeSet = keyof typeof dtypeSets;

/** Refuses an input whose element type is not in the set. */
export function requireType(request: Request, index: number, set: DTypeSet): Var {
  const found = operand(request, index);
  const allowed: readonly DType[] = dtypeSets[set];
  if (!allowed.includes(found.type.dtype)) throw operatorError(request.op, `${allowed.join(" or ")}`, found);
  return found;
}

/** Refuses inputs of differing element types; omitted ones are skipped. */
export function requireSameType(request: Request, indices: readonly number[]): DType {
  const found = indices.map((index) => request.inputs[index]).filter((input) => input !== undefined);
  const [first] = found;
  if (first === undefined) throw operatorError(request.op, "an input", undefined);
  if (found.some((input) => input.type.dtype !== first.type.dtype)) {
    throw operatorError(request.op, "inputs of one element type", ...found);
  }
  return first.type.dtype;
}

/** An axis counted from the front; negative axes count from the end, as in ONNX. */
export function normaliseAxis(request: Request, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw operatorError(request.op, `an axis in [${-rank}, ${rank - 1}]`, `${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** An integer attribute or its default. */
export const intAttribute = (request: Request, name: string, fallback: number): number =>
  (request.attributes[name] as number | undefined) ?? fallback;

/** An integer list attribute or its default. */
export const intsAttribute = (request: Request, name: string, fallback: readonly number[]): readonly number[] =>
  (request.attributes[name] as readonly number[] | undefined) ?? fallback;

/** Shapes broadcast by ONNX's (numpy's) rule; a named size meets only itself or 1. */
export function broadcastShapes(request: Request, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === size) continue;
      if (size !== 1) {
        throw operatorError(request.op, "shapes that broadcast", ...shapes.map((s) => `[${s.join(",")}]`));
      }
      size = dim;
    }
    return size;
  });
}
