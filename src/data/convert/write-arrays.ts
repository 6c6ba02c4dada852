/**
 * Images as arrays: IDX, NPY or NPZ, and beside them what an array cannot hold: labels, the names of their classes, and
 * a table with the id and the group of every image. The images come last, so that with them everything is there.
 */
import { DannError, usageError } from "../../errors.ts";
import { type AtomicFile, openAtomic } from "../atomic.ts";
import type { ImageRows } from "../dataset.ts";
import { nodeModules } from "../files.ts";
import { gzipped } from "../writers/bytes.ts";
import { encodeIdx, idxHeaderBytes } from "../writers/idx.ts";
import { encodeNpy, encodeNpz, type NpyArray, npyHeaderBytes } from "../writers/npy.ts";
import { csvLine } from "../writers/text.ts";
import { type ConvertedClass, selfEvident } from "./classes.ts";
import type { ImageRecord } from "./places.ts";
import { besideImages, type ConvertTarget } from "./target.ts";

export type ArrayTarget = Exclude<ConvertTarget, { readonly format: "folder" }>;

export interface ArrayContent {
  readonly images: ImageRows;
  readonly records: readonly ImageRecord[];
  readonly classes?: readonly ConvertedClass[] | undefined;
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

type Blocks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The paths that may be written beside the images, for looking whether they are free. */
export function pathsBeside(target: ArrayTarget): string[] {
  if (target.format === "npz") return [];
  return [labelsPath(target, 1), labelsPath(target, 4), besideImages(target, "classes.txt"), indexPath(target)];
}

const indexPath = (target: ArrayTarget): string => besideImages(target, "index.csv");

function labelsPath(target: Exclude<ArrayTarget, { format: "npz" }>, bytes: 1 | 4): string {
  const gz = target.gzip ? ".gz" : "";
  if (target.format === "npy") return `${besideImages(target, "labels")}.npy${gz}`;
  const dotted = /\.idx(\.gz)?$/i.test(target.path);
  return (
    besideImages(target, "labels") +
    (dotted && bytes === 1 ? `.idx${gz}` : `-idx1-${bytes === 1 ? "ubyte" : "int"}${gz}`)
  );
}

/** The files in the order of their writing. */
export async function writeArrays(
  target: ArrayTarget,
  content: ArrayContent,
  signal?: AbortSignal,
): Promise<WrittenFile[]> {
  const dims = dimsOf(target, content);
  const files = target.format === "npz" ? npzFile(target.path, content, dims) : filesOf(target, content, dims);
  const open: AtomicFile[] = [];
  const written: WrittenFile[] = [];
  try {
    for (const [path, blocks] of files) {
      const file = await openAtomic(path);
      open.push(file);
      let bytes = 0;
      for await (const block of blocks) {
        if (signal?.aborted === true)
          throw new DannError("interrupted", "interrupted", `${target.path}: nothing was written`);
        await file.write(block);
        bytes += block.length;
      }
      written.push({ path, bytes });
    }
    for (const file of open) await file.commit();
    return written;
  } finally {
    // Does nothing to those that are in their places.
    for (const file of open) await file.abort();
  }
}

/** [rows, height, width] of grey images, unless the name asks for rank 4; [rows, height, width, 3] of others. */
function dimsOf(target: ArrayTarget, { images, records }: ArrayContent): number[] {
  const { height, width, channels } = images;
  const size = [records.length, height, width];
  const rank = target.format === "idx" ? target.rank : undefined;
  if (rank === undefined ? channels === 1 : rank === 3 && channels === 1) return size;
  if (rank === undefined || rank === 4) return [...size, channels];
  throw usageError(
    "output-format",
    `${target.path}: expected idx${channels === 3 ? "4" : "3 or idx4"} in the name for ${channels === 3 ? "RGB" : "grey"} images, got idx${rank}`,
    "Rename --out.",
  );
}

function filesOf(
  target: Exclude<ArrayTarget, { format: "npz" }>,
  { images, records, classes }: ArrayContent,
  dims: readonly number[],
): [string, Blocks][] {
  const { format, gzip } = target;
  const files: [string, Blocks][] = [];
  const packed = (blocks: Blocks): Blocks => (gzip ? gzipped(blocks) : blocks);
  if (classes !== undefined) {
    const wide = classes.some(({ number }) => number > 255);
    const numbers = numbersOf(records, classes);
    const values =
      format === "npy"
        ? encodeNpy({ dims: [numbers.length], values: BigInt64Array.from(numbers, BigInt) })
        : encodeIdx([numbers.length], wide ? Int32Array.from(numbers) : Uint8Array.from(numbers));
    files.push([labelsPath(target, wide ? 4 : 1), packed([values])]);
    // Numbers need no names; others are one a line, the first of class 0.
    if (!selfEvident(classes))
      files.push([besideImages(target, "classes.txt"), [utf8(classes.map(({ name }) => `${name}\n`).join(""))]]);
  }
  files.push([indexPath(target), indexLines(records)]);
  const header = format === "npy" ? npyHeaderBytes("|u1", dims) : idxHeaderBytes(0x08, dims);
  files.push([target.path, packed(withPixels(header, images, records))]);
  return files;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function numbersOf(records: readonly ImageRecord[], classes: readonly ConvertedClass[]): number[] {
  const numbers = new Map(classes.map(({ name, number }) => [name, number]));
  return records.map(({ label }) => numbers.get(label ?? "") ?? 0);
}

/** About a megabyte a block. */
function* withPixels(header: Uint8Array, images: ImageRows, records: readonly ImageRecord[]): Generator<Uint8Array> {
  yield header;
  const area = images.height * images.width * images.channels;
  const each = Math.max(1, Math.floor(2 ** 20 / area));
  for (let start = 0; start < records.length; start += each)
    yield gathered(images, records.slice(start, start + each), area);
}

function gathered({ pixels }: ImageRows, records: readonly ImageRecord[], area: number): Uint8Array {
  const block = new Uint8Array(records.length * area);
  records.forEach(({ row }, at) => {
    block.set(pixels.subarray(row * area, (row + 1) * area), at * area);
  });
  return block;
}

/** A row an image, in the order of the images; the columns that convert takes with --id, --labels and --group. */
function* indexLines(records: readonly ImageRecord[]): Generator<Uint8Array> {
  const has = (key: "label" | "group"): boolean => records.some((record) => record[key] !== undefined);
  const columns = (["id", "label", "group"] as const).filter((key) => key === "id" || has(key));
  yield utf8(csvLine(columns));
  for (const record of records) yield utf8(csvLine(columns.map((key) => record[key])));
}

/** What zip can hold, and we can make in memory. */
const mostNpzBytes = 2 ** 31;

function npzFile(path: string, content: ArrayContent, dims: readonly number[]): [string, Blocks][] {
  const { images, records, classes } = content;
  const bytes = dims.reduce((product, size) => product * size, 1);
  if (bytes > mostNpzBytes)
    throw usageError(
      "output-format",
      `${path}: an NPZ holds images of up to ${mostNpzBytes} bytes, got ${bytes}`,
      `Write NPY: --out ${nodeModules().path.basename(path).replace(/npz$/i, "npy")}`,
    );
  const strings = (values: readonly string[]): NpyArray => ({ dims: [values.length], values });
  const groups = records.map(({ group }) => group ?? "");
  const arrays: Record<string, NpyArray> = {
    images: { dims, values: gathered(images, records, images.height * images.width * images.channels) },
    ...(classes && {
      labels: { dims: [records.length], values: BigInt64Array.from(numbersOf(records, classes), BigInt) },
      classes: strings(classes.map(({ name }) => name)),
    }),
    ids: strings(records.map(({ id }) => id)),
    ...(groups.some((group) => group !== "") && { groups: strings(groups) }),
  };
  return [[path, [encodeNpz(arrays)]]];
}
