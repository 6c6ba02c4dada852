/** `dann adapt` behind its flags: configuration, data, training with progress, result. */
import { resolve } from "node:path";
import { networkSource } from "../adapt/adapt.ts";
import { type AdaptRun, launch } from "../adapt/launch.ts";
import { isModule } from "../adapt/network.ts";
import { cacheOf, type PlannedRun } from "../adapt/plan-run.ts";
import { refuseKeptFeatures } from "../adapt/prepare.ts";
import type { AdaptResult } from "../adapt/result.ts";
import { checkReverse } from "../adapt/reverse.ts";
import { freeName, refuseOccupied } from "../adapt/run-folder.ts";
import { printConfig } from "../config/file.ts";
import type { DataConfig, RunConfig } from "../config/schema.ts";
import { isFile } from "../data/files.ts";
import { runError } from "../errors.ts";
import { checkDevice } from "../runtime/devices.ts";
import { follow } from "./follow.ts";
import type { Output } from "./output.ts";

/** Refuses what can be refused without reading data: files come late, and may be large. */
export function checkRequest(
  config: Pick<RunConfig, "network" | "train"> & { readonly data: Pick<DataConfig, "cache"> },
): void {
  refuseKeptFeatures({ network: networkSource(config), train: config.train, cache: cacheOf(config) });
  checkDevice(config.train.device);
}

/** The same of a run that has a source. */
export function checkAdaptation(config: RunConfig): void {
  checkRequest(config);
  checkReverse(config, [config.data.source].flat().length);
}

/** Where a run goes: `--out`, or a new folder in `runs/` named after files, method and seed. */
export async function placeOf(config: RunConfig): Promise<string> {
  if (config.out !== undefined) {
    await refuseOccupied(config.out);
    return config.out;
  }
  const seeds = config.seeds === undefined ? `s${config.train.seed}` : "seeds";
  return newPlace([[config.data.source].flat(), [config.data.target]], `${config.method.name}-${seeds}`);
}

/** A new folder in `runs/`, named after the files of each domain and what is done with them. */
export function newPlace(domains: readonly (readonly string[])[], what: string): Promise<string> {
  const stem = (path: string): string =>
    (path.split(/[\\/]/).at(-1) ?? path)
      .replace(/(\.(gz|csv|tsv|jsonl|parquet|npy|npz|svmlight|txt))+$/i, "")
      .replace(/[^A-Za-z0-9_-]+/g, "-");
  return freeName(`runs/${domains.map((files) => files.map(stem).join("+")).join("-to-")}-${what}`);
}

/** A file of labels by its absolute path. A column may share its name with a file; only what looks like a path is one. */
export const pathOrColumn = async (name: string | undefined): Promise<string | undefined> =>
  name !== undefined && /[./\\]/.test(name) && (await isFile(name)) ? resolve(name) : name;

export interface TrainRequest {
  readonly config: RunConfig;
  readonly planned: PlannedRun;
  readonly path: string;
  readonly resume: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Trains, showing progress; the folder is written as the run goes. */
export async function trainRun({
  config,
  planned: { plan, tokenizer },
  path,
  resume: again,
  output,
  signal,
}: TrainRequest): Promise<AdaptResult> {
  const run: AdaptRun = await launch(plan, {
    signal,
    tokenizer,
    folder: { path, config: printConfig(await savedConfig(config, path)), resume: again },
  });
  await follow(run, output);
  return run.done;
}

/**
 * The configuration as it is saved: with absolute paths, so that a run can be resumed from anywhere, and with the
 * place that was found for it.
 */
export async function savedConfig(config: RunConfig, path: string): Promise<RunConfig> {
  const file = (name: string | undefined): string | undefined => (name === undefined ? undefined : resolve(name));
  const { data, network } = config;
  return {
    ...config,
    out: resolve(path),
    network: {
      ...network,
      ...(isModule(network.name) && { name: resolve(network.name) }),
      ...(network.backbone && {
        backbone: {
          ...network.backbone,
          model: resolve(network.backbone.model),
          tokenizer: file(network.backbone.tokenizer),
        },
      }),
    },
    data: {
      ...data,
      source: each(data.source, (name) => resolve(name)),
      target: resolve(data.target),
      targetLabelled: file(data.targetLabelled),
      sourceTest: file(data.sourceTest),
      targetTest: file(data.targetTest),
      sourceLabels: Array.isArray(data.sourceLabels)
        ? await Promise.all(data.sourceLabels.map(async (name) => (await pathOrColumn(name)) ?? name))
        : await pathOrColumn(data.sourceLabels),
      targetLabels: await pathOrColumn(data.targetLabels),
      targetLabelledLabels: await pathOrColumn(data.targetLabelledLabels),
      sourceTestLabels: await pathOrColumn(data.sourceTestLabels),
      targetTestLabels: await pathOrColumn(data.targetTestLabels),
    },
  };
}

const each = (names: string | string[], change: (name: string) => string): string | string[] =>
  Array.isArray(names) ? names.map(change) : change(names);

/** A method that diverged has a result all the same (source-only stands), but the command failed at its job. */
export function refuseDiverged(results: readonly AdaptResult[]): void {
  const bad = results.find(({ verdict }) => verdict.code === "diverged");
  if (bad !== undefined)
    throw runError("diverged", bad.verdict.text.replace(/^diverged: /, ""), bad.verdict.remedies[0]);
}
