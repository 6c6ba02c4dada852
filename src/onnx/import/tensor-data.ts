/**
 * Tensors of a file as ours. What a tensor declares is compared with the bytes that are there before anything is
 * allocated. Floats of every width become float32, which is what graphs are written in.
 */
import type { TensorProto } from "onnx-buf";
import { TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { type DannError, dataError } from "../../errors.ts";
import type { DType, Tensor } from "../../graph/tensor.ts";
import { bfloat16, float16 } from "./half.ts";

/** A range of a file that lies beside the model. */
export interface ExternalRange {
  /** As the model has it: a path relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

/** Gives exactly the bytes of a range, or throws a `DannError`. */
export type ReadExternal = (range: ExternalRange) => Promise<Uint8Array>;

/** How one element type of the format is held. */
interface Format {
  readonly dtype: DType;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly read: (view: DataView, at: number) => number | bigint;
  /** The elements where they are not written as raw bytes. */
  readonly field: (tensor: TensorProto) => readonly (number | bigint)[];
  /** An element of that field as a number of this type; default: as it is. */
  readonly decode?: (stored: number) => number;
}

const int32Field = (tensor: TensorProto): readonly number[] => tensor.int32Data;

const formats: ReadonlyMap<number, Format> = new Map<number, Format>([
  [
    TensorProto_DataType.FLOAT,
    { dtype: "float32", bytes: 4, read: (v, at) => v.getFloat32(at, true), field: (t) => t.floatData },
  ],
  [
    TensorProto_DataType.DOUBLE,
    { dtype: "float32", bytes: 8, read: (v, at) => v.getFloat64(at, true), field: (t) => t.doubleData },
  ],
  [
    TensorProto_DataType.FLOAT16,
    {
      dtype: "float32",
      bytes: 2,
      read: (v, at) => float16(v.getUint16(at, true)),
      field: int32Field,
      decode: float16,
    },
  ],
  [
    TensorProto_DataType.BFLOAT16,
    {
      dtype: "float32",
      bytes: 2,
      read: (v, at) => bfloat16(v.getUint16(at, true)),
      field: int32Field,
      decode: bfloat16,
    },
  ],
  [
    TensorProto_DataType.INT64,
    { dtype: "int64", bytes: 8, read: (v, at) => v.getBigInt64(at, true), field: (t) => t.int64Data },
  ],
  [TensorProto_DataType.INT32, { dtype: "int32", bytes: 4, read: (v, at) => v.getInt32(at, true), field: int32Field }],
  [TensorProto_DataType.UINT8, { dtype: "uint8", bytes: 1, read: (v, at) => v.getUint8(at), field: int32Field }],
  [TensorProto_DataType.BOOL, { dtype: "bool", bytes: 1, read: (v, at) => v.getUint8(at), field: int32Field }],
]);

/** How we hold an element type of the format; undefined for those that we do not (int8, strings, ...). */
export const importedType = (code: number): DType | undefined => formats.get(code)?.dtype;

/** `FLOAT16`, or `type 99` for a number without a name. */
export const typeName = (code: number): string => TensorProto_DataType[code] ?? `type ${code}`;

/** The elements of a tensor. `place` names it in errors. External data are read through `external`. */
export async function decodeTensor(proto: TensorProto, place: string, external?: ReadExternal): Promise<Tensor> {
  if (proto.dataLocation !== TensorProto_DataLocation.EXTERNAL) return decodeInline(proto, place);
  const { dims, count, format } = declared(proto, place);
  const range = externalRange(proto, count * format.bytes, place);
  if (external === undefined) {
    throw dataError(
      "onnx-external",
      `${place}: its data are in the file "${range.location}", which cannot be reached from here`,
      "Give the model by its path, so that the files beside it can be read, or export it as one file.",
    );
  }
  const bytes = await external(range);
  if (bytes.byteLength !== range.length) throw lengthError(place, dims, range.length, bytes.byteLength);
  return fromBytes(format, dims, count, bytes);
}

/** The elements of a tensor that lie in the model itself. */
export function decodeInline(proto: TensorProto, place: string): Tensor {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw dataError("onnx-external", `${place}: expected its value in the model, got external data`);
  }
  const { dims, count, format } = declared(proto, place);
  const field = format.field(proto);
  // An empty tensor has neither.
  if (proto.rawData.byteLength > 0 || field.length === 0) {
    const expected = count * format.bytes;
    if (proto.rawData.byteLength !== expected) throw lengthError(place, dims, expected, proto.rawData.byteLength);
    return fromBytes(format, dims, count, proto.rawData);
  }
  if (field.length !== count) {
    throw dataError(
      "onnx-tensor",
      `${place}: expected ${count} elements for [${dims}], got ${field.length}`,
      "The file is damaged: export it again.",
    );
  }
  const { decode } = format;
  return fill(format.dtype, dims, count, (i) => {
    const stored = field[i] ?? 0;
    return decode === undefined ? stored : decode(Number(stored));
  });
}

interface Declared {
  readonly dims: readonly number[];
  readonly count: number;
  readonly format: Format;
}

function declared(proto: TensorProto, place: string): Declared {
  const format = formats.get(proto.dataType);
  if (format === undefined) {
    throw dataError(
      "onnx-type",
      `${place}: expected elements of float16, bfloat16, float32, float64, int32, int64, uint8 or bool, got ${typeName(proto.dataType)}`,
      "Quantised models cannot be trained through: export the model in float32.",
    );
  }
  const dims = proto.dims.map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(count * format.bytes)) {
    throw dataError("onnx-tensor", `${place}: expected sizes of at least 0, got [${dims}]`);
  }
  return { dims, count, format };
}

