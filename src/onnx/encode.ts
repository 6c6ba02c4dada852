/**
 * Graph -> bytes of a standard ONNX model. The three operators of ours that ONNX lacks vanish here: inputs become graph
 * inputs, and the two that only steer differentiation are the identity, so their readers read straight through them.
 *
 * Built with `onnx-buf` (the generated ONNX schema) on `@bufbuild/protobuf`. Names are a pure function of the graph:
 * the same graph gives the same bytes.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { internalError, usageError } from "../errors.ts";
import { type Graph, topologicalOrder } from "../graph/graph.ts";
import { type Attribute, inputName, type Node, type Var } from "../graph/node.ts";
import { schemaOf } from "../graph/operators.ts";
import { onnxTypeCodes, type Tensor, type TensorType } from "../graph/tensor.ts";
import { AttributeKind, irVersion, opsetVersion } from "./types.ts";

export interface EncodeOptions {
  /** Written as `metadata_props`, in this order. Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Name of the program that made the file. Default `dann`. */
  readonly producer?: string;
}

/** The bytes of a `.onnx` file that computes the graph's outputs. */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    opsetImport: [{ domain: "", version: BigInt(opsetVersion) }],
    producerName: options.producer ?? "dann",
    graph: encodeGraph(graph),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });
  return toBinary(ModelProtoSchema, model);
}

/** The graph part alone: also the body of a `Scan` (scan.ts). */
export function encodeGraph(graph: Graph): GraphProto {
  const order = topologicalOrder(Object.values(graph.outputs));
  const nameOf = nameValues(graph, order);
  const read = readValues(graph, order);
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueInfoProto[] = [];
  order.forEach((node, position) => {
    const first = node.outputs[0];
    switch (node.op) {
      case "Input":
        if (first !== undefined) inputs.push(valueInfo(nameOf(first), first.type));
        return;
      case "Constant":
        if (first !== undefined) initializers.push(encodeTensor(nameOf(first), node.attributes.value as Tensor));
        return;
      case "StopGradient":
      case "ScaleGradient":
        return;
      default:
        nodes.push(encodeNode(node, position, nameOf, read));
    }
  });
  // An output that is an input, a constant or a second name for a value needs a node of its own.
  for (const [name, variable] of Object.entries(graph.outputs)) {
    const value = nameOf(variable);
    if (value === name) continue;
    nodes.push(create(NodeProtoSchema, { name: `output:${name}`, opType: "Identity", input: [value], output: [name] }));
  }
  return create(GraphProtoSchema, {
    name: graph.name,
    node: nodes,
    initializer: initializers,
    input: inputs,
    output: Object.entries(graph.outputs).map(([name, variable]) => valueInfo(name, variable.type)),
  });
}

/** Values that some node or output reads. */
function readValues(graph: Graph, order: readonly Node[]): ReadonlySet<Var> {
  const read = new Set<Var>(Object.values(graph.outputs).map(throughIdentity));
  for (const node of order) {
    for (const variable of node.inputs) if (variable !== undefined) read.add(throughIdentity(variable));
  }
  return read;
}

/** A name for every value: inputs and outputs keep theirs, the rest is numbered in topological order. */
function nameValues(graph: Graph, order: readonly Node[]): (variable: Var) => string {
  const names = new Map<Var, string>();
  const taken = new Set<string>();
  for (const node of order) {
    const variable = node.outputs[0];
    if (node.op !== "Input" || variable === undefined) continue;
    const name = inputName(variable);
    if (taken.has(name))
      throw usageError("graph-input", `graph ${graph.name}: two inputs are named "${name}", expected distinct names`);
    names.set(variable, name);
    taken.add(name);
  }
  for (const [name, variable] of Object.entries(graph.outputs)) {
    if (taken.has(name)) {
      throw usageError(
        "graph-output",
        `graph ${graph.name}: "${name}" is the name of an input and of an output, expected distinct names`,
      );
    }
    taken.add(name);
    const origin = throughIdentity(variable);
    if (!names.has(origin) && origin.node.op !== "Constant") names.set(origin, name);
  }
  order.forEach((node, position) => {
    node.outputs.forEach((variable, index) => {
      if (names.has(variable)) return;
      let name = `${node.op}_${position}${node.outputs.length > 1 ? `_${index}` : ""}`;
      while (taken.has(name)) name += "_";
      names.set(variable, name);
      taken.add(name);
    });
  });
  return (variable) => {
    const name = names.get(throughIdentity(variable));
    if (name === undefined) throw internalError(`${variable.node.op} is read but is not part of graph ${graph.name}`);
    return name;
  };
}

/** The value behind operators that are the identity at run time. */
function throughIdentity(variable: Var): Var {
  let found = variable;
  while (found.node.op === "StopGradient" || found.node.op === "ScaleGradient") {
    const behind = found.node.inputs[0];
    if (behind === undefined) throw internalError(`${found.node.op} without an input`);
    found = behind;
  }
  return found;
}

function encodeNode(
  node: Node,
  position: number,
  nameOf: (variable: Var) => string,
  read: ReadonlySet<Var>,
): NodeProto {
  // Optional outputs that nobody reads are left out: the engine has a faster kernel without them. The first output is
  // never optional, and the number of outputs of a Split is part of its meaning.
  const written = (variable: Var): boolean => variable.index === 0 || node.op === "Split" || read.has(variable);
  const output = node.outputs.map((variable) => (written(variable) ? nameOf(variable) : ""));
  while (output.at(-1) === "") output.pop();
  return create(NodeProtoSchema, {
    name: `${node.op}_${position}`,
    opType: node.op,
    input: node.inputs.map((variable) => (variable === undefined ? "" : nameOf(variable))),
    output,
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(node, name, value)),
  });
}

/** The schema of the operator says how a number is written; ONNX tells 1 from 1.0. */
function encodeAttribute({ op }: Node, name: string, value: Attribute): AttributeProto {
  const kind = schemaOf(op).attributes[name];
  switch (kind) {
    case "int":
      return create(AttributeProtoSchema, { name, type: AttributeKind.INT, i: BigInt(value as number) });
    case "float":
      return create(AttributeProtoSchema, { name, type: AttributeKind.FLOAT, f: value as number });
    case "string":
      return create(AttributeProtoSchema, { name, type: AttributeKind.STRING, s: utf8(value as string) });
    case "ints":
      return create(AttributeProtoSchema, { name, type: AttributeKind.INTS, ints: (value as number[]).map(BigInt) });
    case "floats":
      return create(AttributeProtoSchema, { name, type: AttributeKind.FLOATS, floats: [...(value as number[])] });
    case "tensor":
      return create(AttributeProtoSchema, { name, type: AttributeKind.TENSOR, t: encodeTensor("", value as Tensor) });
    case undefined:
      throw internalError(`${op} has no attribute ${name}`);
    default:
      throw internalError(`${op}.${name}: no attribute kind ${kind satisfies never}`);
  }
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function encodeTensor(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: tensor.dims.map(BigInt),
    dataType: onnxTypeCodes[tensor.dtype],
    rawData: littleEndianBytes(tensor),
  });
}

/** ONNX stores raw data little-endian, which is what every platform that runs JavaScript today has in memory. */
function littleEndianBytes({ data }: Tensor): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return bytes;
}

export function valueInfo(name: string, type: TensorType): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: onnxTypeCodes[type.dtype],
          shape: {
            dim: type.shape.map((dim) => ({
              value:
                typeof dim === "number"
                  ? { case: "dimValue" as const, value: BigInt(dim) }
                  : { case: "dimParam" as const, value: dim },
            })),
          },
        },
      },
    },
  });
}
