/**
 * Features and labels as IDX, from MATLAB files of version 5 ("MAT-File Format", The MathWorks, 2024): a header of 128
 * bytes, then elements of type, length and data; matrices are elements that hold elements, compressed ones hold a
 * matrix. Read is what the data sets have: full numeric matrices in little-endian files.
 */
import { unzlibSync } from "fflate";
import { dataError } from "../../../errors.ts";
import { encodeIdx } from "../../writers/idx.ts";
import { type Known, knownFile, type MadeFiles } from "../set.ts";

export function makeOfficeFeatures(
  name: string,
  from: string,
  form: "ubyte" | "float32",
  known: { readonly features: Known; readonly labels: Known },
): MadeFiles {
  const [features, labels] = [`${name}-features-idx2-${form}.gz`, `${name}-labels-idx1-ubyte.gz`];
  return {
    files: [knownFile(features, known.features), knownFile(labels, known.labels)],
    from: [from],
    async make(read) {
      const matrices = readMatlab(await read(from), from);
      const { rows, columns, values } = matrix(matrices, "fts", from);
      const numbers = matrix(matrices, "labels", from).values;
      if (numbers.length !== rows)
        throw dataError("matlab", `${from}: expected ${rows} labels, a row of fts each, got ${numbers.length}`);
      const typed = form === "ubyte" ? Uint8Array.from(values) : Float32Array.from(values);
      return new Map([
        [features, encodeIdx([rows, columns], typed)],
        // MATLAB counts from 1.
        [
          labels,
          encodeIdx(
            [rows],
            Uint8Array.from(numbers, (label) => label - 1),
          ),
        ],
      ]);
    },
  };
}

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row; the file has them column by column. */
  readonly values: Float64Array;
}

function matrix(matrices: ReadonlyMap<string, Matrix>, name: string, path: string): Matrix {
  const found = matrices.get(name);
  if (found !== undefined) return found;
  throw dataError("matlab", `${path}: expected a matrix "${name}", got ${[...matrices.keys()].join(", ") || "none"}`);
}

/** The numeric matrices of a file, by name. */
export function readMatlab(bytes: Uint8Array, path: string): Map<string, Matrix> {
  const matrices = new Map<string, Matrix>();
  const view = viewOf(bytes);
  try {
    if (view.getUint16(124, true) !== 0x0100 || String.fromCharCode(view.getUint8(126), view.getUint8(127)) !== "IM")
      throw new RangeError("no little-endian MAT-file of version 5");
    for (const element of elements(bytes.subarray(128))) {
      const whole = element.type === compressed ? [...elements(unzlibSync(element.data))][0] : element;
      if (whole?.type !== matrixType) continue;
      const [name, found] = matrixOf(whole.data);
      matrices.set(name, found);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw dataError("matlab", `${path}: expected a MATLAB file of version 5, got one that is damaged (${reason})`);
  }
  return matrices;
}

const matrixType = 14;
const compressed = 15;

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Tags are 8 bytes; where the upper half of the first word is not 0, it is the length and up to 4 bytes of data follow. */
function* elements(bytes: Uint8Array): Generator<Element> {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    const word = view.getUint32(at, true);
    const small = word >>> 16;
    const [type, length, start] =
      small > 0 ? [word & 0xffff, small, at + 4] : [word, view.getUint32(at + 4, true), at + 8];
    if (start + length > bytes.length) throw new RangeError("it ends early");
    yield { type, data: bytes.subarray(start, start + length) };
    // Everything but compressed elements fills up to 8 bytes.
    at = small > 0 ? at + 8 : start + (type === compressed ? length : Math.ceil(length / 8) * 8);
  }
}

/** Flags, sizes, name and real part, in this order. */
function matrixOf(bytes: Uint8Array): [name: string, matrix: Matrix] {
  const [flags, sizes, name, real] = [...elements(bytes)];
  if (flags === undefined || sizes === undefined || name === undefined || real === undefined)
    throw new RangeError("a matrix without values");
  const [rows = 0, columns = 0, ...more] = numbersOf(sizes);
  const stored = numbersOf(real);
  if (more.length > 0 || stored.length !== rows * columns)
    throw new RangeError(`expected ${rows}x${columns} values, got ${stored.length}`);
  const values = new Float64Array(rows * columns);
  for (let column = 0, at = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) values[row * columns + column] = stored[at++] ?? 0;
  }
  return [new TextDecoder().decode(name.data), { rows, columns, values }];
}

/** Bytes and reader of each numeric type, by its number. */
const readers: Readonly<Record<number, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getUint32(at, true)],
  7: [4, (view, at) => view.getFloat32(at, true)],
  9: [8, (view, at) => view.getFloat64(at, true)],
};

function numbersOf({ type, data }: Element): number[] {
  const [size, read] = readers[type] ?? [];
  if (size === undefined || read === undefined) throw new RangeError(`values of type ${type}`);
  const view = viewOf(data);
  return Array.from({ length: data.length / size }, (_, i) => read(view, i * size));
}
