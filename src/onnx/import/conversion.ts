/** What the rules of the importer are given: one node of the file, its operands, and its attributes. */
import type { AttributeProto } from "onnx-buf";
import { dataError } from "../../errors.ts";
import type { Var } from "../../graph/index.ts";
import type { Dim, Tensor } from "../../graph/tensor.ts";
import { AttributeKind } from "../types.ts";
import type { Known } from "./known.ts";
import type { SourceNode } from "./source.ts";
import { decodeInline } from "./tensor-data.ts";

/** The value of a name of the file. */
export interface Value {
  /** What is known of it when the graph is made. */
  readonly known: Known | undefined;
  /** The value in the graph; made when it is first asked for. */
  readonly variable: () => Var;
}

export interface Conversion {
  readonly node: SourceNode;
  readonly opset: number;
  /** How many inputs are written, left out ones in between included. */
  readonly inputCount: number;
  has(index: number): boolean;
  /** An operand that must be there. */
  input(index: number): Var;
  optional(index: number): Var | undefined;
  known(index: number): Known | undefined;
  /** Elements of an operand that must be known, possibly by name. */
  sizes(index: number): readonly Dim[];
  /** Elements of an operand that must be known in numbers. */
  numbers(index: number): readonly number[];
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  ints(name: string): readonly number[] | undefined;
  floats(name: string): readonly number[] | undefined;
  tensor(name: string): Tensor | undefined;
  /** Sizes as an int64 vector in the graph, names taken from the graph's inputs. */
  vector(sizes: readonly Dim[]): Var;
}

/** Whether an error names what is wrong is up to its maker; where, is added by the builder. */
export const refuse = (expected: string, got: string): Error =>
  dataError("onnx-operator", `expected ${expected}, got ${got}`);

export function conversionOf(
  node: SourceNode,
  opset: number,
  values: (name: string) => Value,
  vector: (sizes: readonly Dim[]) => Var,
): Conversion {
  const nameAt = (index: number): string => node.inputs[index] ?? "";
  const known = (index: number): Known | undefined => (nameAt(index) === "" ? undefined : values(nameAt(index)).known);
  const input = (index: number): Var => {
    if (nameAt(index) === "") throw refuse(`${node.op} with input ${index}`, `${node.inputs.length} inputs`);
    return values(nameAt(index)).variable();
  };
  const sizes = (index: number): readonly Dim[] => {
    const found = known(index);
    if (found === undefined) {
      throw dataError(
        "onnx-computed",
        `${node.op} needs input ${index} ("${nameAt(index)}") when the graph is made, but it depends on the data`,
        "Export the model with fixed sizes, or with constant folding.",
      );
    }
    return found.elements;
  };
  const numbers = (index: number): readonly number[] => {
    const found = sizes(index);
    const name = found.find((size) => typeof size === "string");
    if (name !== undefined) {
      throw dataError(
        "onnx-computed",
        `${node.op} needs input ${index} ("${nameAt(index)}") in numbers, but it depends on the size ${name}`,
        "Give that size a number.",
      );
    }
    return found as readonly number[];
  };
  const attributes = attributesOf(node);
  return {
    node,
    opset,
    inputCount: node.inputs.length,
    has: (index) => nameAt(index) !== "",
    input,
    optional: (index) => (nameAt(index) === "" ? undefined : input(index)),
    known,
    sizes,
    numbers,
    vector,
    ...attributes,
  };
}

type Attributes = Pick<Conversion, "int" | "float" | "text" | "ints" | "floats" | "tensor">;

/** Readers that refuse an attribute of another kind than its operator's definition says. */
function attributesOf(node: SourceNode): Attributes {
  const read = <T>(name: string, kind: AttributeKind, take: (attribute: AttributeProto) => T): T | undefined => {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.refAttrName !== "" || attribute.type !== kind) {
      throw refuse(`${node.op} with ${name} as ${AttributeKind[kind]}`, String(AttributeKind[attribute.type]));
    }
    return take(attribute);
  };
  return {
    int: (name, fallback) => read(name, AttributeKind.INT, ({ i }) => Number(i)) ?? fallback,
    float: (name, fallback) => read(name, AttributeKind.FLOAT, ({ f }) => f) ?? fallback,
    text: (name, fallback) => read(name, AttributeKind.STRING, ({ s }) => new TextDecoder().decode(s)) ?? fallback,
    ints: (name) => read(name, AttributeKind.INTS, ({ ints }) => ints.map(Number)),
    floats: (name) => read(name, AttributeKind.FLOATS, ({ floats }) => floats),
    tensor: (name) =>
      read(name, AttributeKind.TENSOR, ({ t }) => {
        if (t === undefined) throw refuse(`${node.op} with a tensor as ${name}`, "nothing");
        return decodeInline(t, `attribute ${name}`);
      }),
  };
}

/** Two names of one element list: the numbers of an operand where it is written, else of an attribute of older sets. */
export const axesOf = (c: Conversion, index: number): readonly number[] | undefined =>
  c.has(index) ? c.numbers(index) : c.ints("axes");

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= Math.max(rank, 1)) {
    throw refuse(`an axis in [${-rank}, ${rank - 1}]`, `${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}
