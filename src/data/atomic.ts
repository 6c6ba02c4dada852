/**
 * Files that appear whole or not at all: written beside their place under a temporary name, flushed, then renamed. A
 * killed process leaves at most a `.tmp` file that no reader takes for the real one.
 */
import { DannError, dataError, runError } from "../errors.ts";
import { nodeModules } from "./files.ts";

/** A file being written; nothing is at its path until `commit`. */
export interface AtomicFile {
  write(chunk: Uint8Array | string): Promise<void>;
  /**
   * Flushes to disk and puts the file in its place, over an older one.
   * @param check asked last of all; what it throws stops the writing, and nothing is left.
   */
  commit(check?: () => Promise<void>): Promise<void>;
  /** Removes what was written. Does nothing after `commit`. */
  abort(): Promise<void>;
}

/** Numbers the files of this process that are open at once under one name. */
let serial = 0;

/** Opens a file for writing; its folder is made if need be. */
export async function openAtomic(path: string): Promise<AtomicFile> {
  const { fs, path: paths } = nodeModules();
  const temporary = paths.join(paths.dirname(path), `.${paths.basename(path)}.${process.pid}-${serial++}.tmp`);
  const failed = (cause: unknown): Error => unwritable(path, cause);
  const handle = await fs
    .mkdir(paths.dirname(path), { recursive: true })
    .then(() => fs.open(temporary, "wx"))
    .catch((cause: unknown) => {
      throw failed(cause);
    });
  let open = true;
  const abort = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await handle.close().catch(() => undefined);
    await fs.rm(temporary, { force: true });
  };
  return {
    async write(chunk) {
      const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done).catch(async (cause: unknown) => {
          await abort();
          throw failed(cause);
        });
        done += bytesWritten;
      }
    },
    async commit(check) {
      try {
        await handle.sync();
        await handle.close();
        await check?.();
        await fs.rename(temporary, path);
        open = false;
      } catch (cause) {
        await abort();
        throw cause instanceof DannError ? cause : failed(cause);
      }
    },
    abort,
  };
}

/** Writes a file in one go; `check` as for `commit`. */
export async function writeAtomic(
  path: string,
  content: Uint8Array | string | AsyncIterable<Uint8Array>,
  check?: () => Promise<void>,
): Promise<void> {
  const file = await openAtomic(path);
  try {
    if (typeof content === "string" || content instanceof Uint8Array) await file.write(content);
    else for await (const block of content) await file.write(block);
    await file.commit(check);
  } catch (cause) {
    await file.abort();
    throw cause;
  }
}

/** The error of a file or folder that cannot be written, whoever writes it. */
export function unwritable(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (code === "ENOSPC")
    return runError("disk-full", `${path}: no space left on the device`, "Free some space, or write elsewhere.", {
      cause: cause as Error,
    });
  return dataError(
    "file-write",
    `${path}: cannot be written (${code})`,
    "Check the folder and your rights, or write elsewhere.",
    {
      cause,
    },
  );
}
