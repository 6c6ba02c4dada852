/** Reads what is compared: run folders, folders of seeds, and jobs of a store, which are runs. */
import { type AdaptResult, adaptResult } from "../../adapt/result.ts";
import { readIfThere, runFiles, seedFolder } from "../../adapt/run-folder.ts";
import { seedsSummary } from "../../adapt/seeds.ts";
import { parseConfig } from "../../config/file.ts";
import type { Plain } from "../../config/merge.ts";
import { isFolder, nodeModules } from "../../data/files.ts";
import { dataError, usageError } from "../../errors.ts";
import { jobsFolder } from "../store.ts";

export interface RunRecord {
  readonly path: string;
  /** As it was saved; of a benchmark's job, `data` names suite and task. */
  readonly config: Plain;
  readonly result: AdaptResult;
  /** Hash of the encoded rows that trained and scored (`hashPlan`); undefined where the run has none any more. */
  readonly hash: string | undefined;
}

/** The finished runs behind paths, each once, in their order; jobs of a store that are baselines are left out. */
export async function readRuns(paths: readonly string[]): Promise<RunRecord[]> {
  const { path } = nodeModules();
  const runs = new Map<string, RunRecord>();
  let others = 0;
  for (const given of paths)
    for (const run of await runsAt(given)) {
      const place = path.resolve(run);
      if (runs.has(place)) continue;
      const record = await readRun(run);
      if (record === undefined) others++;
      else runs.set(place, record);
    }
  if (runs.size > 0 || others === 0) return [...runs.values()];
  throw usageError(
    "run",
    `expected folders of runs, got ${others} of a benchmark's baselines or measurements, which train nothing`,
    "Compare jobs of methods; the figures of baselines stand in the benchmark's table.",
  );
}

/** Whether a result is that of a baseline or a measurement. */
function isInOneGo(bytes: Uint8Array): boolean {
  try {
    const { kind } = JSON.parse(textOf(bytes)) as { readonly kind?: unknown };
    return kind === "baseline" || kind === "measurement";
  } catch {
    return false;
  }
}

/** Folders of the runs behind a path: itself, or those of its seeds. */
async function runsAt(given: string): Promise<string[]> {
  const { path } = nodeModules();
  const at = (name: string): Promise<Uint8Array | undefined> =>
    readIfThere(path.join(given, name)).catch(() => undefined);
  if ((await at(runFiles.result)) !== undefined) return [given];
  const summary = await at(runFiles.summary);
  if (summary !== undefined) {
    const { seeds } = parsed(seedsSummary, summary, path.join(given, runFiles.summary));
    return seeds.map((seed) => path.join(given, seedFolder(seed)));
  }
  if ((await at(runFiles.config)) !== undefined)
    throw usageError(
      "run-unfinished",
      `${given}: expected a finished run`,
      `Finish it by dann adapt --resume ${given}.`,
    );
  if (await isFolder(path.join(given, jobsFolder)))
    throw usageError(
      "run",
      `${given}: expected the folder of a run or of seeds, got a store of jobs`,
      `Name jobs of it, which are runs: ${path.join(given, jobsFolder, "*")} are all of them.`,
    );
  throw usageError(
    "run",
    `${given}: expected the folder of a run or of seeds, but it has neither ${runFiles.result} nor ${runFiles.summary}`,
    "Name folders that dann adapt has written, such as runs/NAME.",
  );
}

/** Undefined of a job that is no run: all jobs of a store are easily named together. */
async function readRun(run: string): Promise<RunRecord | undefined> {
  const { path } = nodeModules();
  const need = async (name: string): Promise<Uint8Array> => {
    const bytes = await readIfThere(path.join(run, name));
    if (bytes !== undefined) return bytes;
    throw usageError("run", `${run}: expected a finished run, but it has no ${name}`);
  };
  const bytes = await need(runFiles.result);
  if (isInOneGo(bytes)) return undefined;
  const result = parsed(adaptResult, bytes, path.join(run, runFiles.result));
  if (result.task.kind === "regression")
    throw usageError(
      "compare-regression",
      `${run}: expected a classifier, got a regression: runs are compared by accuracy`,
      "Compare errors (RMSE) of several seeds by dann adapt --seeds, of several runs by their result.json.",
    );
  const config = parseConfig(textOf(await need(runFiles.config)), path.join(run, runFiles.config));
  const progress = await readIfThere(path.join(run, runFiles.checkpoint, runFiles.progress));
  return { path: run, config, result, hash: progress === undefined ? undefined : hashIn(progress) };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parsed<T>(schema: { parse(value: unknown): T }, bytes: Uint8Array, name: string): T {
  try {
    return schema.parse(JSON.parse(textOf(bytes)));
  } catch (cause) {
    throw dataError("result", `${name}: not the result of a run of this version of dann`, undefined, { cause });
  }
}

/** What else a checkpoint holds may be of another version: the hash alone is asked for. */
function hashIn(progress: Uint8Array): string | undefined {
  try {
    const { data } = JSON.parse(textOf(progress)) as { data?: unknown };
    return typeof data === "string" ? data : undefined;
  } catch {
    return undefined;
  }
}
