/** Looked-at files become rows of one size: decoded once, side by side, and kept in the cache. Node only. */
import { dataError } from "../../errors.ts";
import { cacheFolder, cacheKey, readCached, writeCached } from "../cache.ts";
import type { ImageFit, ImageSize } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import { nodeModules } from "../files.ts";
import { resizer } from "../resize.ts";
import { sharedUint8 } from "../shared-memory.ts";
import type { Decoder } from "./decoders.ts";
import { type Bad, type Looked, mostFiles, mostPixels, reasonOf } from "./look.ts";
import { finished } from "./picture.ts";
import { sideBySide } from "./side-by-side.ts";

export interface Shape extends ImageSize {
  readonly channels: 1 | 3;
  /** Absent where every image has this size already, or a model was trained with none. */
  readonly fit?: ImageFit | undefined;
}

export interface DecodedRows {
  readonly rows: ImageRows;
  readonly bad: readonly Bad[];
}

/** Decodes, or takes from the cache what was decoded of the same bytes in the same way. */
export async function cachedRows(
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
export async function decodeAll(files: readonly Looked[], shape: Shape, decoder: Decoder): Promise<DecodedRows> {
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
