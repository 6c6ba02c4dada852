/** Types of reductions and of softmax. From opset 18 on the axes of a reduction are an input. */
import { operatorError } from "../operator-error.ts";
import type { ReductionOp } from "../operator-names.ts";
import { staticIntegers } from "../static-values.ts";
import type { Shape } from "../tensor.ts";
import {
  type DTypeSet,
  type Family,
  intAttribute,
  normaliseAxis,
  type OperatorSchema,
  type Request,
  requireType,
} from "./schema.ts";

/** The axes of a reduction, counted from the front and sorted; all of them when the input is left out. */
export function reducedAxes(request: Request): readonly number[] {
  const rank = request.inputs[0]?.type.shape.length ?? 0;
  const operand = request.inputs[1];
  const axes = staticIntegers(operand);
  if (operand !== undefined && axes === undefined) throw operatorError(request.op, "constant axes", operand);
  if (axes === undefined || axes.length === 0) {
    return intAttribute(request, "noop_with_empty_axes", 0) === 1 ? [] : [...Array(rank).keys()];
  }
  const found = new Set(axes.map((axis) => normaliseAxis(request, axis, rank)));
  if (found.size !== axes.length) throw operatorError(request.op, "each axis once", `[${axes}]`);
  return [...found].sort((a, b) => a - b);
}

const drop = (shape: Shape, axes: readonly number[], keep: boolean): Shape =>
  keep ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)) : shape.filter((_, axis) => !axes.includes(axis));

const reduce = (set: DTypeSet): OperatorSchema => ({
  inputs: [1, 2],
  attributes: { keepdims: "int", noop_with_empty_axes: "int" },
  infer: (request) => {
    const { dtype, shape } = requireType(request, 0, set).type;
    return [{ dtype, shape: drop(shape, reducedAxes(request), intAttribute(request, "keepdims", 1) === 1) }];
  },
});

const softmax: OperatorSchema = {
  inputs: [1, 1],
  attributes: { axis: "int" },
  infer: (request) => {
    const { type } = requireType(request, 0, "float");
    normaliseAxis(request, intAttribute(request, "axis", -1), type.shape.length);
    return [type];
  },
};

export const reductions: Family<ReductionOp> = {
  ReduceSum: reduce("number"),
  ReduceMean: reduce("number"),
  ReduceMax: reduce("number"),
  ReduceMin: reduce("number"),
  ReduceProd: reduce("number"),
  ReduceL2: reduce("float"),
  ArgMax: {
    inputs: [1, 1],
    attributes: { axis: "int", keepdims: "int", select_last_index: "int" },
    infer: (request) => {
      const { shape } = requireType(request, 0, "number").type;
      const axis = normaliseAxis(request, intAttribute(request, "axis", 0), shape.length);
      return [{ dtype: "int64", shape: drop(shape, [axis], intAttribute(request, "keepdims", 1) === 1) }];
    },
  },
  Softmax: softmax,
  LogSoftmax: softmax,
};
