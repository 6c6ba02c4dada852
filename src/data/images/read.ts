/**
 * Image folders as data sets. All files are looked at first (headers, hashes), so that what is wrong with a folder is
 * said at once; then they are decoded once, side by side, into rows of one size, and kept in the cache. Node only.
 */
import { dataError } from "../../errors.ts";
import { cacheFolder, cacheKey, readCached, writeCached } from "../cache.ts";
import {
  checkOptions,
  type ImageFit,
  type ImageFolderOptions,
  type ImageSize,
  imageFolderOptions,
  parseImageSize,
} from "../config.ts";
import type { Dataset, ImageRows } from "../dataset.ts";
import { nodeModules } from "../files.ts";
import { count, list } from "../names.ts";
import type { ImageSpec } from "../preprocess/spec.ts";
import { resizer } from "../resize.ts";
import { sharedUint8 } from "../shared-memory.ts";
import { type Decoder, openDecoder } from "./decoders.ts";
import { type ImageHeader, imageHeader } from "./header.ts";
import { type ImageFile, type Listing, listImages } from "./listing.ts";
import { finished, uprightSize } from "./picture.ts";

/** Pixels of one image at most, and of all that are decoded at one moment: 64 Mi, 256 MB as RGB with alpha. */
const mostPixels = 2 ** 26;
/** Files that are open at one moment. */
const mostFiles = 8;

/** An image whose header is sound. */
interface Looked extends ImageFile {
  readonly header: ImageHeader;
  readonly hash: string;
}

interface Bad {
  readonly id: string;
  readonly reason: string;
}

/** What a folder is read for: a size asked for, or the images that a trained model takes. */
export interface FolderRequest extends ImageFolderOptions {
  /** In place of `imageSize` and `imageFit`. */
  readonly like?: ImageSpec | undefined;
}

/**
 * Reads a folder of JPEG, PNG and WebP images as rows of uint8 [rows, height, width, 1 or 3]. The ids are the paths
 * inside the folder, and the rows are in their order (by code points). EXIF's orientation is undone, transparency is laid
 * on white, 16 bits become 8. Node only.
 */
export async function readImages(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  return readFolder(folder, checkOptions(imageFolderOptions, options, "reading images"));
}

/** `readImages` for those whose options are checked. */
export async function readFolder(folder: string, options: FolderRequest): Promise<Dataset> {
  const listing = await listImages(folder);
  const looked = await look(listing, options);
  const shape = shapeOf(looked.good, listing, options);
  const decoder = await openDecoder(options.decoder ?? "auto");
  const decoded = await cachedRows(looked.good, shape, decoder, options.cache);
  const bad = [...looked.bad, ...decoded.bad];
  const notes = [...listing.notes, ...refuse(listing, bad, options), ...decoded.notes];
  if (decoded.rows.rows === 0) refuse(listing, bad, { ...options, skipBad: false });
  const kept = looked.good.filter(({ id }) => !decoded.bad.some((one) => one.id === id));
  return datasetOf(listing, kept, decoded.rows, notes, options);
}

/** The rows of a folder some at a time, for a trained model; nothing is cached. */
export async function* readFolderChunks(
  folder: string,
  options: FolderRequest,
  chunkRows: number,
): AsyncGenerator<Dataset> {
  const listing = await listImages(folder);
  const looked = await look(listing, options);
  const shape = shapeOf(looked.good, listing, options);
  const decoder = await openDecoder(options.decoder ?? "auto");
  // At most 64 MB of pixels.
  const rows = Math.max(1, Math.min(chunkRows, Math.floor(2 ** 26 / (shape.height * shape.width * shape.channels))));
  let notes = [...listing.notes, ...refuse(listing, looked.bad, options)];
  for (let start = 0; start < looked.good.length; start += rows) {
    const files = looked.good.slice(start, start + rows);
    const decoded = await decodeAll(files, shape, decoder);
    notes = [...notes, ...refuse(listing, decoded.bad, options)];
    const kept = files.filter(({ id }) => !decoded.bad.some((one) => one.id === id));
    if (kept.length > 0) yield datasetOf(listing, kept, decoded.rows, notes, options);
    notes = [];
  }
}

