/**
 * Several steps of a graph as one: an ONNX `Scan` whose body is the graph. State goes from step to step inside the
 * engine, rows come stacked along a new first axis. For small networks the call into the engine costs more than the
 * step; this pays it once for many steps.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type ValueInfoProto,
} from "onnx-buf";
import { usageError } from "../errors.ts";
import { type Graph, inputsOf } from "../graph/graph.ts";
import { printType, type TensorType } from "../graph/tensor.ts";
import { encodeGraph, valueInfo } from "./encode.ts";
import { AttributeKind, irVersion, opsetVersion } from "./types.ts";

/** How the inputs and outputs of one step become those of many. */
export interface StepsSpec {
  /** Output that is fed back -> the input it becomes: `next:w` -> `state:w`. Comes out as it is after the last step. */
  readonly carried: Readonly<Record<string, string>>;
  /** Inputs that differ from step to step: fed stacked, [steps, ...]. The other inputs are the same for all steps. */
  readonly stacked: readonly string[];
}

/** Name of the first axis of everything that is stacked; any number of steps may be fed. */
export const stepsAxis = "steps";

/** Types of the inputs and outputs of the repeated graph; the outputs that are not carried come stacked. */
export function stepsTypes(
  graph: Graph,
  spec: StepsSpec,
): { readonly inputs: ReadonlyMap<string, TensorType>; readonly outputs: ReadonlyMap<string, TensorType> } {
  const inputs = new Map([...inputsOf(graph)].map(([name, { type }]) => [name, type]));
  const stack = (type: TensorType): TensorType => ({ ...type, shape: [stepsAxis, ...type.shape] });
  for (const [output, input] of Object.entries(spec.carried)) {
    const [from, to] = [graph.outputs[output]?.type, inputs.get(input)];
    if (from === undefined || to === undefined || printType(from) !== printType(to)) {
      const show = (type: TensorType | undefined): string => (type === undefined ? "nothing" : printType(type));
      throw usageError(
        "steps-carried",
        `steps: expected output "${output}" and input "${input}" of one type, got ${show(from)} and ${show(to)}`,
      );
    }
  }
  if (spec.stacked.length === 0) {
    throw usageError("steps-stacked", "steps: expected an input that differs from step to step, got none");
  }
  const carried = new Set(Object.values(spec.carried));
  for (const name of spec.stacked) {
    const type = inputs.get(name);
    if (type === undefined || carried.has(name)) {
      throw usageError(
        "steps-stacked",
        `steps: "${name}" is ${type === undefined ? "no input" : "carried"}, expected an input that is fed`,
      );
    }
    inputs.set(name, stack(type));
  }
  const outputs = Object.entries(graph.outputs).map(
    ([name, { type }]) => [name, Object.hasOwn(spec.carried, name) ? type : stack(type)] as const,
  );
  return { inputs, outputs: new Map(outputs) };
}

/** The bytes of a model that does as many steps of the graph as are stacked in its inputs. */
export function encodeSteps(graph: Graph, spec: StepsSpec): Uint8Array {
  const { inputs, outputs } = stepsTypes(graph, spec);
  const carried = Object.entries(spec.carried);
  const collected = [...outputs.keys()].filter((name) => !Object.hasOwn(spec.carried, name));
  const stateInputs = carried.map(([, input]) => input);
  const body = bodyOf(
    encodeGraph(graph),
    [...stateInputs, ...spec.stacked],
    [...carried.map(([output]) => output), ...collected],
  );
  const scan = create(NodeProtoSchema, {
    name: "steps",
    opType: "Scan",
    input: [...stateInputs, ...spec.stacked],
    output: [...carried.map(([output]) => output), ...collected],
    attribute: [
      create(AttributeProtoSchema, { name: "body", type: AttributeKind.GRAPH, g: body }),
      create(AttributeProtoSchema, {
        name: "num_scan_inputs",
        type: AttributeKind.INT,
        i: BigInt(spec.stacked.length),
      }),
    ],
  });
  const infos = (types: ReadonlyMap<string, TensorType>): ValueInfoProto[] =>
    [...types].map(([name, type]) => valueInfo(name, type));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      opsetImport: [{ domain: "", version: BigInt(opsetVersion) }],
      producerName: "dann",
      graph: create(GraphProtoSchema, { name: graph.name, node: [scan], input: infos(inputs), output: infos(outputs) }),
    }),
  );
}

/**
 * The graph as the body of the Scan: its inputs and outputs in the order of the node's, under names of their own, since
 * a body may not use a name of the graph around it for something else. Inputs that are the same for all steps are read
 * from around it.
 */
function bodyOf(graph: GraphProto, inputs: readonly string[], outputs: readonly string[]): GraphProto {
  const own = new Set([...inputs, ...outputs]);
  const rename = (name: string): string => (own.has(name) ? `step/${name}` : name);
  const infoOf = (infos: readonly ValueInfoProto[], name: string): ValueInfoProto[] =>
    infos.filter((info) => info.name === name).map((info) => ({ ...info, name: rename(name) }));
  return create(GraphProtoSchema, {
    name: "step",
    node: graph.node.map((node) => ({ ...node, input: node.input.map(rename), output: node.output.map(rename) })),
    initializer: graph.initializer,
    input: inputs.flatMap((name) => infoOf(graph.input, name)),
    output: outputs.flatMap((name) => infoOf(graph.output, name)),
  });
}
