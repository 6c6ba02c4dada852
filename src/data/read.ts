/** Reading a file of any format as a data set: the front door of the readers. */
import * as z from "zod";
import { dataError, usageError } from "../errors.ts";
import {
  checkOptions,
  type ImageReading,
  imageReading,
  type ReadOptions,
  readOptions,
  type TableOptions,
  tableOptions,
} from "./config.ts";
import type { Dataset, Rows } from "./dataset.ts";
import { isFolder } from "./files.ts";
import { formatOf } from "./formats.ts";
import { type FolderRequest, readFolder, readFolderChunks } from "./images/read.ts";
import { count } from "./names.ts";
import type { ImageSpec } from "./preprocess/spec.ts";
import { columnsOf, type PreprocessSpec } from "./preprocess.ts";
import { decodeArray, decodeLabels } from "./readers/array-file.ts";
import { readLabels } from "./readers/label-file.ts";
import { featureEntry, npzEntry, npzNames } from "./readers/npz.ts";
import { decodeSvmlight } from "./readers/svmlight.ts";
import { isTableFormat, readTablePieces, readWholeTable } from "./readers/table.ts";
import { selectDataset } from "./select.ts";
import { type ByteSource, decompressed, fromMemory, type Input, openInput, readAll } from "./source.ts";
import { cutWindows } from "./windows.ts";

/** How a folder of images is read, beside what is said of files. */
export type FolderReading = ImageReading & Pick<FolderRequest, "like">;

const folderReading: z.ZodType<FolderReading, FolderReading> = imageReading.extend({
  like: z.custom<ImageSpec>().optional(),
});

/**
 * Reads a file: CSV, TSV, JSONL, Parquet, NPY, NPZ, IDX or svmlight, each also as `.gz`; or a folder of images.
 * @param input a path (in Node), or a `File` or `Blob`.
 * @param images of a folder: the size of its images, and where they are cached.
 */
export async function readDataset(
  input: Input,
  options: ReadOptions = {},
  images: FolderReading = {},
): Promise<Dataset> {
  checkOptions(readOptions, options, "reading");
  checkOptions(folderReading, images, "reading images");
  if (typeof input === "string" && (await isFolder(input))) {
    if (options.window === undefined) return readFolder(input, folderRequest(input, options, images));
    throw usageError("window-folder", `${input}: windows are cut from signals, got a folder of images`);
  }
  const dataset = await readWhole(input, options);
  return options.window === undefined ? dataset : cutWindows(dataset, options);
}

async function readWhole(input: Input, options: ReadOptions): Promise<Dataset> {
  const file = await openInput(input);
  refuseEmpty(file);
  const { format, gzip } = formatOf(file.name, options.format);
  const source = await decompressed(file, gzip);
  if (isTableFormat(format)) {
    const random = format === "parquet" && gzip ? fromMemory(file.name, await readAll(source)) : source;
    const { dataset, labelsAreFile } = await readWholeTable(random, format, options);
    return labelsAreFile ? withLabelFile(dataset, options) : dataset;
  }
  refuseTableOptions(file.name, format, options);
  if (format === "svmlight") {
    const dataset = await only(decodeSvmlight(source, options));
    return options.labels === undefined ? dataset : withLabelFile(dataset, options);
  }
  if (format === "npz") return readNpz(source, options);
  const dataset = { origin: file.name, rows: await only(decodeArray(source, format, options)) };
  return options.labels === undefined ? dataset : withLabelFile(dataset, options);
}

/** Reads a table: `await readTable("clinic-a.csv", { label: "diagnosis" })`. Takes every format that `readDataset` does. */
export async function readTable(input: Input, options: TableOptions = {}): Promise<Dataset> {
  const { label, ...others } = checkOptions(tableOptions, options, "reading a table");
  return readDataset(input, { ...others, labels: label });
}

/**
 * Reads rows for a trained model, some at a time, so that the file may be larger than memory: only the columns that the
 * model reads, as the types it was trained on.
 * @param chunkRows about how many rows come at a time; default 8192.
 */
export async function* readChunks(
  input: Input,
  options: ReadOptions,
  spec: PreprocessSpec,
  chunkRows = 8192,
): AsyncGenerator<Dataset> {
  checkOptions(readOptions, options, "reading");
  if (options.window !== undefined) {
    yield* windowChunks(input, options, spec, chunkRows);
    return;
  }
  if (typeof input === "string" && (await isFolder(input))) {
    if (spec.kind !== "image")
      throw dataError(
        "kind-mismatch",
        `${input}: expected rows of kind ${spec.kind}, as the model was trained on, got a folder`,
      );
    yield* readFolderChunks(input, folderRequest(input, options, { like: spec }), chunkRows);
    return;
  }
  const file = await openInput(input);
  refuseEmpty(file);
  const { format, gzip } = formatOf(file.name, options.format);
  const source = await decompressed(file, gzip);
  if (isTableFormat(format)) {
    const random = format === "parquet" && gzip ? fromMemory(file.name, await readAll(source)) : source;
    yield* readTablePieces(random, format, options, columnsOf(spec), chunkRows);
    return;
  }
  refuseTableOptions(file.name, format, options);
  if (format === "npz") {
    const features = npzEntry(source, featureEntry(await npzNames(source), options, file.name));
    for await (const rows of decodeArray(features, "npy", options, chunkRows)) yield { origin: file.name, rows };
    return;
  }
  if (format === "svmlight") {
    const base = spec.kind === "features" ? spec.indexBase : undefined;
    yield* decodeSvmlight(source, { ...options, indexBase: options.indexBase ?? base }, chunkRows);
    return;
  }
  for await (const rows of decodeArray(source, format, options, chunkRows)) yield { origin: file.name, rows };
}

