/** Values and their types: what flows along the edges of a graph, and what is fed to and fetched from an engine. */

/** Element types. Graphs are written in float32; the reference interpreter computes every float in float64. */
export type DType = "float32" | "float64" | "int32" | "int64" | "uint8" | "bool";

/** A size: a number, or the name of one that is only known when data arrive ("N"). Equal names mean equal sizes. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** The typed array that holds each element type (bool as 0 or 1, one byte, as ONNX Runtime has it). */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** Their constructors: of a length, or on a buffer. */
export const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies { [D in DType]: new (of: number | ArrayBuffer) => DataOf[D] };

/** A concrete tensor, row-major. */
export type Tensor = {
  readonly [D in DType]: { readonly dtype: D; readonly dims: readonly number[]; readonly data: DataOf[D] };
}[DType];

export type TensorOf<D extends DType> = Extract<Tensor, { dtype: D }>;

/** Number of elements of a shape whose sizes are all known. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** `float32[N,3,28,28]`: how types are printed in errors and in the text form of a graph. */
export const printType = (type: TensorType): string => `${type.dtype}[${type.shape.join(",")}]`;

/** Whether a shape has no named sizes. */
export const isStatic = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === "number");

/** The numbers of `TensorProto.DataType` in the ONNX format. */
export const onnxTypeCodes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** The element type of an ONNX number, or undefined for those that we do not hold. */
export const dtypeOfCode = (code: number): DType | undefined =>
  (Object.keys(onnxTypeCodes) as DType[]).find((dtype) => onnxTypeCodes[dtype] === code);

/** Whether gradients can flow through values of this type. */
export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";
