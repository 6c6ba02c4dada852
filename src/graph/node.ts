/**
 * The intermediate representation: an immutable graph whose operators are those of ONNX (opset 18), plus three
 * that ONNX lacks (`Input`, `StopGradient`, `ScaleGradient`). Types and shapes are worked out when a node is made,
 * so that a mistake is reported at the line that made it.
 */
import { usageError } from "../errors.ts";
import { inferenceOf, type OpName } from "./operators.ts";
import type { Tensor, TensorType } from "./tensor.ts";

export { operatorError } from "./operator-error.ts";
export { constantValue } from "./static-values.ts";

/** Attribute values, as ONNX has them. A number is a float or an int: the operator's schema knows which. */
export type Attribute = number | string | readonly number[] | Tensor;
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: OpName;
  /** `undefined` is an omitted optional input. */
  readonly inputs: readonly (Var | undefined)[];
  readonly attributes: Attributes;
  /** All that the operator can give, optional ones too: whoever writes or runs the node leaves out what nobody reads. */
  readonly outputs: readonly Var[];
}

/** One output of one node: what operators take and return. Compared by identity. */
export interface Var {
  readonly node: Node;
  readonly index: number;
  readonly type: TensorType;
}

/** Makes a node after checking its inputs and working out the types of its outputs. */
export function makeNode(op: OpName, inputs: readonly (Var | undefined)[], attributes: Attributes = {}): Node {
  const types = inferenceOf(op)({ op, inputs, attributes });
  const outputs: Var[] = [];
  const node: Node = { op, inputs, attributes, outputs };
  types.forEach((type, index) => {
    outputs.push({ node, index, type });
  });
  return node;
}

/** The first output of a new node; most operators have one. */
export const apply = (op: OpName, inputs: readonly (Var | undefined)[], attributes: Attributes = {}): Var =>
  output(makeNode(op, inputs, attributes), 0);

/** Output `index` of a node. */
export function output(node: Node, index: number): Var {
  const found = node.outputs[index];
  if (found === undefined) {
    throw usageError("graph-output", `${node.op} has ${node.outputs.length} outputs, no number ${index}`);
  }
  return found;
}

/** A value that is fed at every run. Names are unique within a graph. */
export const input = (name: string, type: TensorType): Var =>
  apply("Input", [], { name, dtype: type.dtype, shape: JSON.stringify(type.shape) });

/** A value fixed in the graph. */
export const constant = (value: Tensor): Var => apply("Constant", [], { value });

/** The name of an `Input`. */
export function inputName(variable: Var): string {
  if (variable.node.op !== "Input") {
    throw usageError("graph-input", `expected an input, got the result of ${variable.node.op}`);
  }
  return variable.node.attributes.name as string;
}
