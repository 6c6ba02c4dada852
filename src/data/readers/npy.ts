/** The header of NPY (NumPy's format, versions 1 to 3): a magic string and a Python dict literal. */
import { dataError } from "../../errors.ts";
import type { ArrayHeader, ElementType } from "./array.ts";
import type { ByteReader } from "./byte-reader.ts";

/** An array of strings, which only labels may be: `bytes` an element, UTF-32 or one byte a character. */
export interface StringHeader {
  readonly dims: readonly number[];
  readonly characters: number;
  readonly unicode: boolean;
  readonly littleEndian: boolean;
}

const types: Readonly<Record<string, ElementType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

export async function npyHeader(reader: ByteReader, origin: string): Promise<ArrayHeader | StringHeader> {
  const magic = new Uint8Array(8);
  const found = await reader.fill(magic);
  if (found === 0) throw dataError("empty-file", `${origin}: expected an NPY file, got an empty one`);
  if (found < 8 || magic[0] !== 0x93 || String.fromCharCode(...magic.subarray(1, 6)) !== "NUMPY") {
    throw dataError(
      "npy-header",
      `${origin}: byte 0: expected \\x93NUMPY, got something else`,
      "If it is compressed, its name must end in .gz or .npz.",
    );
  }
  const wide = (magic[6] ?? 1) >= 2;
  const lengthBytes = new Uint8Array(wide ? 4 : 2);
  await reader.fill(lengthBytes);
  const view = new DataView(lengthBytes.buffer);
  const length = wide ? view.getUint32(0, true) : view.getUint16(0, true);
  // NumPy itself refuses headers of more than 10,000 characters.
  const text = new Uint8Array(Math.min(length, 1 << 20));
  const got = await reader.fill(text);
  if (got < length) {
    throw dataError(
      "truncated",
      `${origin}: expected a header of ${length} bytes, found ${got}`,
      "The file was cut short: fetch or write it again.",
    );
  }
  return parseHeader(new TextDecoder("latin1").decode(text), origin);
}

function parseHeader(text: string, origin: string): ArrayHeader | StringHeader {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw dataError(
      "npy-header",
      `${origin}: expected a header with descr, fortran_order and shape, got ${text.trim().slice(0, 80)}`,
      "Structured arrays are not read: save one plain array a file.",
    );
  }
  const dims = (shape.match(/\d+/g) ?? []).map(Number);
  const littleEndian = !descr.startsWith(">");
  const code = descr.replace(/^[<>|=]/, "");
  const type = types[code];
  if (type !== undefined) return { dims, type, littleEndian, fortran: order === "True" };
  const string = /^([US])(\d+)$/.exec(code);
  if (string !== null) return { dims, characters: Number(string[2]), unicode: string[1] === "U", littleEndian };
  throw dataError(
    "npy-type",
    `${origin}: expected numbers (or strings, for labels), got the type ${descr}`,
    code === "O"
      ? "Object arrays need Python to read: save with .astype(float) or .astype(str)."
      : "Convert it with .astype(float).",
  );
}

/** The strings of a one-dimensional array, without their padding. */
export async function npyStrings(reader: ByteReader, header: StringHeader, origin: string): Promise<string[]> {
  const [rows = 0] = header.dims;
  const each = header.characters * (header.unicode ? 4 : 1);
  const bytes = new Uint8Array(rows * each);
  const found = await reader.fill(bytes);
  if (found < bytes.length)
    throw dataError(
      "truncated",
      `${origin}: expected ${bytes.length} bytes of strings, found ${found}`,
      "The file was cut short: fetch or write it again.",
    );
  const view = new DataView(bytes.buffer);
  return Array.from({ length: rows }, (_, row) => {
    let text = "";
    for (let i = 0; i < header.characters; i++) {
      const at = row * each + i * (header.unicode ? 4 : 1);
      text += String.fromCodePoint(header.unicode ? view.getUint32(at, header.littleEndian) : view.getUint8(at));
    }
    return text.replace(/\0+$/, "");
  });
}