const lengthError = (place: string, dims: readonly number[], expected: number, got: number): DannError =>
  dataError(
    "onnx-tensor",
    `${place}: expected ${expected} bytes for [${dims}], got ${got}`,
    "The file is damaged or cut short: export it again.",
  );

function externalRange(proto: TensorProto, expected: number, place: string): ExternalRange {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  const [offset, length] = [Number(entries.get("offset") ?? 0), Number(entries.get("length") ?? expected)];
  if (location === "" || !Number.isSafeInteger(offset) || offset < 0 || length !== expected) {
    throw dataError(
      "onnx-external",
      `${place}: expected external data with a location, an offset and ${expected} bytes, got "${location}", ${offset} and ${length}`,
      "The file is damaged: export it again.",
    );
  }
  return { location, offset, length };
}

function fromBytes(format: Format, dims: readonly number[], count: number, bytes: Uint8Array): Tensor {
  if (format.dtype === "float32" && format.bytes === 4) {
    // A copy, for files do not align what they hold.
    const data = new Float32Array(count);
    new Uint8Array(data.buffer).set(bytes);
    return { dtype: "float32", dims, data };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return fill(format.dtype, dims, count, (i) => format.read(view, i * format.bytes));
}

function fill(dtype: DType, dims: readonly number[], count: number, element: (i: number) => number | bigint): Tensor {
  const from = { length: count };
  switch (dtype) {
    case "float32":
      return { dtype, dims, data: Float32Array.from(from, (_, i) => Number(element(i))) };
    case "float64":
      return { dtype, dims, data: Float64Array.from(from, (_, i) => Number(element(i))) };
    case "int32":
      return { dtype, dims, data: Int32Array.from(from, (_, i) => Number(element(i))) };
    case "int64":
      return { dtype, dims, data: BigInt64Array.from(from, (_, i) => BigInt(element(i))) };
    case "uint8":
      return { dtype, dims, data: Uint8Array.from(from, (_, i) => Number(element(i))) };
    case "bool":
      return { dtype, dims, data: Uint8Array.from(from, (_, i) => (Number(element(i)) === 0 ? 0 : 1)) };
    default:
      throw dataError("onnx-type", `no elements of type ${dtype satisfies never}`);
  }
}
