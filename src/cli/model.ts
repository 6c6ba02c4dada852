/** The model that a command is given: a run's folder, or a model.onnx by itself. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChosenModel, chosenOfRun } from "../adapt/chosen-model.ts";
import { runFiles } from "../adapt/run-folder.ts";
import { configOf } from "../adapt/saved-run.ts";
import { checkConfig } from "../config/check.ts";
import { merge, type Plain, valueAt } from "../config/merge.ts";
import { savedRefinement, savedRun } from "../config/resolve.ts";
import type { RefineConfig, RunConfig } from "../config/schema.ts";
import type { ImageReading, ReadOptions } from "../data/config.ts";
import { imageFolderOptions, readOptions } from "../data/config.ts";
import { textsCut } from "../data/preprocess/tokens.ts";
import { dataError, usageError } from "../errors.ts";
import { checkDevice } from "../runtime/devices.ts";
import { type LoadedModel, loadModel } from "../train/load-model.ts";
import { imageFlags, layerOf, readFlags } from "./flags.ts";
import type { Output } from "./output.ts";

export interface OpenedModel {
  readonly model: LoadedModel;
  /** Path of the ONNX file. */
  readonly file: string;
  /** How the data of the run were read; empty for a model by itself. */
  readonly read: ReadOptions;
  /** The run's column of ids. Other data may lack it, so that it is read only where it is asked for. */
  readonly id?: string | undefined;
  /** Which of the run's models it is; null of a model by itself. */
  readonly chosen: ChosenModel | null;
}

export interface ModelOptions {
  readonly device: string;
  readonly threads: string;
}

export async function openModel(path: string, { device, threads }: ModelOptions): Promise<OpenedModel> {
  const count = Number(threads);
  if (!Number.isInteger(count) || count < 1)
    throw usageError("flag-value", `--threads: expected a whole number above 0, got "${threads}"`);
  const checked = checkDevice(device);
  const info = await stat(path).catch(() => {
    throw dataError(
      "model-unreadable",
      `${path}: no such run or model`,
      "Name a run's folder (runs/NAME), or a model.onnx.",
    );
  });
  const file = info.isDirectory() ? join(path, runFiles.model) : path;
  if (info.isDirectory()) {
    await stat(join(path, runFiles.result)).catch(async () => {
      await configOf(path);
      throw dataError(
        "run-unfinished",
        `${path}: expected a finished run, got a folder without ${runFiles.result}`,
        `Finish it with: dann adapt --resume ${path}`,
      );
    });
  }
  const { id, ...read } = info.isDirectory() ? await readingOf(path) : {};
  const chosen = info.isDirectory() ? await chosenOfRun(path) : null;
  return { model: await loadModel(file, { device: checked, threads: count }), file, read, id, chosen };
}

/** Says whose answers follow. */
export function noteChosen(output: Output, path: string, { chosen }: Pick<OpenedModel, "chosen">): void {
  if (chosen !== null) output.note(`${path}: its ${chosen.name} model answers: ${chosen.why}`);
}

/** Says that the ends of texts were not read, where any were not. */
export function noteTruncated(
  output: Output,
  data: string,
  { preprocess }: LoadedModel,
  { truncated, rows }: { readonly truncated: number; readonly rows: number },
): void {
  if (truncated === 0 || preprocess.kind !== "table" || preprocess.tokens === undefined) return;
  output.note(`${data}: ${textsCut(truncated, rows, preprocess.tokens)}`);
}

/** Of the run's options the column of ids, and those that say how a file is written; groups may be other ones, or absent. */
async function readingOf(path: string): Promise<ReadOptions> {
  const name = join(path, runFiles.config);
  const text = await readFile(name, "utf8").catch(() => undefined);
  let config: Pick<RunConfig, "data"> | RefineConfig;
  try {
    if (text === undefined) return {};
    config = savedRefinement(text, name) ?? savedRun(text, name);
  } catch {
    // A run of the library has no data section; its rows were made by code.
    return {};
  }
  const { group, drop: _d, labels: _l, ...read } = config.data.read;
  // The group is where a recording ends.
  return read.window === undefined ? read : { ...read, group };
}

/** What the flags of images and of the cache say of reading a folder; sizes are as in a configuration. */
export function foldersWith(given: Readonly<Record<string, unknown>>): ImageReading {
  const layer = layerOf(imageFlags, given);
  const { imageSize, imageFit } = (valueAt(layer, ["data", "preprocess"]) ?? {}) as ImageReading;
  const cache = valueAt(layer, ["data", "cache"]);
  const asked = { imageSize, imageFit, cache };
  return checkConfig(
    imageFolderOptions,
    Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
    "command line",
  );
}

/** Options of reading: those of the run, and over them the flags of this command. */
export function readingWith(base: ReadOptions, given: Readonly<Record<string, unknown>>): ReadOptions {
  const flags = valueAt(layerOf(readFlags, given), ["data", "read"]) as Plain | undefined;
  return checkConfig(readOptions, merge(base as Plain, flags ?? {}), "command line");
}
