/** `embedding.npz`, read again. Arrays that an older version did not write are missing. */
import { openFile } from "../data/files.ts";
import { readElements } from "../data/readers/array.ts";
import { byteReader } from "../data/readers/byte-reader.ts";
import { npyHeader, npyStrings } from "../data/readers/npy.ts";
import { npzEntry, npzNames } from "../data/readers/npz.ts";
import { sizeOf } from "../graph/tensor.ts";
import type { Embedding } from "./context.ts";

export async function readEmbedding(path: string): Promise<Embedding["arrays"]> {
  const source = await openFile(path);
  const arrays: Record<string, Embedding["arrays"][string]> = {};
  for (const name of await npzNames(source)) {
    const origin = `${path}: ${name}`;
    const reader = byteReader(npzEntry(source, name).stream());
    try {
      const header = await npyHeader(reader, origin);
      if ("characters" in header) {
        arrays[name] = { dims: header.dims, values: await npyStrings(reader, header, origin) };
        continue;
      }
      const size = sizeOf(header.dims);
      // Through float64 for integers: it holds each of them.
      const values =
        header.type === "uint8"
          ? new Uint8Array(size)
          : header.type === "float32"
            ? new Float32Array(size)
            : new Float64Array(size);
      await readElements(reader, header, values, origin);
      arrays[name] = { dims: header.dims, values: header.type === "int32" ? Int32Array.from(values) : values };
    } finally {
      await reader.close();
    }
  }
  return arrays;
}
