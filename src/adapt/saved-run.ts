/** A finished run as it lies in its folder: what its models are made of, without training anything. Node only. */
import { parseConfig } from "../config/file.ts";
import { type RecipeConfig, type RunConfig, recipeConfig, refineRecipe, runConfig } from "../config/schema.ts";
import { nodeModules } from "../data/files.ts";
import { list } from "../data/names.ts";
import { dataError, usageError } from "../errors.ts";
import { evaluateConfig } from "../evaluate/config.ts";
import { readModelInfo } from "../onnx/read.ts";
import { labelledTargetName } from "../report/run.ts";
import { classification } from "../task.ts";
import { decodeCheckpoint } from "../train/checkpoint.ts";
import type { Apart } from "../train/inference.ts";
import { decodeMetadata, type ModelCalibration, type ModelMetadata } from "../train/metadata.ts";
import type { State } from "../train/state.ts";
import { networkSource } from "./adapt.ts";
import { apartById } from "./apart-by-id.ts";
import { modelCalibration } from "./calibration.ts";
import { type DescribedNetwork, networkFrom } from "./network.ts";
import { type Finished, parseProgress, type SavedProgress } from "./progress.ts";
import { type AdaptResult, parseResult } from "./result.ts";
import { readIfThere, readTextIfThere, runFiles } from "./run-folder.ts";
import { headOf } from "./stages.ts";
import { decodeState, withoutSlots } from "./tracker.ts";
import { backboneName } from "./with-backbone.ts";

export interface SavedRun {
  readonly path: string;
  /** How it was trained; with `data` where it read files. */
  readonly config: RecipeConfig & Partial<Pick<RunConfig, "data">>;
  readonly result: AdaptResult;
  readonly progress: SavedProgress;
  /** What its model.onnx says of itself: preprocessing and classes. */
  readonly metadata: ModelMetadata;
}

/** The text of a run's configuration; a folder without one is no run, whether finished or not. */
export async function configOf(path: string): Promise<string> {
  const text = (name: string): Promise<string | undefined> => readTextIfThere(nodeModules().path.join(path, name));
  const config = await text(runFiles.config);
  if (config !== undefined) return config;
  const seeds = (await text("summary.json")) !== undefined;
  throw dataError(
    "not-a-run",
    `${path}: expected the folder of a run, got ${seeds ? "that of several seeds" : `one without ${runFiles.config}`}`,
    seeds ? `Name the run of one seed, a folder in ${path}.` : "Name a run's folder: runs/NAME.",
  );
}

export async function openSavedRun(path: string): Promise<SavedRun> {
  const { fs, path: paths } = nodeModules();
  const info = await fs.stat(path).catch(() => undefined);
  if (info?.isDirectory() !== true)
    throw dataError(
      "not-a-run",
      `${path}: expected the folder of a run, got ${info === undefined ? "nothing" : "a file"}`,
      "Name a run's folder: runs/NAME.",
    );
  const at = (name: string): string => paths.join(path, name);
  const text = (name: string): Promise<string | undefined> => readTextIfThere(at(name));
  const config = await configOf(path);
  const result = await text(runFiles.result);
  const progress = await text(`${runFiles.checkpoint}/${runFiles.progress}`);
  const model = await readIfThere(at(runFiles.model));
  if (result === undefined || progress === undefined || model === undefined)
    throw dataError(
      "run-unfinished",
      `${path}: expected a finished run, got a folder without ${result === undefined ? runFiles.result : model === undefined ? runFiles.model : `${runFiles.checkpoint}/${runFiles.progress}`}`,
      `Finish it with: dann adapt --resume ${path}`,
    );
  return {
    path,
    config: parseSaved(config, at(runFiles.config)),
    result: parseResult(result, at(runFiles.result)),
    progress: parseProgress(progress, at(runFiles.progress)),
    metadata: decodeMetadata(readModelInfo(model, at(runFiles.model)).metadata, at(runFiles.model)),
  };
}

/** A run of the library names no files: its data section has preprocessing alone. A refinement has no source. */
function parseSaved(text: string, origin: string): SavedRun["config"] {
  const plain = parseConfig(text, origin);
  const whole = runConfig.safeParse(plain);
  if (whole.success) return whole.data;
  const { data: _, out: _o, ...recipe } = plain;
  const refined = refineRecipe.safeParse(recipe);
  if (refined.success) {
    const { network, method, train, evaluate } = refined.data;
    return { preset: "modern", network, method, train, evaluate: evaluateConfig.parse(evaluate) };
  }
  const parsed = recipeConfig.safeParse(recipe);
  if (parsed.success) return parsed.data;
  throw dataError("run-config", `${origin}: not the configuration of a run of this version of dann`);
}

