/**
 * The only file of `data` that touches the file system. Everything else reads a `ByteSource`, so that the same readers
 * work on a `File` in the browser; there, `nodeModules` throws and nothing else is loaded.
 */
import { dataError, usageError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

export interface NodeModules {
  readonly fs: typeof import("node:fs/promises");
  readonly path: typeof import("node:path");
}

/** Whether paths can be opened here. */
export const hasFileSystem = (): boolean =>
  typeof process !== "undefined" && typeof process.versions === "object" && process.versions.node !== undefined;

/** Node's modules; looked up when used, because a static import would stop a browser from loading this file. */
export function nodeModules(): NodeModules {
  if (!hasFileSystem()) {
    throw usageError("no-file-system", "paths cannot be opened in a browser", "Pass a File or Blob instead.");
  }
  return { fs: process.getBuiltinModule("node:fs/promises"), path: process.getBuiltinModule("node:path") };
}

/** Whether a path names a regular file. */
export async function isFile(path: string): Promise<boolean> {
  return nodeModules()
    .fs.stat(path)
    .then(
      (info) => info.isFile(),
      () => false,
    );
}

/** Whether a path names a folder. */
export async function isFolder(input: string): Promise<boolean> {
  if (!hasFileSystem()) return false;
  return nodeModules()
    .fs.stat(input)
    .then(
      (info) => info.isDirectory(),
      () => false,
    );
}

/** 64 KiB a read: a megabyte is no faster, and its text and cells live long enough to be promoted by the collector. */
const readSize = 1 << 16;

/** A regular file as a source of bytes. */
export async function openFile(path: string): Promise<ByteSource> {
  const { fs } = nodeModules();
  const info = await fs.stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (info.isDirectory()) {
    throw dataError(
      "directory",
      `${path}: expected a file, got a folder`,
      "A folder holds images, and is given as --source or --target.",
    );
  }
  return {
    name: path,
    size: info.size,
    async *stream() {
      const handle = await fs.open(path).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      try {
        const block = new Uint8Array(readSize);
        for (;;) {
          const { bytesRead } = await handle.read(block, 0, block.length);
          if (bytesRead === 0) return;
          yield block.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },
    async slice(start, end) {
      const handle = await fs.open(path);
      try {
        const bytes = new Uint8Array(end - start);
        for (let filled = 0; filled < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
          if (bytesRead === 0) return bytes.subarray(0, filled);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

function unreadable(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return dataError(
      "file-not-found",
      `${path}: no such file`,
      "Check the path; it is relative to where the command runs.",
    );
  }
  if (code === "EACCES" || code === "EPERM") return dataError("file-access", `${path}: not readable with your rights`);
  return dataError("file-read", `${path}: cannot be opened (${code ?? String(cause)})`, undefined, { cause });
}
