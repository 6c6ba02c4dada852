/** NPY and NPZ, for NumPy. */
import { zipSync } from "fflate";
import { usageError } from "../../errors.ts";
import { sizeOf } from "../../graph/tensor.ts";

export type NpyValues = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** An array with its shape. */
export interface NpyArray {
  readonly dims: readonly number[];
  /** Strings become UTF-32 of the longest's width. */
  readonly values: NpyValues | readonly string[];
}

export function encodeNpy(array: NpyArray): Uint8Array {
  const { dims, values } = array;
  if (sizeOf(dims) !== values.length) {
    throw usageError(
      "npy-shape",
      `npy: expected ${sizeOf(dims)} values for [${dims.join(", ")}], got ${values.length}`,
    );
  }
  const [descr, body] = isStrings(values) ? encodeStrings(values) : encodeNumbers(values);
  const head = npyHeaderBytes(descr, dims);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** The header alone, for writers that make the values as they go. */
export function npyHeaderBytes(descr: string, dims: readonly number[]): Uint8Array {
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(", ");
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  // Magic, version, length and dictionary end at a multiple of 64 bytes, with a newline.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), 10);
  return bytes;
}

const isStrings = (values: NpyArray["values"]): values is readonly string[] => Array.isArray(values);

function encodeNumbers(values: NpyValues): [string, Uint8Array] {
  if (values instanceof Uint8Array) return ["|u1", values];
  const descr =
    values instanceof Int32Array
      ? "<i4"
      : values instanceof BigInt64Array
        ? "<i8"
        : values instanceof Float32Array
          ? "<f4"
          : "<f8";
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  const each = values.BYTES_PER_ELEMENT;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (typeof value === "bigint") view.setBigInt64(i * each, value, true);
    else if (values instanceof Int32Array) view.setInt32(i * each, value, true);
    else if (values instanceof Float32Array) view.setFloat32(i * each, value, true);
    else view.setFloat64(i * each, value, true);
  }
  return [descr, bytes];
}

function encodeStrings(values: readonly string[]): [string, Uint8Array] {
  const points = values.map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0));
  const width = Math.max(1, ...points.map((each) => each.length));
  const bytes = new Uint8Array(4 * width * values.length);
  const view = new DataView(bytes.buffer);
  points.forEach((each, row) => {
    each.forEach((point, i) => {
      view.setUint32(4 * (row * width + i), point, true);
    });
  });
  return [`<U${width}`, bytes];
}

/** Stored, not compressed: features hardly shrink, and readers can map them. */
export const encodeNpz = (arrays: Readonly<Record<string, NpyArray>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)])), {
    level: 0,
    // The earliest time that zip can hold: equal arrays give equal bytes.
    mtime: "1980-01-01T00:00:00",
  });
