/** IDX, the format of MNIST: header and values, big-endian. */
import { usageError } from "../../errors.ts";
import { sizeOf } from "../../graph/tensor.ts";

export type IdxValues = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

const codeOf = (values: IdxValues): number =>
  values instanceof Uint8Array
    ? 0x08
    : values instanceof Int16Array
      ? 0x0b
      : values instanceof Int32Array
        ? 0x0c
        : values instanceof Float32Array
          ? 0x0d
          : 0x0e;

/** The header alone, for writers that make the values as they go. */
export function idxHeaderBytes(code: number, dims: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = code;
  bytes[3] = dims.length;
  dims.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size, false);
  });
  return bytes;
}

export function encodeIdx(dims: readonly number[], values: IdxValues): Uint8Array {
  if (sizeOf(dims) !== values.length || dims.length === 0 || dims.length > 255) {
    throw usageError(
      "idx-shape",
      `idx: expected ${sizeOf(dims)} values for [${dims.join(", ")}], got ${values.length}`,
    );
  }
  const header = idxHeaderBytes(codeOf(values), dims);
  const each = values.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(header.length + each * values.length);
  bytes.set(header);
  if (values instanceof Uint8Array) {
    bytes.set(values, header.length);
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  values.forEach((value: number, i: number) => {
    const at = header.length + each * i;
    if (values instanceof Int16Array) view.setInt16(at, value, false);
    else if (values instanceof Int32Array) view.setInt32(at, value, false);
    else if (values instanceof Float32Array) view.setFloat32(at, value, false);
    else view.setFloat64(at, value, false);
  });
  return bytes;
}