/** Windows overlap and cross any border of pieces, so the recordings are read whole. */
async function* windowChunks(
  input: Input,
  options: ReadOptions,
  spec: PreprocessSpec,
  chunkRows: number,
): AsyncGenerator<Dataset> {
  const dataset = await readDataset(input, withChannels(options, spec.kind === "signal" ? spec.names : undefined));
  const { rows } = dataset.rows;
  for (let start = 0; start < rows; start += chunkRows)
    yield selectDataset(
      dataset,
      Array.from({ length: Math.min(chunkRows, rows - start) }, (_, row) => start + row),
    );
}

/** Channels by the names that they have elsewhere, unless the caller says which. */
export const withChannels = (options: ReadOptions, names: readonly string[] | undefined): ReadOptions =>
  names === undefined || options.window === undefined || options.channels !== undefined
    ? options
    : { ...options, channels: names };

/**
 * The options to read a second file of the same task with: column types and the base of sparse indices as the first
 * file has them, unless the caller says otherwise. A cell that does not fit is then an error with its line.
 */
export function likeFirst(first: Dataset, options: ReadOptions = {}): ReadOptions {
  if (first.rows.kind === "sparse") return { ...options, indexBase: options.indexBase ?? first.rows.indexBase };
  if (first.rows.kind === "signal") return withChannels(options, first.rows.names);
  if (first.rows.kind !== "table") return options;
  const types = Object.fromEntries(first.rows.columns.map(({ name, kind }) => [name, kind]));
  return { ...options, types: { ...types, ...options.types } };
}

function refuseEmpty(file: ByteSource): void {
  if (file.size > 0) return;
  throw dataError(
    "empty-file",
    `${file.name}: expected data, got an empty file`,
    "Check that the file was written completely.",
  );
}

/** Options of files as those of a folder; what means nothing there is refused. */
export function folderRequest(folder: string, options: ReadOptions, images: FolderReading): FolderRequest {
  const { labels, group, skipBad, decoder } = options;
  if (labels !== undefined && labels !== "folder") {
    throw usageError(
      "folder-labels",
      `${folder}: expected "folder" for the labels of an image folder, got "${labels}"`,
      "The classes are its sub-folders.",
    );
  }
  if (group !== undefined && group !== "folder") {
    throw usageError("folder-group", `${folder}: expected --group folder for an image folder, got "${group}"`);
  }
  if (options.id !== undefined) {
    throw usageError(
      "folder-id",
      `${folder}: images have their paths for ids, got --id ${options.id}`,
      "Leave it out.",
    );
  }
  return { ...images, labels, group, skipBad, decoder };
}

function refuseTableOptions(name: string, format: string, options: ReadOptions): void {
  for (const option of ["id", "group"] as const) {
    if (options[option] === undefined) continue;
    throw dataError(
      "no-columns",
      `${name}: ${option} names a column, but ${format} files have none`,
      `Leave --${option} out.`,
    );
  }
}

async function readNpz(source: ByteSource, options: ReadOptions): Promise<Dataset> {
  const names = await npzNames(source);
  const features = npzEntry(source, featureEntry(names, options, source.name));
  const dataset = { origin: source.name, rows: await only(decodeArray(features, "npy", options)) };
  if (options.labels === undefined) return dataset;
  if (!names.includes(options.labels)) return withLabelFile(dataset, options);
  const labels = npzEntry(source, options.labels);
  return withLabels(dataset, await decodeLabels(labels, "npy"), labels.name);
}

const withLabelFile = async (dataset: Dataset, options: ReadOptions): Promise<Dataset> =>
  withLabels(dataset, await readLabels(options.labels ?? "", options), options.labels ?? "");

/** The rows with labels from elsewhere, one for each. */
export function withLabels(dataset: Dataset, labels: readonly (string | undefined)[], origin = "labels"): Dataset {
  const { rows } = dataset.rows;
  if (labels.length === rows) return { ...dataset, labels };
  throw dataError(
    "label-count",
    `${origin}: expected ${count(rows, "label")}, one for each row of ${dataset.origin}, got ${labels.length}`,
  );
}

async function only<T extends Rows | Dataset>(pieces: AsyncGenerator<T>): Promise<T> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  const [first] = found;
  if (first === undefined) throw dataError("empty-file", "expected rows, got none");
  return first;
}
