/** The first look at the files of a folder: headers and hashes, and what cannot be read. Nothing is decoded. Node only. */
import { dataError } from "../../errors.ts";
import type { ImageFolderOptions } from "../config.ts";
import { nodeModules } from "../files.ts";
import { count, list } from "../names.ts";
import { type ImageHeader, imageHeader } from "./header.ts";
import type { ImageFile, Listing } from "./listing.ts";
import { sideBySide } from "./side-by-side.ts";

/** Pixels of one image at most, and of all that are decoded at one moment: 64 Mi, 256 MB as RGB with alpha. */
export const mostPixels = 2 ** 26;
/** Bytes of one file at most: no image of so many pixels needs more, unless it is badly packed. */
const mostBytes = 2 ** 28;
/** Files that are open at one moment. */
export const mostFiles = 8;

/** An image whose header is sound. */
export interface Looked extends ImageFile {
  readonly header: ImageHeader;
  readonly hash: string;
}

export interface Bad {
  readonly id: string;
  readonly reason: string;
}

/** Reads and hashes every file; decodes none. */
export async function look(
  { folder, files }: Listing,
  options: ImageFolderOptions,
): Promise<{ good: readonly Looked[]; bad: readonly Bad[] }> {
  const { fs } = nodeModules();
  const crypto = process.getBuiltinModule("node:crypto");
  const good: Looked[] = [];
  const bad: Bad[] = [];
  const found = await sideBySide(files, mostFiles, async (file): Promise<Looked | Bad> => {
    try {
      const { size } = await fs.stat(file.path);
      if (size > mostBytes) throw new Error(`it has ${size} bytes, more than ${mostBytes}`);
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
export function refuse(
  { folder }: Pick<Listing, "folder">,
  bad: readonly Bad[],
  options: ImageFolderOptions,
): string[] {
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

/** The first line of what a decoder says, short enough for a list. */
export const reasonOf = (cause: unknown): string =>
  ((cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "").slice(0, 100);
