/** The demo: what it adapts, and how. Its settings are those of `demo/config.yaml`, which anybody can run by hand. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseConfig } from "../config/file.ts";
import { isPlain, merge, type Plain } from "../config/merge.ts";

export const demoStory = `Handwritten digits of two places (origin, licence and how they were chosen: demo/README.md).
Source: MNIST, photographed strokes in grey, with labels. Target: Optdigits, counts of dark points at 8x8; its labels
only score, and train the bound that is marked as not selectable.`;

/** The configuration of the demo with its files found in `folder`, wherever the package lies. */
export async function demoConfig(folder: string): Promise<Plain> {
  const file = join(folder, "config.yaml");
  const config = parseConfig(await readFile(file, "utf8"), file);
  const data = isPlain(config["data"]) ? config["data"] : {};
  const located = Object.entries(data).map(([key, value]) => [
    key,
    typeof value === "string" && value.startsWith("demo/") ? join(folder, value.slice("demo/".length)) : value,
  ]);
  return merge(config, { data: Object.fromEntries(located) });
}
