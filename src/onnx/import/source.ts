/**
 * The file as a checked list of nodes: every name is made once, everything that is read exists, and each node comes
 * after what it reads. What the operators mean is not looked at here.
 */
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { type DannError, dataError } from "../../errors.ts";
import type { TensorType } from "../../graph/tensor.ts";
import { describeModel, type ModelInfo, parseModel } from "../read.ts";
import { AttributeKind } from "../types.ts";
import { importedType } from "./tensor-data.ts";

export interface SourceNode {
  readonly op: string;
  /** "" is the standard's. */
  readonly domain: string;
  /** What it is called in errors: `node "conv1" (Conv, 3 of 40)`. */
  readonly place: string;
  /** Names of values; "" where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** Every value that it needs: its inputs, and what the graphs inside it read from around them. */
  readonly reads: readonly string[];
}

export interface SourceModel {
  /** Of the file, for errors. */
  readonly name: string;
  readonly info: ModelInfo;
  readonly opset: number;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** Each after the nodes that it reads. */
  readonly nodes: readonly SourceNode[];
}

export const oldestOpset = 11;
export const newestOpset = 21;

export function readSource(bytes: Uint8Array, name: string): SourceModel {
  const model = parseModel(bytes, name);
  const info = describeModel(model, bytes.byteLength, name, importedType);
  if (info.opset < oldestOpset || info.opset > newestOpset) {
    throw dataError(
      "onnx-opset",
      `${name}: expected operator set ${oldestOpset} to ${newestOpset}, got ${info.opset}`,
      "Export the model with opset 17 or 18.",
    );
  }
  const graph = model.graph as GraphProto;
  if (graph.sparseInitializer.length > 0) {
    throw dataError("onnx-type", `${name}: expected dense initializers, got ${graph.sparseInitializer.length} sparse`);
  }
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  if (initializers.size < graph.initializer.length) {
    const twice = graph.initializer.find((tensor, at) => graph.initializer[at + 1]?.name === tensor.name);
    throw dataError("onnx-name", `${name}: two initializers are named "${twice?.name ?? ""}", expected distinct names`);
  }
  const given = new Set([...initializers.keys(), ...Object.keys(info.inputs)]);
  const nodes = ordered(sourceNodes(graph.node), given, name);
  const outputs = graph.output.map((value) => value.name);
  const known = new Set([...given, ...nodes.flatMap((node) => node.outputs)]);
  for (const output of outputs) {
    if (!known.has(output)) throw dataError("onnx-name", `${name}: no node gives the output "${output}"`);
  }
  return { name, info, opset: info.opset, inputs: new Map(Object.entries(info.inputs)), outputs, initializers, nodes };
}

/** The nodes of a graph as they stand in the file. */
export const sourceNodes = (nodes: readonly NodeProto[]): SourceNode[] =>
  nodes.map((node, at) => ({
    op: node.opType,
    domain: node.domain === "ai.onnx" ? "" : node.domain,
    place: `node ${node.name === "" ? "without a name" : `"${node.name}"`} (${node.opType}, ${at + 1} of ${nodes.length})`,
    inputs: node.input,
    outputs: node.output,
    attributes: new Map(node.attribute.map((attribute) => [attribute.name, attribute])),
    reads: [...node.input.filter((input) => input !== ""), ...node.attribute.flatMap(readByGraphs)],
  }));

/** Names that the graphs inside an attribute read from around them. */
function readByGraphs(attribute: AttributeProto): readonly string[] {
  if (attribute.type !== AttributeKind.GRAPH || attribute.g === undefined) return [];
  const { node, input, initializer, output } = attribute.g;
  const inner = sourceNodes(node);
  const own = new Set([
    ...input.map((value) => value.name),
    ...initializer.map((tensor) => tensor.name),
    ...inner.flatMap((each) => each.outputs),
  ]);
  return [...inner.flatMap((each) => each.reads), ...output.map((value) => value.name)].filter(
    (read) => !own.has(read),
  );
}

/** The nodes in an order in which each comes after what it reads: the file's, where that is one. */
export function ordered(nodes: readonly SourceNode[], given: ReadonlySet<string>, model: string): SourceNode[] {
  const makers = new Map<string, SourceNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (given.has(output) || makers.has(output)) {
        throw dataError("onnx-name", `${model}: ${node.place} gives "${output}", a name that is taken already`);
      }
      makers.set(output, node);
    }
  }
  const waiting = new Map<SourceNode, number>();
  const readers = new Map<SourceNode, SourceNode[]>();
  for (const node of nodes) {
    const before = new Set<SourceNode>();
    for (const read of node.reads) {
      const maker = makers.get(read);
      if (maker !== undefined) before.add(maker);
      else if (!given.has(read)) throw undefinedName(model, node, read);
    }
    waiting.set(node, before.size);
    for (const maker of before) {
      const others = readers.get(maker);
      if (others === undefined) readers.set(maker, [node]);
      else others.push(node);
    }
  }
  const place = new Map(nodes.map((node, at) => [node, at]));
  const after = (node: SourceNode, reader: SourceNode): boolean => (place.get(reader) ?? 0) > (place.get(node) ?? 0);
  if ([...readers].every(([node, reading]) => reading.every((reader) => after(node, reader)))) return [...nodes];
  const ready = nodes.filter((node) => waiting.get(node) === 0);
  // The list grows while it is walked.
  for (const node of ready) {
    for (const reader of readers.get(node) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (ready.length < nodes.length) {
    const caught = nodes.find((node) => (waiting.get(node) ?? 0) > 0);
    throw dataError("onnx-cycle", `${model}: ${caught?.place ?? "a node"} reads what it gives itself, in a circle`);
  }
  return ready;
}

const undefinedName = (model: string, node: SourceNode, name: string): DannError =>
  dataError("onnx-name", `${model}: ${node.place} reads "${name}", which nothing gives`);

/** The nodes that the wanted values need, in order. */
export function needed(source: SourceModel, wanted: readonly string[]): SourceNode[] {
  const names = new Set(wanted);
  const found: SourceNode[] = [];
  for (const node of source.nodes.toReversed()) {
    if (!node.outputs.some((output) => names.has(output))) continue;
    found.push(node);
    for (const read of node.reads) names.add(read);
  }
  return found.reverse();
}
