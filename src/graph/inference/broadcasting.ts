/** Types of the operators whose operands broadcast against each other. */
import { operatorError } from "../operator-error.ts";
import type { BroadcastOp } from "../operator-names.ts";
import {
  broadcastShapes,
  type DTypeSet,
  type Family,
  type OperatorSchema,
  operand,
  type Request,
  requireSameType,
  requireType,
} from "./schema.ts";

const shapesOf = (request: Request): ReturnType<typeof broadcastShapes> =>
  broadcastShapes(
    request,
    request.inputs.flatMap((input) => (input === undefined ? [] : [input.type.shape])),
  );

const arithmetic = (most: number, attributes: OperatorSchema["attributes"] = {}): OperatorSchema => ({
  inputs: [most === 2 ? 2 : 1, most],
  attributes,
  infer: (request) => {
    request.inputs.forEach((_, index) => void requireType(request, index, "number"));
    const dtype = requireSameType(request, [...request.inputs.keys()]);
    return [{ dtype, shape: shapesOf(request) }];
  },
});

const comparison = (set: DTypeSet | "any"): OperatorSchema => ({
  inputs: [2, 2],
  attributes: {},
  infer: (request) => {
    if (set !== "any") [0, 1].forEach((index) => void requireType(request, index, set));
    requireSameType(request, [0, 1]);
    return [{ dtype: "bool", shape: shapesOf(request) }];
  },
});

/** Min and Max take any number of operands. */
const many = 1 << 30;

export const broadcasting: Family<BroadcastOp> = {
  Add: arithmetic(2),
  Sub: arithmetic(2),
  Mul: arithmetic(2),
  Div: arithmetic(2),
  Pow: arithmetic(2),
  Min: arithmetic(many),
  Max: arithmetic(many),
  Mod: {
    ...arithmetic(2, { fmod: "int" }),
    infer: (request) => {
      const [type] = arithmetic(2).infer(request);
      if (type === undefined) return [];
      const fmod = request.attributes.fmod === 1;
      if (!fmod && (type.dtype === "float32" || type.dtype === "float64")) {
        throw operatorError("Mod", "integers, or fmod = 1", ...request.inputs);
      }
      return [type];
    },
  },
  Equal: comparison("any"),
  Greater: comparison("number"),
  GreaterOrEqual: comparison("number"),
  Less: comparison("number"),
  LessOrEqual: comparison("number"),
  And: comparison("bool"),
  Or: comparison("bool"),
  Where: {
    inputs: [3, 3],
    attributes: {},
    infer: (request) => {
      requireType(request, 0, "bool");
      return [{ dtype: requireSameType(request, [1, 2]), shape: shapesOf(request) }];
    },
  },
  PRelu: {
    inputs: [2, 2],
    attributes: {},
    infer: (request) => {
      const x = requireType(request, 0, "float");
      requireSameType(request, [0, 1]);
      // The slope broadcasts to x and never the other way round.
      const shape = shapesOf(request);
      if (shape.length !== x.type.shape.length || shape.some((dim, axis) => dim !== x.type.shape[axis])) {
        throw operatorError("PRelu", "a slope that broadcasts to x", x, operand(request, 1));
      }
      return [x.type];
    },
  },
};
