/** What the user of a command line has said, as layers of configuration: the file, flags, `--set`. */
import { readFile } from "node:fs/promises";
import { parseConfig } from "../config/file.ts";
import { valueAt } from "../config/merge.ts";
import type { Layer } from "../config/resolve.ts";
import { usageError } from "../errors.ts";
import { checkDevice } from "../runtime/devices.ts";
import { type ConfigFlag, layerOf, layerOfSettings } from "./flags.ts";

export interface LayerOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

export async function layersOf(
  given: LayerOptions & Readonly<Record<string, unknown>>,
  flags: readonly ConfigFlag[],
): Promise<Layer[]> {
  const layers: Layer[] = [];
  if (given.config !== undefined) {
    const text = await readFile(given.config, "utf8").catch((cause: NodeJS.ErrnoException) => {
      throw usageError("config-file", `${given.config}: cannot be read (${cause.code})`, "Check the path of --config.");
    });
    layers.push({ origin: given.config, config: parseConfig(text, given.config) });
  }
  layers.push({ origin: "command line", config: layerOf(flags, given) });
  layers.push({ origin: "--set", config: layerOfSettings(given.set ?? []) });
  return layers;
}

/** Devices that ONNX Runtime has and we do not offer get their reason, where the schema would only say "unknown". */
export function refuseDevices(layers: readonly Layer[]): void {
  for (const { config } of layers) {
    const device = valueAt(config, ["train", "device"]);
    if (typeof device === "string") checkDevice(device);
  }
}