function datasetOf(
  listing: Listing,
  files: readonly ImageFile[],
  rows: ImageRows,
  notes: readonly string[],
  options: ImageFolderOptions,
): Dataset {
  const ids = files.map(({ id }) => id);
  const labels = labelsOf(listing, ids, options.labels);
  return {
    origin: listing.folder,
    rows,
    ids,
    ...(labels && { labels }),
    ...(options.group === "folder" && { groups: ids.map((id) => id.slice(0, Math.max(0, id.lastIndexOf("/")))) }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Folder names are composed alike (NFC): file systems differ in how they store an accent. */
const classOf = (id: string): string => id.slice(0, id.indexOf("/")).normalize("NFC");

function labelsOf(
  { folder, files, folders }: Listing,
  ids: readonly string[],
  wanted: ImageFolderOptions["labels"],
): string[] | undefined {
  const loose = files.filter(({ id }) => !id.includes("/")).map(({ id }) => id);
  if (wanted === "none" || (wanted === undefined && loose.length > 0)) return undefined;
  if (loose.length > 0) {
    throw dataError(
      "no-classes",
      `${folder}: expected one sub-folder a class, got ${count(loose.length, "image")} outside of any: ${list(loose, 4)}`,
      "Move every image into the folder of its class.",
    );
  }
  const labels = ids.map(classOf);
  const found = new Set(labels);
  const empty = folders.filter((name) => !found.has(name.normalize("NFC")));
  if (empty.length > 0) {
    throw dataError(
      "empty-class",
      `${folder}: expected images in every class, got none in ${list(empty)}`,
      "Add images, or remove the folder.",
    );
  }
  return labels;
}

/** Reads and hashes every file; decodes none. */
async function look(
  { folder, files }: Listing,
  options: ImageFolderOptions,
): Promise<{ good: readonly Looked[]; bad: readonly Bad[] }> {
  const { fs } = nodeModules();
  const crypto = process.getBuiltinModule("node:crypto");
  const good: Looked[] = [];
  const bad: Bad[] = [];
  const found = await sideBySide(files, mostFiles, async (file): Promise<Looked | Bad> => {
    try {
      const bytes = await fs.readFile(file.path);
      const header = imageHeader(bytes);
      const pixels = header.height * header.width;
      if (pixels > mostPixels)
        throw new Error(`it has ${header.height}x${header.width} pixels, more than ${mostPixels}`);
      return { ...file, header, hash: crypto.createHash("sha256").update(bytes).digest("hex") };
    } catch (cause) {
      return { id: file.id, reason: reasonOf(cause) };
    }
  });
  for (const one of found) {
    if ("header" in one) good.push(one);
    else bad.push(one);
  }
  if (good.length > 0) return { good, bad };
  refuse({ folder }, bad, { ...options, skipBad: false });
  return { good, bad };
}

/** Without `skipBad` an error that names the files, with it a note that counts them. */
function refuse({ folder }: Pick<Listing, "folder">, bad: readonly Bad[], options: ImageFolderOptions): string[] {
  if (bad.length === 0) return [];
  const said = list(
    bad.map(({ id, reason }) => `${id} (${reason})`),
    20,
  );
  if (options.skipBad === true) return [`${count(bad.length, "image")} skipped that cannot be read: ${said}`];
  throw dataError(
    "bad-images",
    `${folder}: expected images, but ${count(bad.length, "file")} cannot be read: ${said}`,
    "Replace or remove them, or pass --skip-bad to leave them out.",
  );
}

interface Shape extends ImageSize {
  readonly channels: 1 | 3;
  /** Absent where every image has this size already, or a model was trained with none. */
  readonly fit?: ImageFit | undefined;
}

/** The size asked for, or the one that all images have. */
function shapeOf(files: readonly Looked[], { folder }: Listing, options: FolderRequest): Shape {
  const channels = files.some(({ header }) => header.channels === 3) ? 3 : 1;
  const sizes = new Map<string, number>();
  for (const { header } of files) {
    const { height, width } = uprightSize(header);
    sizes.set(`${height}x${width}`, (sizes.get(`${height}x${width}`) ?? 0) + 1);
  }
  const { like } = options;
  if (like !== undefined) {
    const { height, width, fit } = like;
    const other = [...sizes.keys()].find((size) => size !== `${height}x${width}`);
    if (like.resize || other === undefined) return { height, width, channels, ...(fit && { fit }) };
    throw dataError(
      "image-size",
      `${folder}: expected images of ${height}x${width}, as in training, got also ${other}`,
      "Resize them, or train with --image-size, which resizes here too.",
    );
  }
  if (options.imageSize !== undefined) {
    return { ...parseImageSize(options.imageSize), channels, fit: options.imageFit ?? "cover" };
  }
  const ordered = [...sizes].sort(([, a], [, b]) => b - a);
  const [[usual] = [""], ...others] = ordered;
  if (others.length === 0) return { ...parseImageSize(usual), channels };
  throw dataError(
    "image-size",
    `${folder}: expected images of one size, got ${list(ordered.map(([size, n]) => `${size} (${n})`))}`,
    `Pass --image-size ${usual} (or another HEIGHTxWIDTH) to resize them.`,
  );
}

interface DecodedRows {
  readonly rows: ImageRows;
  readonly bad: readonly Bad[];
}

/** Decodes, or takes from the cache what was decoded of the same bytes in the same way. */
async function cachedRows(
  files: readonly Looked[],
  shape: Shape,
  decoder: Decoder,
  cache: string | false | undefined,
): Promise<DecodedRows & { readonly notes: readonly string[] }> {
  const folder = cacheFolder(cache);
  if (folder === undefined) return { ...(await decodeAll(files, shape, decoder)), notes: [] };
  const key = cacheKey({ images: 1, decoder: decoder.name, shape, files: files.map(({ hash }) => hash) });
  const kept = await readCached(folder, key);
  const area = shape.height * shape.width * shape.channels;
  if (kept !== undefined && kept.length === files.length * area) {
    return { rows: { kind: "image", rows: files.length, ...shape, pixels: kept }, bad: [], notes: [] };
  }
  const decoded = await decodeAll(files, shape, decoder);
  // What is not whole is decoded again, so that its bad files are named again.
  if (decoded.bad.length > 0) return { ...decoded, notes: [] };
  try {
    await writeCached(folder, key, decoded.rows.pixels);
    return { ...decoded, notes: [] };
  } catch (cause) {
    return { ...decoded, notes: [`the decoded images are not kept: ${reasonOf(cause)}`] };
  }
}

/** Rows in the order of the files; bad ones leave no gap. */
async function decodeAll(files: readonly Looked[], shape: Shape, decoder: Decoder): Promise<DecodedRows> {
  const { fs } = nodeModules();
  const { height, width, channels, fit } = shape;
  const area = height * width * channels;
  const pixels = allocate(files.length, area);
  const largest = files.reduce((most, { header }) => Math.max(most, header.height * header.width), 1);
  const threads = process.getBuiltinModule("node:os").availableParallelism();
  const atOnce = Math.max(1, Math.min(mostFiles, 2 * threads, Math.floor(mostPixels / largest)));
  const reasons = await sideBySide(files, atOnce, async (file, row) => {
    try {
      const bytes = await fs.readFile(file.path);
      const decoded = await decoder.decode(bytes, file.header);
      if (decoded.height !== file.header.height || decoded.width !== file.header.width)
        throw new Error("its header is damaged");
      const picture = finished(decoded, file.header, channels);
      resizer(picture, shape, channels, fit)(picture.pixels, pixels.subarray(row * area, (row + 1) * area));
      return undefined;
    } catch (cause) {
      return reasonOf(cause);
    }
  });
  let rows = 0;
  reasons.forEach((reason, row) => {
    if (reason !== undefined) return;
    if (rows < row) pixels.copyWithin(rows * area, row * area, (row + 1) * area);
    rows++;
  });
  const bad = files.flatMap(({ id }, row) => {
    const reason = reasons[row];
    return reason === undefined ? [] : [{ id, reason }];
  });
  return { rows: { kind: "image", rows, ...shape, pixels: pixels.subarray(0, rows * area) }, bad };
}

function allocate(rows: number, area: number): Uint8Array {
  try {
    return sharedUint8(rows * area);
  } catch (cause) {
    throw dataError(
      "too-large",
      `expected images that fit in memory, got ${rows} rows of ${area} bytes (${(rows * area) / 2 ** 30} GiB)`,
      "Pass a smaller --image-size.",
      { cause },
    );
  }
}

/** `work` on every item, so many at once; results in the order of the items. */
async function sideBySide<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** The first line of what a decoder says, short enough for a list. */
const reasonOf = (cause: unknown): string =>
  ((cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "").slice(0, 100);
