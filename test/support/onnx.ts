/** ONNX files written by hand, for what no exporter writes on request: other operator sets, and damage. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
} from "onnx-buf";
import { type DType, onnxTypeCodes, sizeOf, type Tensor } from "../../src/graph/tensor.ts";
import { valueInfo } from "../../src/onnx/encode.ts";
import { random } from "../../src/random.ts";

/** A whole number is INT; write a float as `{ f: 1 }`. */
export type AttributeValue = number | string | readonly number[] | { readonly f: number } | Tensor | GraphProto;

export interface ModelSpec {
  readonly opset?: number;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
  /** Initialisers as plain fields of the message. */
  readonly extra?: readonly MessageInitShape<typeof TensorProtoSchema>[];
  readonly nodes: readonly NodeProto[];
}

export const value = (name: string, shape: readonly (number | string)[], dtype: DType = "float32"): ValueInfoProto =>
  valueInfo(name, { dtype, shape });

export const tensorProto = (name: string, { dtype, dims, data }: Tensor): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: onnxTypeCodes[dtype],
    rawData: new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer),
  });

/** Normal numbers, the same for the same name. */
export function floatTensor(name: string, dims: readonly number[]): TensorProto {
  const source = random(name);
  const data = Float32Array.from({ length: sizeOf(dims) }, () => source.normal());
  return tensorProto(name, { dtype: "float32", dims, data });
}

export const ints = (name: string, values: readonly number[], dims: readonly number[] = [values.length]): TensorProto =>
  tensorProto(name, { dtype: "int64", dims, data: BigInt64Array.from(values, BigInt) });

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  name = "",
  domain = "",
): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    name,
    domain,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([key, given]) => attribute(key, given)),
  });

function attribute(name: string, given: AttributeValue): AttributeProto {
  if (typeof given === "number") return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(given) });
  if (typeof given === "string") {
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode(given) });
  }
  if ("f" in given) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: given.f });
  if ("$typeName" in given) return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: given });
  if ("dtype" in given) return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorProto("", given) });
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: given.map(BigInt) });
}

export const graphProto = (spec: Omit<ModelSpec, "opset">): GraphProto =>
  create(GraphProtoSchema, {
    name: "graph",
    node: [...spec.nodes],
    input: [...spec.inputs],
    output: [...spec.outputs],
    initializer: [
      ...(spec.initializers ?? []),
      ...(spec.extra ?? []).map((fields) => create(TensorProtoSchema, fields)),
    ],
  });

export const modelBytes = (spec: ModelSpec): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      opsetImport: [{ domain: "", version: BigInt(spec.opset ?? 18) }],
      graph: graphProto(spec),
    }),
  );
