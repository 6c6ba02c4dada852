/** NPY and IDX files as rows, whole or a number of rows at a time, and as labels. */
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { Rows } from "../dataset.ts";
import type { ByteSource } from "../source.ts";
import { type ArrayHeader, type ArrayLayout, layoutOf, readElements, readRows, requireEnd } from "./array.ts";
import { type ByteReader, byteReader } from "./byte-reader.ts";
import { idxHeader } from "./idx.ts";
import { npyHeader, npyStrings, type StringHeader } from "./npy.ts";

export type ArrayFormat = "npy" | "idx";

/** Rows of an array file, `chunkRows` at a time. */
export async function* decodeArray(
  source: ByteSource,
  format: ArrayFormat,
  options: ReadOptions,
  chunkRows: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Rows> {
  const reader = byteReader(source.stream());
  try {
    const found = await headerOf(reader, format, source.name);
    if ("characters" in found)
      throw dataError("npy-type", `${source.name}: expected numbers, got strings`, "Strings can only be labels.");
    const windows = options.window !== undefined;
    // [channels, samples] is one recording.
    const header = windows && found.dims.length === 2 ? { ...found, dims: [1, ...found.dims] } : found;
    const layout = layoutOf(header, windows ? "signals" : options.layout, source.name);
    const [rows = 0] = header.dims;
    if (header.fortran) {
      yield await readFortran(reader, header, layout, source.name);
    } else {
      for (let done = 0; done < rows; done += chunkRows) {
        yield await readRows(reader, header, layout, Math.min(rows - done, chunkRows), source.name);
      }
    }
    await requireEnd(reader, header, source.name);
  } finally {
    await reader.close();
  }
}

const headerOf = (reader: ByteReader, format: ArrayFormat, origin: string): Promise<ArrayHeader | StringHeader> =>
  format === "idx" ? idxHeader(reader, origin) : npyHeader(reader, origin);

/** First axis fastest: read as it lies, then put in our order; the only layout that needs its memory twice. */
async function readFortran(
  reader: ByteReader,
  header: ArrayHeader,
  layout: ArrayLayout,
  origin: string,
): Promise<Rows> {
  const [rows = 0] = header.dims;
  const read = await readRows(reader, header, layout, rows, origin);
  if (read.kind === "image") return { ...read, pixels: transposed(read.pixels, header.dims) };
  if (read.kind === "dense" || read.kind === "signal") return { ...read, values: transposed(read.values, header.dims) };
  return read;
}

function transposed<A extends Uint8Array | Float32Array>(values: A, dims: readonly number[]): A {
  const ordered = values.slice() as A;
  const strides: number[] = [];
  dims.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  const position = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = values[from] ?? 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (dims[axis] ?? 0)) {
        position[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      position[axis] = 0;
    }
  }
  return ordered;
}

/** Labels from a vector (or a column [n, 1]) of numbers or strings, as text; NaN is no label. */
export async function decodeLabels(source: ByteSource, format: ArrayFormat): Promise<(string | undefined)[]> {
  const reader = byteReader(source.stream());
  try {
    const header = await headerOf(reader, format, source.name);
    const [rows = 0, second = 1] = header.dims;
    if (header.dims.length > 2 || second !== 1) {
      throw dataError(
        "label-shape",
        `${source.name}: expected a vector with a label a row, got [${header.dims.join(", ")}]`,
        second > 1 ? "One-hot labels must be turned into class numbers (argmax)." : undefined,
      );
    }
    if ("characters" in header)
      return (await npyStrings(reader, header, source.name)).map((text) => text.trim() || undefined);
    const values = new Float64Array(rows);
    await readElements(reader, header, values, source.name);
    await requireEnd(reader, header, source.name);
    return Array.from(values, (value) => (Number.isNaN(value) ? undefined : String(value)));
  } finally {
    await reader.close();
  }
}
