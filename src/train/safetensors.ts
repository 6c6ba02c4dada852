/**
 * The safetensors format (github.com/huggingface/safetensors): eight bytes with the header's length, a JSON header
 * with name -> {dtype, shape, data_offsets}, then the values, little-endian. Chosen because every framework reads it
 * and because nothing in it can be executed. Readers must survive hostile files, so every size is checked.
 */
import { dataError, internalError } from "../errors.ts";
import { arrayTypes, type DType, sizeOf, type Tensor } from "../graph/tensor.ts";

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const formatNames = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  bool: "BOOL",
} as const satisfies Record<DType, string>;

const dtypes = new Map(Object.entries(formatNames).map(([dtype, name]) => [name as string, dtype as DType]));

// The reference implementation refuses longer headers as well.
const longestHeader = 100_000_000;

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Bytes of a safetensors file; the same tensors in the same order give the same bytes. */
export function encodeSafetensors(file: SafetensorsFile): Uint8Array {
  if (!littleEndian) throw internalError("safetensors are little-endian and this machine is not");
  const header: Record<string, unknown> = { __metadata__: file.metadata };
  let end = 0;
  for (const [name, { dtype, dims, data }] of file.tensors) {
    header[name] = { dtype: formatNames[dtype], shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Trailing blanks align the values to eight bytes, as the format's own writer does.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { data } of file.tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Reads a safetensors file; `origin` is its name in error messages. */
export function decodeSafetensors(bytes: Uint8Array, origin: string): SafetensorsFile {
  const { header, start } = readHeader(bytes, origin);
  const tensors = new Map<string, Tensor>();
  let expected = 0;
  // Sorted by place: a JSON object keeps no order that can be relied on (JavaScript moves names like "7" to the front).
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => ({ name, ...readEntry(value, name, origin) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, dtype, dims, begin, end } of entries) {
    if (begin !== expected) throw broken(origin, `tensor ${name} begins at ${begin}, expected ${expected}`);
    if (start + end > bytes.length) throw broken(origin, `expected at least ${start + end} bytes, got ${bytes.length}`);
    // A copy: values need the alignment of their type, and must not keep the whole file alive.
    // (`Buffer` has a `slice` of its own, which copies nothing.)
    const copy = Uint8Array.prototype.slice.call(bytes, start + begin, start + end);
    const data = new arrayTypes[dtype](copy.buffer);
    if (data.length !== sizeOf(dims))
      throw broken(origin, `tensor ${name} [${dims.join(",")}] needs ${sizeOf(dims)} values, got ${data.length}`);
    tensors.set(name, { dtype, dims, data } as Tensor);
    expected = end;
  }
  if (start + expected !== bytes.length)
    throw broken(origin, `expected ${start + expected} bytes, got ${bytes.length}`);
  return { tensors, metadata: readMetadata(header.__metadata__, origin) };
}

function readHeader(bytes: Uint8Array, origin: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw broken(origin, `expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader || 8 + length > bytes.length)
    throw broken(origin, `its header should have ${length} bytes, the file has ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw broken(origin, "its header is no JSON text");
  }
  if (!isObject(header)) throw broken(origin, "its header is no JSON object");
  return { header, start: 8 + length };
}

function readEntry(
  value: unknown,
  name: string,
  origin: string,
): { dtype: DType; dims: readonly number[]; begin: number; end: number } {
  const entry = isObject(value) ? value : {};
  const dtype = dtypes.get(String(entry.dtype));
  const dims = entry.shape;
  const offsets = entry.data_offsets;
  if (dtype === undefined || !isSizes(dims) || !isSizes(offsets))
    throw broken(origin, `tensor ${name} has the entry ${JSON.stringify(value)}`);
  const [begin = -1, end = -1] = offsets;
  const width = arrayTypes[dtype].BYTES_PER_ELEMENT;
  if (offsets.length !== 2 || end < begin || (end - begin) % width !== 0)
    throw broken(origin, `tensor ${name} has the offsets [${offsets.join(",")}]`);
  return { dtype, dims, begin, end };
}

function readMetadata(value: unknown, origin: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === "string"))
    throw broken(origin, "its metadata are no texts by name");
  return value as Record<string, string>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const broken = (origin: string, problem: string): Error =>
  dataError(
    "safetensors",
    `${origin}: not a whole safetensors file: ${problem}`,
    "Make the file again, or take an earlier one.",
  );