/** The network that was trained; `auto` decides by the numbers of rows, which the result keeps. */
export async function networkOfRun({ config, result, metadata, path }: SavedRun): Promise<DescribedNetwork> {
  const { name } = result.network;
  if (name.startsWith(backboneName) && config.network.backbone === undefined)
    throw dataError(
      "run-network",
      `${path}: its network ${name} cannot be made from ${runFiles.config}: the backbone was given as bytes`,
      "Give its path to adapt, and train again.",
    );
  const described = await networkFrom(networkSource(config), {
    preprocess: metadata.preprocess,
    ...headOf({ task: metadata.task ?? classification, classes: metadata.classes }),
    rows: { source: result.task.sourceRows, target: result.task.targetRows },
    sources: result.task.sources?.[0]?.apart === true ? result.task.sources.length : undefined,
  });
  if (described.network.name === name && described.description === result.network.description) return described;
  throw dataError(
    "run-network",
    `${path}: its network ${name} cannot be made from ${runFiles.config}`,
    "Networks made of layers by code are not saved with a run: use exportModel in that code.",
  );
}

/** A trained model of a run. */
export interface SavedModel {
  /** As the result's table names it: `source-only`, `dann`. */
  readonly name: string;
  readonly selection: "last" | "validator";
  readonly epoch: number;
  readonly state: State;
  readonly apart: Apart;
  /** Undefined of runs that were not calibrated. */
  readonly calibration: ModelCalibration | undefined;
}

/**
 * The model that a word means: `chosen` (model.onnx), `last` (the method after its last step), `source-only`, or the
 * method's name, whose epoch was selected without target labels.
 */
export async function modelOfRun(run: SavedRun, word: string): Promise<SavedModel> {
  const { finished } = run.progress;
  const baseline = finished.find(({ id }) => id === "source-only");
  const method = finished.find(({ id, diverged }) => id === "method" && diverged === null);
  const name = run.config.method.name;
  const chosen = run.result.models[run.result.chosen];
  const wanted = word === "chosen" ? chosen?.name : word;
  if (wanted === "last") return method === undefined ? last(run, baseline, "source-only") : last(run, method, name);
  const { from } = run.result;
  // The first row of a refinement is what it began with, which may be called as what it trains.
  const begun = word === "chosen" ? run.result.chosen === 0 : wanted === from?.model && wanted !== name;
  if (from !== undefined && begun)
    throw usageError(
      "model-elsewhere",
      `${run.path}: its ${wanted} is the model that it began with`,
      `Use the run that it is from: ${from.run}`,
    );
  if (wanted === "source-only") return last(run, baseline, "source-only");
  const bothLabels = finished.find(({ id, diverged }) => id === "labelled-target" && diverged === null);
  if (wanted === labelledTargetName && bothLabels !== undefined) return last(run, bothLabels, wanted);
  if (wanted === name && method?.selected != null) {
    const { file, epoch } = method.selected;
    const bytes = await checkpointFile(run, file);
    return {
      name,
      selection: "validator",
      epoch,
      state: decodeState(bytes, file),
      apart: apartById("method", run.config),
      calibration: calibrationOfRow(run, name, "validator"),
    };
  }
  const known = [
    ...["chosen", "last", "source-only"],
    ...(bothLabels === undefined ? [] : [labelledTargetName]),
    ...(method === undefined ? [] : [name]),
  ];
  const bound = run.result.models.some((row) => row.name === wanted);
  throw usageError(
    "unknown-model",
    `model: expected ${list(known)}, got ${word}`,
    bound ? `The weights of ${word} were scored and not kept.` : undefined,
  );
}

async function last(run: SavedRun, of: Finished | undefined, name: string): Promise<SavedModel> {
  if (of?.checkpoint == null) throw dataError("checkpoint-missing", `${run.path}: there is no checkpoint of ${name}`);
  const { state } = decodeCheckpoint(await checkpointFile(run, of.checkpoint), of.checkpoint);
  return {
    name,
    selection: "last",
    epoch: of.last?.epoch ?? 0,
    state: withoutSlots(state),
    apart: apartById(of.id, run.config),
    calibration: calibrationOfRow(run, name, "last"),
  };
}

const calibrationOfRow = ({ result }: SavedRun, name: string, selection: SavedModel["selection"]) =>
  modelCalibration(result.models.find((row) => row.name === name && row.selection === selection));

async function checkpointFile({ path }: SavedRun, name: string): Promise<Uint8Array> {
  const bytes = await readIfThere(nodeModules().path.join(path, runFiles.checkpoint, name));
  if (bytes !== undefined) return bytes;
  throw dataError("checkpoint-missing", `${path}: the checkpoint file ${name} is missing`, "Train again.");
}
