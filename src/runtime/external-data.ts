/**
 * Data that an ONNX model keeps in files beside it; Node only. A model may name any path: what leads out of its folder,
 * by name or by a link, is refused, and never more is read than the model's tensor needs.
 */
import { open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, resolve, sep } from "node:path";
import { type DannError, dataError } from "../errors.ts";
import type { ReadExternal } from "../onnx/import.ts";

/** Reads the files beside the model at `path`. */
export function externalData(path: string): ReadExternal {
  const folder = dirname(resolve(path));
  return async ({ location, offset, length }) => {
    const refuse = (why: string, remedy?: string): DannError =>
      dataError("onnx-external", `${path}: external data "${location}": ${why}`, remedy);
    const names = location.split(/[/\\]/);
    if (isAbsolute(location) || /^[A-Za-z]:|^[/\\]/.test(location) || names.includes("..") || location.includes("\0")) {
      throw refuse(
        "expected a path inside the model's folder",
        "A model that asks for other files is not to be trusted.",
      );
    }
    const wanted = resolve(folder, ...names);
    const file = await realpath(wanted).catch(() => undefined);
    if (file === undefined) throw refuse("no such file beside the model", "Put the file beside the model.");
    if (!file.startsWith((await realpath(folder)) + sep)) {
      throw refuse("a link that leaves the model's folder", "Put the file itself beside the model.");
    }
    const handle = await open(file, "r");
    try {
      const info = await handle.stat();
      if (!info.isFile() || info.size < offset + length) {
        throw refuse(
          `expected ${offset + length} bytes, got ${info.isFile() ? info.size : "no file"}`,
          "The file is cut short: copy it again.",
        );
      }
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  };
}
