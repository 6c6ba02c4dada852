/**
 * mSDA features of a pair, kept in files: they cost minutes and every method and seed of the pair reads the same ones. An
 * entry a set of rows, named by a hash of all rows and settings that went in (`data/cache.ts`). Node only.
 */
import { cacheKey, readCached, writeCached } from "../../data/cache.ts";
import type { DenseRows } from "../../data/dataset.ts";
import type { FeatureRows } from "./feature-rows.ts";
import { type MsdaFeatures, type MsdaRequest, msda } from "./msda.ts";
import type { Products } from "./products.ts";

/** `msda`, from the folder where it holds them whole, else worked out and kept there. 120 MB a thousand rows of 5,000. */
export async function cachedMsda(request: MsdaRequest, products: Products, folder: string): Promise<MsdaFeatures> {
  const { fit, apply = [], settings = {} } = request;
  const { corruption = 0.5, layers = 5, ridge = 1e-5 } = settings;
  const all = [...fit, ...apply];
  const key = cacheKey({ corruption, layers, ridge, fitted: fit.length, rows: all.map(contentOf) });
  const entryOf = (i: number): string => `msda-${key}-${i}`;
  const found: DenseRows[] = [];
  for (const [i, rows] of all.entries()) {
    const bytes = await readCached(folder, entryOf(i));
    const width = rows.width * (layers + 1);
    if (bytes === undefined || bytes.byteLength !== 4 * rows.rows * width) break;
    // Entries begin behind a digest of 32 bytes, so floats are aligned.
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, rows.rows * width);
    found.push({ kind: "dense", rows: rows.rows, width, values });
  }
  if (found.length === all.length) return { fit: found.slice(0, fit.length), apply: found.slice(fit.length) };
  const features = await msda(request, products);
  for (const [i, { values }] of [...features.fit, ...features.apply].entries())
    await writeCached(folder, entryOf(i), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return features;
}

function contentOf(rows: FeatureRows): string {
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  const parts = rows.kind === "sparse" ? [rows.offsets, rows.indices, rows.values] : [rows.values];
  hash.update(`${rows.kind} ${rows.rows} ${rows.width}`);
  for (const part of parts) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest("hex");
}
