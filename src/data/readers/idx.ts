/** The header of IDX, the format of MNIST: 00 00, a type, a rank, the sizes as big-endian uint32; then the values. */
import { dataError } from "../../errors.ts";
import type { ArrayHeader, ElementType } from "./array.ts";
import type { ByteReader } from "./byte-reader.ts";

/** Type codes of IDX. */
export const idxTypes: ReadonlyMap<number, ElementType> = new Map([
  [0x08, "uint8"],
  [0x09, "int8"],
  [0x0b, "int16"],
  [0x0c, "int32"],
  [0x0d, "float32"],
  [0x0e, "float64"],
]);

export async function idxHeader(reader: ByteReader, origin: string): Promise<ArrayHeader> {
  const magic = new Uint8Array(4);
  const found = await reader.fill(magic);
  const [zero0, zero1, code = 0, rank = 0] = magic;
  if (found === 0) throw dataError("empty-file", `${origin}: expected an IDX file, got an empty one`);
  const type = idxTypes.get(code);
  if (found < 4 || zero0 !== 0 || zero1 !== 0 || type === undefined || rank === 0) {
    const bytes = Array.from(magic.subarray(0, found), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw dataError(
      "idx-header",
      `${origin}: byte 0: expected an IDX header (00 00, type 08 09 0b 0c 0d or 0e, rank), got ${bytes}`,
      "If it is compressed, its name must end in .gz.",
    );
  }
  const sizes = new Uint8Array(4 * rank);
  const got = await reader.fill(sizes);
  if (got < sizes.length) {
    throw dataError(
      "truncated",
      `${origin}: expected a header of ${4 + sizes.length} bytes, found ${4 + got}`,
      "The file was cut short: fetch or write it again.",
    );
  }
  const view = new DataView(sizes.buffer);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 * axis, false));
  return { dims, type, littleEndian: false, fortran: false };
}
