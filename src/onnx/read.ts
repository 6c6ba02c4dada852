/** What an ONNX file says about itself, without running it: needed to use a saved model, and by `inspect`. */
import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from "onnx-buf";
import { dataError } from "../errors.ts";
import { type DType, dtypeOfCode, type TensorType } from "../graph/tensor.ts";

export interface ModelInfo {
  readonly producer: string;
  /** Version of the standard operator set. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Inputs that must be fed (initialisers are left out), by name, in the file's order. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** How often each operator occurs, in order of first use. */
  readonly operators: Readonly<Record<string, number>>;
}

/** Reads the description of a model; refuses bytes that are no ONNX model. `name` is used in errors. */
export const readModelInfo = (bytes: Uint8Array, name = "the model"): ModelInfo =>
  describeModel(parseModel(bytes, name), bytes.byteLength, name, dtypeOfCode);

/** The description of a model that was parsed. `dtypeOf` says how an element type of the format is held. */
export function describeModel(model: ModelProto, size: number, name: string, dtypeOf: DTypeOf): ModelInfo {
  const graph = model.graph;
  const opset = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (graph === undefined || opset === undefined || graph.output.length === 0) {
    throw dataError(
      "onnx-malformed",
      `${name}: expected an ONNX model with a graph and an operator set, got ${size} bytes without them`,
      "check that the file is complete and is an .onnx file",
    );
  }
  const fixed = new Set(graph.initializer.map((tensor) => tensor.name));
  const operators: Record<string, number> = {};
  for (const { opType } of graph.node) operators[opType] = (operators[opType] ?? 0) + 1;
  return {
    producer: model.producerName,
    opset: Number(opset.version),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    inputs: types(
      graph.input.filter((value) => !fixed.has(value.name)),
      name,
      dtypeOf,
    ),
    outputs: types(graph.output, name, dtypeOf),
    operators,
  };
}

/** The message that the bytes hold. */
export function parseModel(bytes: Uint8Array, name: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw dataError(
      "onnx-malformed",
      `${name}: expected an ONNX model, got ${bytes.byteLength} bytes that cannot be read as one`,
      "check that the file is complete and is an .onnx file",
      { cause },
    );
  }
}

type DTypeOf = (code: number) => DType | undefined;

const types = (values: readonly ValueInfoProto[], model: string, dtypeOf: DTypeOf): Record<string, TensorType> =>
  Object.fromEntries(values.map((value) => [value.name, typeOf(value, model, dtypeOf)]));

function typeOf({ name, type }: ValueInfoProto, model: string, dtypeOf: DTypeOf): TensorType {
  const kind = type?.value;
  const dtype = kind?.case === "tensorType" ? dtypeOf(kind.value.elemType) : undefined;
  if (kind?.case !== "tensorType" || dtype === undefined) {
    throw dataError(
      "onnx-type",
      `${model}: "${name}" is ${kind?.case ?? "untyped"}, expected a tensor of float32, float64, int32, int64, uint8 or bool`,
    );
  }
  const shape = (kind.value.shape?.dim ?? []).map((dim, axis) =>
    dim.value.case === "dimValue" ? Number(dim.value.value) : dim.value.value || `${name}_${axis}`,
  );
  return { dtype, shape };
}
