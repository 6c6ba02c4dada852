/** The images in a folder, its sub-folders included, in an order that depends on their names alone. Node only. */
import { dataError } from "../../errors.ts";
import { nodeModules } from "../files.ts";
import { count, list } from "../names.ts";

export interface ImageFile {
  /** Relative to the folder, with `/` between, whatever the platform: the row's id. */
  readonly id: string;
  readonly path: string;
}

export interface Listing {
  readonly folder: string;
  /** By code points of the id. */
  readonly files: readonly ImageFile[];
  /** Sub-folders of the folder itself: its classes, where it has any. */
  readonly folders: readonly string[];
  /** What was passed over, counted. */
  readonly notes: readonly string[];
}

const image = /\.(jpe?g|png|webp)$/i;
/** Hidden by convention, or left by macOS in archives. */
const hidden = (name: string): boolean => name.startsWith(".") || name === "__MACOSX";

export async function listImages(folder: string): Promise<Listing> {
  const { fs, path } = nodeModules();
  const files: ImageFile[] = [];
  const folders: string[] = [];
  const passed = {
    hidden: [] as string[],
    other: [] as string[],
    again: [] as string[],
    gone: [] as string[],
    garbled: [] as string[],
  };
  // Every folder is read once, so that links cannot lead around in circles.
  const seen = new Set<string>();
  const walk = async (at: string, prefix: string): Promise<void> => {
    seen.add(await fs.realpath(at));
    const names = (
      await fs.readdir(at).catch((cause: NodeJS.ErrnoException) => {
        throw dataError("file-access", `${at}: the folder cannot be read (${cause.code})`, "Check your rights.");
      })
    ).sort(byCodePoints);
    for (const name of names) {
      const [id, full] = [`${prefix}${name}`, path.join(at, name)];
      const info = await fs.stat(full).catch(() => undefined);
      if (hidden(name)) passed.hidden.push(id);
      // Bytes that are no UTF-8 come as U+FFFD, by which the file is not found again.
      else if (info === undefined) (name.includes("\uFFFD") ? passed.garbled : passed.gone).push(id);
      else if (info.isDirectory()) {
        if (seen.has(await fs.realpath(full))) {
          passed.again.push(id);
          continue;
        }
        if (prefix === "") folders.push(name);
        await walk(full, `${id}/`);
      } else if (info.isFile() && image.test(name)) files.push({ id, path: full });
      else passed.other.push(id);
    }
  };
  await walk(folder, "");
  files.sort((a, b) => byCodePoints(a.id, b.id));
  const say = (ids: readonly string[], noun: string, what: string): string[] =>
    ids.length === 0 ? [] : [`${count(ids.length, noun)} ${what}: ${list(ids, 4)}`];
  const notes = [
    ...say(passed.other, "file", "passed over that are no JPEG, PNG or WebP"),
    ...say(passed.hidden, "hidden name", "passed over"),
    ...say(passed.again, "link", "passed over that lead to folders already read"),
    ...say(passed.gone, "link", "passed over that lead nowhere"),
    ...say(passed.garbled, "name", "passed over that is no UTF-8"),
  ];
  if (files.length > 0) return { folder, files, folders, notes };
  throw dataError(
    "no-images",
    `${folder}: expected images, got none${passed.other.length === 0 ? "" : ` (only ${list(passed.other, 4)})`}`,
    "JPEG, PNG and WebP are read; convert other formats first.",
  );
}

/** Strings compare by UTF-16 unit, which puts the rarer planes before some of the first. */
export function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const different = left.findIndex((character, at) => character !== right[at]);
  if (different === -1) return left.length - right.length;
  return (left[different]?.codePointAt(0) ?? 0) - (right[different]?.codePointAt(0) ?? -1);
}
