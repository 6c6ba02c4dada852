/** torchvision's ResNet-18 as a user has it: a file of ONNX (`export_resnet18.py`), imported as a backbone. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackboneOptions, backbone } from "../src/dann/backbone.ts";
import type { Layer } from "../src/nn/layer.ts";
import { sequential } from "../src/nn/sequential.ts";
import { featureLayers } from "../src/onnx/features.ts";
import { importOnnx } from "../src/onnx/import.ts";

/** Folder of `resnet18.onnx` and `resnet18.pt`. */
export const modelFolder = "BENCH_MODELS";

/** All layers but the classifier. */
export async function resnet18(options: Pick<BackboneOptions, "train" | "batchNorm">): Promise<Layer> {
  const bytes = await readModel();
  const features = featureLayers(await importOnnx(bytes)).chosen?.name ?? "";
  const model = await importOnnx(bytes, { wanted: [features] });
  return sequential("resnet18", [backbone({ model, features, ...options })]);
}

function readModel(): Promise<Uint8Array> {
  const folder = process.env[modelFolder];
  if (folder === undefined) throw new Error(`${modelFolder} is not set: ResNet-18 was not exported`);
  return readFile(join(folder, "resnet18.onnx"));
}
