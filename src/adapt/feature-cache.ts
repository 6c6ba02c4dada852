/**
 * Features of frozen backbones, kept in files by the content of all that they depend on: model, tensor, preprocessing
 * and rows. Node only; elsewhere, and where the plan names no folder, nothing is kept.
 */
import { readCached, writeCached } from "../data/cache.ts";
import type { EncodedRows } from "../data/encode.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { readBytes } from "../train/read-bytes.ts";
import { partsOf } from "./data-hash.ts";
import type { SessionPlan } from "./plan.ts";

export interface FeatureCache {
  keyOf(rows: EncodedRows, spec: PreprocessSpec, domain: Domain): string;
  /** Fills `into`; false when there is nothing under the key, or not as much. */
  read(key: string, into: Float32Array): Promise<boolean>;
  write(key: string, values: Float32Array): Promise<void>;
}

/** The cache that a plan asks for. */
export async function cacheOf(plan: Pick<SessionPlan, "network" | "cache">): Promise<FeatureCache | undefined> {
  const { network, cache: folder } = plan;
  if (folder === undefined || folder === false || network.kind !== "named" || network.backbone === undefined)
    return undefined;
  const { model, features = "" } = network.backbone;
  const weights = typeof model === "string" ? await readBytes(model) : model;
  const { createHash } = process.getBuiltinModule("node:crypto");
  const ofModel = createHash("sha256").update(weights).update(features).digest("hex");
  return {
    keyOf(rows, spec, domain) {
      const hash = createHash("sha256").update(JSON.stringify({ ofModel, spec, domain }));
      for (const part of partsOf(rows)) hash.update(part);
      return `features-${hash.digest("hex")}`;
    },
    async read(key, into) {
      const bytes = await readCached(folder, key);
      if (bytes === undefined || bytes.byteLength !== into.byteLength) return false;
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes);
      return true;
    },
    write: (key, values) =>
      writeCached(folder, key, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  };
}
