/** The ONNX file of a backbone: its bytes, what it says of itself, its import with the data that it keeps beside it. */
import { describeOnnx, type ImportedModel, type ImportOptions, importOnnx, type ReadExternal } from "../onnx/import.ts";
import type { ModelInfo } from "../onnx/read.ts";
import { readBytes } from "../train/read-bytes.ts";
import type { BackboneSource } from "./plan.ts";

export interface BackboneFile {
  /** For messages. */
  readonly name: string;
  readonly info: ModelInfo;
  import(options?: Pick<ImportOptions, "sizes" | "wanted">): Promise<ImportedModel>;
}

export async function openBackbone({ model }: Pick<BackboneSource, "model">): Promise<BackboneFile> {
  const name = typeof model === "string" ? model : "the backbone";
  const bytes = typeof model === "string" ? await readBytes(model) : model;
  const { info } = describeOnnx(bytes, name);
  return {
    name,
    info,
    import: async (options = {}) => importOnnx(bytes, { name, ...(await externalOf(model)), ...options }),
  };
}

/** Data that a model keeps in files beside it can be read where there are files. */
async function externalOf(model: string | Uint8Array): Promise<{ external?: ReadExternal }> {
  if (typeof model !== "string" || typeof process === "undefined" || /^[a-z]+:\/\//.test(model)) return {};
  const { externalData } = await import("../runtime/external-data.ts");
  return { external: externalData(model) };
}
