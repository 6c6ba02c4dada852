/** Types of the normalisations. Batch normalisation is the inference form: training is composed from reductions. */
import { operatorError } from "../operator-error.ts";
import type { NormalisationOp } from "../operator-names.ts";
import type { Shape } from "../tensor.ts";
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

const equal = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, axis) => dim === b[axis]);

/** Refuses operands other than [C] for x [N, C, ...]. */
function requireChannels(request: Request, indices: readonly number[]): void {
  const channels = operand(request, 0).type.shape[1];
  for (const index of indices) {
    const found = operand(request, index);
    if (channels === undefined || !equal(found.type.shape, [channels])) {
      throw operatorError(request.op, `x [N, C, ...] and vectors [C]`, operand(request, 0), found);
    }
  }
  requireSameType(request, [0, ...indices]);
}

const layerNormalization: OperatorSchema = {
  inputs: [2, 3],
  attributes: { axis: "int", epsilon: "float", stash_type: "int" },
  infer: (request) => {
    const { dtype, shape } = requireType(request, 0, "float").type;
    requireSameType(request, [0, 1, 2]);
    const axis = normaliseAxis(request, intAttribute(request, "axis", -1), shape.length);
    const normalised = shape.slice(axis);
    for (const affine of request.inputs.slice(1)) {
      if (affine !== undefined && !equal(affine.type.shape, normalised)) {
        throw operatorError("LayerNormalization", `scale and bias [${normalised.join(",")}]`, affine);
      }
    }
    return [{ dtype, shape }];
  },
};

export const normalisation: Family<NormalisationOp> = {
  LayerNormalization: layerNormalization,
  BatchNormalization: {
    inputs: [5, 5],
    attributes: { epsilon: "float", momentum: "float", training_mode: "int" },
    infer: (request) => {
      const x = requireType(request, 0, "float");
      requireChannels(request, [1, 2, 3, 4]);
      if (intAttribute(request, "training_mode", 0) !== 0) {
        throw operatorError("BatchNormalization", "training_mode = 0", "training_mode = 1");
      }
      return [x.type];
    },
  },
  InstanceNormalization: {
    inputs: [3, 3],
    attributes: { epsilon: "float" },
    infer: (request) => {
      const x = requireType(request, 0, "float");
      if (x.type.shape.length < 3) throw operatorError("InstanceNormalization", "[N, C, spatial...]", x);
      requireChannels(request, [1, 2]);
      return [x.type];
    },
  },
};
