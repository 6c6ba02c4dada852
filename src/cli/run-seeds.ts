/** `--seeds`: one run folder a seed, and a summary beside them. Interrupted, it goes on with the seed it was at. */

import { join } from "node:path";
import { planRun } from "../adapt/plan-run.ts";
import type { AdaptData } from "../adapt/prepare.ts";
import { type AdaptResult, adaptResult } from "../adapt/result.ts";
import { readIfThere, runFiles, seedFolder } from "../adapt/run-folder.ts";
import { type SeedsSummary, summariseSeeds } from "../adapt/seeds.ts";
import { compareRuns } from "../benchmark/compare/compare.ts";
import { readRuns } from "../benchmark/compare/read.ts";
import { comparePage } from "../benchmark/compare/report.ts";
import { printConfig } from "../config/file.ts";
import type { RunConfig } from "../config/schema.ts";
import { writeAtomic } from "../data/atomic.ts";
import { DannError, dataError } from "../errors.ts";
import { commandOf } from "../report/shell.ts";
import type { Output } from "./output.ts";
import { savedConfig, trainRun } from "./run-adapt.ts";

export interface SeedsRequest {
  readonly config: RunConfig;
  readonly seeds: readonly number[];
  readonly path: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export async function runSeeds(request: SeedsRequest): Promise<{ summary: SeedsSummary; results: AdaptResult[] }> {
  const { config, seeds, path, output, signal } = request;
  const results: AdaptResult[] = [];
  let data: AdaptData | undefined;
  for (const [at, seed] of seeds.entries()) {
    const folder = join(path, seedFolder(seed));
    output.note(`seed ${seed} (${at + 1} of ${seeds.length})`);
    const before = await readResult(folder);
    if (before !== undefined) {
      results.push(before);
      continue;
    }
    const { seeds: _, ...rest } = config;
    const own: RunConfig = { ...rest, train: { ...config.train, seed } };
    // The files are read once; what is held out of them depends on the seed.
    const planned = await planRun(own, data);
    data = planned.data;
    const begun = (await readIfThere(join(folder, runFiles.config))) !== undefined;
    if (at === 0 && !begun)
      await writeAtomic(join(path, runFiles.config), printConfig(await savedConfig(config, path)));
    const request = { config: own, planned, path: folder, resume: begun, output, signal };
    results.push(await trainRun(request).catch((error: unknown) => Promise.reject(ofAll(error, path))));
  }
  const summary = summariseSeeds(results);
  await writeAtomic(join(path, runFiles.summary), `${JSON.stringify(summary, undefined, 2)}\n`);
  // Runs are compared by accuracy: those of a regression each have their own page.
  if (config.task !== "regression") await writeAtomic(join(path, runFiles.report), await pageOf(path));
  return { summary, results };
}

/** What `dann compare` says of the folder. */
async function pageOf(path: string): Promise<string> {
  const document = compareRuns(await readRuns([path]), { model: "chosen", metric: "accuracy" });
  return comparePage(document, commandOf("dann", ["compare", path, "--report", join(path, runFiles.report)]));
}

/** An interrupted seed goes on with all of them, not with its own folder alone. */
const ofAll = (error: unknown, path: string): unknown =>
  error instanceof DannError && error.kind === "interrupted"
    ? new DannError(error.kind, error.code, error.message, `Go on with: dann adapt --resume ${path}`)
    : error;

/** The result of a finished run, or undefined where there is none. */
export async function readResult(folder: string): Promise<AdaptResult | undefined> {
  const name = join(folder, runFiles.result);
  const bytes = await readIfThere(name);
  if (bytes === undefined) return undefined;
  try {
    return adaptResult.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw dataError("result", `${name}: not the result of a run of this version of dann`, undefined, { cause });
  }
}
