/**
 * Arrays of NPY and IDX: element types, decoding into final memory block by block, and what an array of a given rank
 * and type is taken for.
 */
import { dataError, internalError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { Rows } from "../dataset.ts";
import { sharedFloat32, sharedUint8 } from "../shared-memory.ts";
import type { ByteReader } from "./byte-reader.ts";

export type ElementType =
  | "bool"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float16"
  | "float32"
  | "float64";

export const elementBytes: Readonly<Record<ElementType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** What stands before the values of an array file. */
export interface ArrayHeader {
  readonly dims: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** Whether the first axis runs fastest. */
  readonly fortran: boolean;
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Decodes the next `into.length` elements; the file must have them. */
export async function readElements(
  reader: ByteReader,
  header: ArrayHeader,
  into: Uint8Array | Float32Array | Float64Array,
  origin: string,
): Promise<void> {
  const bytes = elementBytes[header.type];
  const wanted = into.length * bytes;
  const direct =
    (header.type === "uint8" && into instanceof Uint8Array) ||
    (header.type === "float32" && into instanceof Float32Array && header.littleEndian === hostIsLittleEndian);
  if (direct) {
    const found = await reader.fill(new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
    if (found < wanted) throw truncated(origin, header, reader.offset, wanted - found);
    return;
  }
  const block = new Uint8Array(Math.min(into.length, 1 << 16) * bytes);
  const view = new DataView(block.buffer);
  const read = elementReader(header.type, view, header.littleEndian);
  for (let done = 0; done < into.length; ) {
    const elements = Math.min(into.length - done, block.length / bytes);
    const found = await reader.fill(block.subarray(0, elements * bytes));
    if (found < elements * bytes) throw truncated(origin, header, reader.offset, wanted - done * bytes - found);
    for (let i = 0; i < elements; i++) into[done + i] = read(i * bytes);
    done += elements;
  }
}

function truncated(origin: string, header: ArrayHeader, offset: number, lacking: number): Error {
  const shape = `${header.type} values for [${header.dims.join(", ")}]`;
  return dataError(
    "truncated",
    `${origin}: expected ${offset + lacking} bytes (${shape}), found ${offset}`,
    "The file was cut short: fetch or write it again.",
  );
}

/** After the last value nothing may follow. */
export async function requireEnd(reader: ByteReader, header: ArrayHeader, origin: string): Promise<void> {
  const expected = reader.offset;
  const excess = await reader.drain();
  if (excess === 0) return;
  throw dataError(
    "trailing-bytes",
    `${origin}: expected ${expected} bytes (${header.type} values for [${header.dims.join(", ")}]), found ${expected + excess}`,
    "The header does not fit the file: write it again.",
  );
}

function elementReader(type: ElementType, view: DataView, little: boolean): (offset: number) => number {
  switch (type) {
    case "bool":
    case "uint8":
      return (at) => view.getUint8(at);
    case "int8":
      return (at) => view.getInt8(at);
    case "uint16":
      return (at) => view.getUint16(at, little);
    case "int16":
      return (at) => view.getInt16(at, little);
    case "uint32":
      return (at) => view.getUint32(at, little);
    case "int32":
      return (at) => view.getInt32(at, little);
    case "uint64":
      return (at) => Number(view.getBigUint64(at, little));
    case "int64":
      return (at) => Number(view.getBigInt64(at, little));
    case "float16":
      return (at) => fromHalf(view.getUint16(at, little));
    case "float32":
      return (at) => view.getFloat32(at, little);
    case "float64":
      return (at) => view.getFloat64(at, little);
    default:
      throw internalError(`no element type ${type satisfies never}`);
  }
}

/** IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** What the rows of an array are, and of which size each is. */
export type ArrayLayout =
  | { readonly kind: "dense"; readonly width: number }
  | { readonly kind: "image"; readonly height: number; readonly width: number; readonly channels: 1 | 3 }
  | { readonly kind: "signal"; readonly channels: number; readonly length: number };

export function layoutOf(header: ArrayHeader, layout: ReadOptions["layout"], origin: string): ArrayLayout {
  const { dims, type } = header;
  const [, a = 0, b = 0, c = 0] = dims;
  const shape = `${type} [${dims.join(", ")}]`;
  const wanted = layout ?? "auto";
  if (dims.length < 2) {
    throw dataError(
      "array-rank",
      `${origin}: expected an array of rows, got ${shape}`,
      "A vector is taken as labels only: pass it with --source-labels or --target-labels.",
    );
  }
  if (dims.some((size) => size === 0))
    throw dataError("empty-file", `${origin}: expected at least one row, got ${shape}`);
  const asImage =
    wanted === "images" || (wanted === "auto" && type === "uint8" && (dims.length === 3 || dims.length === 4));
  if (asImage) {
    if (type === "uint8" && dims.length === 3) return { kind: "image", height: a, width: b, channels: 1 };
    if (type === "uint8" && dims.length === 4 && (c === 1 || c === 3))
      return { kind: "image", height: a, width: b, channels: c };
    throw dataError(
      "image-layout",
      `${origin}: expected images as uint8 [rows, height, width] or [rows, height, width, 1 or 3], got ${shape}`,
      a === 1 || a === 3
        ? "Move the channels to the last axis."
        : "Convert the pixels to 0..255, or pass --layout rows.",
    );
  }
  if (wanted === "signals" || (wanted === "auto" && dims.length === 3)) {
    if (dims.length === 3) return { kind: "signal", channels: a, length: b };
    throw dataError("signal-layout", `${origin}: expected signals as [rows, channels, length], got ${shape}`);
  }
  if (wanted === "rows" || dims.length === 2) {
    return { kind: "dense", width: dims.slice(1).reduce((product, size) => product * size, 1) };
  }
  throw dataError(
    "array-rank",
    `${origin}: expected features [rows, width], signals [rows, channels, length] or uint8 images, got ${shape}`,
    "Images of another type must be converted to 0..255; --layout rows takes any array as rows of features.",
  );
}

/** Reads the next `count` rows. */
export async function readRows(
  reader: ByteReader,
  header: ArrayHeader,
  layout: ArrayLayout,
  count: number,
  origin: string,
): Promise<Rows> {
  switch (layout.kind) {
    case "image": {
      const pixels = sharedUint8(count * layout.height * layout.width * layout.channels);
      await readElements(reader, header, pixels, origin);
      return { ...layout, rows: count, pixels };
    }
    case "dense": {
      const values = sharedFloat32(count * layout.width);
      await readElements(reader, header, values, origin);
      return { ...layout, rows: count, values };
    }
    case "signal": {
      const values = sharedFloat32(count * layout.channels * layout.length);
      await readElements(reader, header, values, origin);
      return { ...layout, rows: count, values };
    }
    default:
      throw internalError(`no layout ${layout satisfies never}`);
  }
}
