/**
 * Files that are whole or absent: written under another name, flushed to the disk, then renamed. Node only; nothing
 * here is imported before it is used, so a browser can load the modules above.
 */
import { nodeModules } from "../data/files.ts";
import { runError } from "../errors.ts";

/** Name under which an unfinished file is written. Readers and `removeUnfinished` know it by its prefix and suffix. */
const unfinished = (base: string): string => `.${base}.unfinished`;

/** Writes a file so that a reader, or a process killed at any moment, never sees a part of it. */
export async function writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const { fs, path: paths } = nodeModules();
  const temporary = paths.join(paths.dirname(path), unfinished(paths.basename(path)));
  try {
    const handle = await fs.open(temporary, "w");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, path);
  } catch (cause) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, cause);
  }
}

/** Removes what a killed process left half-written in a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  const { fs, path: paths } = nodeModules();
  for (const name of await fs.readdir(folder).catch(() => [])) {
    if (name.startsWith(".") && name.endsWith(".unfinished")) await fs.rm(paths.join(folder, name), { force: true });
  }
}

/** A failure to write, in words. */
export function writeError(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const known: Readonly<Record<string, readonly [string, string]>> = {
    ENOSPC: ["the disk is full", "Free some space, or choose another place with --out."],
    EACCES: ["no right to write here", "Choose another place with --out."],
    EPERM: ["no right to write here", "Choose another place with --out."],
    EROFS: ["the disk is read-only", "Choose another place with --out."],
    ENOTDIR: ["a part of the path is a file", "Choose another place with --out."],
    ENOENT: ["the folder does not exist", "Make the folder first, or choose another place."],
    EISDIR: ["it is a folder", "Choose another name."],
  };
  const [what, remedy] = known[code] ?? [code, undefined];
  return runError("write", `${path}: cannot be written: ${what}`, remedy, { cause });
}
