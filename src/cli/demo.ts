/** The demo: what it adapts, and how. Its data, settings and their licences are in the folder `demo` of the package. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseConfig } from "../config/file.ts";
import { isPlain, type Plain } from "../config/merge.ts";
import { dataError } from "../errors.ts";

export const demoStory: string = `Handwritten digits of two places. Source: MNIST, American forms, grey, with labels. Target: Optdigits, 43 other
writers, other scanners, 8x8 counts of dark points. Labels of the target only score. (Origin and licences: demo/README.md)`;

/** Keys of the data section that are paths within the package. */
const isPath = (value: unknown): value is string => typeof value === "string" && value.startsWith("demo/");

/** The demo's configuration, its paths made absolute: it runs from any folder. */
export async function demoConfig(folder: string): Promise<Plain> {
  const file = join(folder, "config.yaml");
  const text = await readFile(file, "utf8").catch(() => {
    throw dataError("demo-missing", `${folder}: the data of the demo are not there`, "Install the package anew.");
  });
  const config = parseConfig(text, file);
  const data = isPlain(config.data) ? config.data : {};
  const placed = Object.entries(data).map(([key, value]) => [key, isPath(value) ? join(folder, "..", value) : value]);
  return { ...config, data: Object.fromEntries(placed) };
}
