/**
 * Image folders as data sets. All files are looked at first (headers, hashes), so that what is wrong with a folder is
 * said at once; then they are decoded once, side by side, into rows of one size, and kept in the cache. Node only.
 */
import { dataError } from "../../errors.ts";
import { checkOptions, type ImageFolderOptions, imageFolderOptions, parseImageSize } from "../config.ts";
import type { Dataset, ImageRows } from "../dataset.ts";
import { count, list } from "../names.ts";
import type { ImageSpec } from "../preprocess/spec.ts";
import { openDecoder } from "./decoders.ts";
import { type ImageFile, type Listing, listImages } from "./listing.ts";
import { type Looked, look, refuse } from "./look.ts";
import { uprightSize } from "./picture.ts";
import { cachedRows, decodeAll, type Shape } from "./rows.ts";

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

/** @throws DannError of labels that were asked for and are not there. */
export function datasetOf(
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

/** Images of each size as they stand upright, by `HEIGHTxWIDTH`. */
export function countSizes(files: readonly Looked[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { header } of files) {
    const { height, width } = uprightSize(header);
    sizes.set(`${height}x${width}`, (sizes.get(`${height}x${width}`) ?? 0) + 1);
  }
  return sizes;
}

/** The size asked for, or the one that all images have. */
function shapeOf(files: readonly Looked[], { folder }: Listing, options: FolderRequest): Shape {
  const channels = files.some(({ header }) => header.channels === 3) ? 3 : 1;
  const sizes = countSizes(files);
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
