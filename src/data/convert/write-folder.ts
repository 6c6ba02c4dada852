/**
 * A folder of PNG files that appears whole or not at all: filled under a hidden temporary name beside its place, then
 * renamed. A killed process leaves at most the hidden one, which readers pass over.
 */
import { DannError, runError } from "../../errors.ts";
import { unwritable } from "../atomic.ts";
import type { ImageRows } from "../dataset.ts";
import { nodeModules } from "../files.ts";
import { type Encoder, openEncoder } from "../images/encoders.ts";
import { sideBySide } from "../images/side-by-side.ts";
import type { ImageRecord } from "./places.ts";

export interface WriteFolderOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Default: sharp where it is installed. */
  readonly encoder?: Encoder | undefined;
}

/** @param places paths inside the folder, one for each record. @returns bytes of all files. */
export async function writeFolder(
  out: string,
  images: ImageRows,
  records: readonly ImageRecord[],
  places: readonly string[],
  options: WriteFolderOptions = {},
): Promise<number> {
  const { fs, path } = nodeModules();
  const { signal, onProgress, encoder = await openEncoder() } = options;
  const { height, width, channels, pixels } = images;
  const area = height * width * channels;
  const target = path.resolve(out);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
  // Encoders use threads of the pool; each holds one image and its file.
  const atOnce = 2 * process.getBuiltinModule("node:os").availableParallelism();
  let [bytes, done] = [0, 0];
  try {
    await fs.rm(temporary, { recursive: true, force: true });
    for (const folder of new Set(["", ...places.map(folderOf)]))
      await fs.mkdir(path.join(temporary, folder), { recursive: true });
    await sideBySide(records, atOnce, async ({ row }, at) => {
      signal?.throwIfAborted();
      // A copy: the rows lie in memory that is shared with other threads, which encoders do not take.
      const picture = { height, width, channels, pixels: pixels.slice(row * area, (row + 1) * area) };
      const png = await encoder.encode(picture);
      await fs.writeFile(path.join(temporary, places[at] ?? ""), png, { flag: "wx" });
      bytes += png.length;
      onProgress?.(++done);
    });
    signal?.throwIfAborted();
    // An empty folder may be there; not every system renames over one.
    await fs.rmdir(target).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw cause;
    });
    await fs.rename(temporary, target);
    return bytes;
  } catch (cause) {
    await fs.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (signal?.aborted === true) throw new DannError("interrupted", "interrupted", `${out}: nothing was written`);
    if (isFileError(cause)) throw unwritable(out, cause);
    throw cause instanceof DannError
      ? cause
      : runError("encode", `${out}: a PNG cannot be encoded (${String(cause)})`, undefined, { cause });
  }
}

const folderOf = (place: string): string => place.slice(0, Math.max(0, place.lastIndexOf("/")));

const isFileError = (cause: unknown): boolean =>
  cause instanceof Error && typeof (cause as NodeJS.ErrnoException).syscall === "string";
