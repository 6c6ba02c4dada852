/**
 * A folder of things that were worked out once and can be worked out again: decoded images, features of networks. An
 * entry is named by a hash of all that it was made of, so it is never out of date; it may be deleted at any time. A
 * damaged entry counts as absent. Node only.
 */
import { openAtomic } from "./atomic.ts";
import { nodeModules } from "./files.ts";
import { sharedUint8 } from "./shared-memory.ts";

/**
 * Where the cache is: the folder asked for, or by the platform's convention `$XDG_CACHE_HOME/dann`, else
 * `~/Library/Caches/dann` on macOS, `%LOCALAPPDATA%\dann\Cache` on Windows and `~/.cache/dann` elsewhere.
 * @param option a folder; `false`: nothing is kept, and there is none.
 */
export function cacheFolder(option: string | false | undefined): string | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return option;
  const { join } = nodeModules().path;
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg) return join(xdg, "dann");
  if (process.platform === "win32" && local) return join(local, "dann", "Cache");
  const home = process.getBuiltinModule("node:os").homedir();
  return process.platform === "darwin" ? join(home, "Library", "Caches", "dann") : join(home, ".cache", "dann");
}

/** The name of an entry: a SHA-256 over the JSON of what it is made of. */
export const cacheKey = (madeOf: unknown): string =>
  digest(new TextEncoder().encode(JSON.stringify(madeOf))).toString("hex");

const digest = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Bytes of the digest in front of every entry. */
const head = 32;

/** The bytes of an entry, over shared memory; undefined where there is none that is whole. */
export async function readCached(folder: string, key: string): Promise<Uint8Array | undefined> {
  const { fs, path } = nodeModules();
  const file = await fs.open(path.join(folder, key)).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size < head) return undefined;
    const bytes = sharedUint8(size);
    for (let filled = 0; filled < size; ) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) return undefined;
      filled += bytesRead;
    }
    const content = bytes.subarray(head);
    return digest(content).equals(bytes.subarray(0, head)) ? content : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Keeps an entry, its bytes in as many parts as they come; it appears whole or not at all. */
export async function writeCached(folder: string, key: string, ...parts: readonly Uint8Array[]): Promise<void> {
  const file = await openAtomic(nodeModules().path.join(folder, key));
  try {
    for (const part of [digest(...parts), ...parts]) await file.write(part);
    await file.commit();
  } catch (cause) {
    await file.abort();
    throw cause;
  }
}
