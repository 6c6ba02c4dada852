/** Types of the operators that keep their operand's shape. */
import { operatorError } from "../operator-error.ts";
import type { UnaryOp } from "../operator-names.ts";
import { dtypeOfCode } from "../tensor.ts";
import {
  type DTypeSet,
  type Family,
  intAttribute,
  type OperatorSchema,
  operand,
  requireSameType,
  requireType,
} from "./schema.ts";

/** Shape and element type are the operand's. */
const same = (set: DTypeSet, attributes: OperatorSchema["attributes"] = {}): OperatorSchema => ({
  inputs: [1, 1],
  attributes,
  infer: (request) => [requireType(request, 0, set).type],
});

/** The shape is the operand's, the result is true or false. */
const test = (set: DTypeSet): OperatorSchema => ({
  inputs: [1, 1],
  attributes: {},
  infer: (request) => [{ dtype: "bool", shape: requireType(request, 0, set).type.shape }],
});

export const unary: Family<UnaryOp> = {
  Neg: same("number"),
  Abs: same("number"),
  Sign: same("number"),
  Exp: same("float"),
  Log: same("float"),
  Sqrt: same("float"),
  Reciprocal: same("float"),
  Sin: same("float"),
  Cos: same("float"),
  Floor: same("float"),
  Ceil: same("float"),
  Round: same("float"),
  Erf: same("float"),
  Sigmoid: same("float"),
  Tanh: same("float"),
  Relu: same("float"),
  Softplus: same("float"),
  LeakyRelu: same("float", { alpha: "float" }),
  Elu: same("float", { alpha: "float" }),
  HardSigmoid: same("float", { alpha: "float", beta: "float" }),
  HardSwish: same("float"),
  Not: test("bool"),
  IsNaN: test("float"),
  Identity: { inputs: [1, 1], attributes: {}, infer: (request) => [operand(request, 0).type] },
  Clip: {
    inputs: [1, 3],
    attributes: {},
    infer: (request) => {
      const x = requireType(request, 0, "number");
      requireSameType(request, [0, 1, 2]);
      for (const bound of request.inputs.slice(1)) {
        if (bound !== undefined && bound.type.shape.length !== 0) {
          throw operatorError("Clip", "a scalar bound", bound);
        }
      }
      return [x.type];
    },
  },
  Cast: {
    inputs: [1, 1],
    attributes: { to: "int" },
    infer: (request) => {
      const code = intAttribute(request, "to", 0);
      const dtype = dtypeOfCode(code);
      if (dtype === undefined) throw operatorError("Cast", "an element type that we hold", `ONNX type ${code}`);
      return [{ dtype, shape: operand(request, 0).type.shape }];
    },
  },
};
