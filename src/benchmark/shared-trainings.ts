/**
 * Source-only, AdaBN and the bound do not depend on the method: all methods of a task, seed and recipe share them. The
 * first of their jobs to end leaves these trainings in the store, each later one begins as if it had done them itself.
 */
import { readProgress } from "../adapt/launch.ts";
import { filesOf } from "../adapt/progress.ts";
import { readIfThere, readTextIfThere, runFiles } from "../adapt/run-folder.ts";
import type { StageId } from "../adapt/stages.ts";
import { writeAtomic } from "../data/atomic.ts";
import { isFolder, nodeModules } from "../data/files.ts";
import { sourceOnlyOf } from "../methods/config.ts";
import { type AdaptJob, idOf } from "./job.ts";

/** The same for jobs that differ in their method alone. */
const keyOf = ({ recipe, preprocess, data, files }: AdaptJob): string =>
  idOf({
    kind: "shared-trainings",
    recipe: { ...recipe, method: sourceOnlyOf(recipe.method) },
    preprocess,
    data,
    files,
  });

/** Trainings of the method itself, and of the way back from its predictions. */
const ofMethod: readonly StageId[] = ["method", "reverse-method"];

const sharedFolder = (store: string, job: AdaptJob): string => nodeModules().path.join(store, "trainings", keyOf(job));

const progressIn = (folder: string): string => nodeModules().path.join(folder, runFiles.checkpoint, runFiles.progress);

/** Puts what the store has into the folder of a job that has not begun. */
export async function takeShared(store: string, job: AdaptJob, folder: string): Promise<void> {
  const { fs } = nodeModules();
  if ((await readIfThere(progressIn(folder))) !== undefined) return;
  const shared = sharedFolder(store, job);
  if (await isFolder(shared)) await fs.cp(shared, folder, { recursive: true });
}

/** Leaves what other methods share, once a job is finished; the first to end does it for all. */
export async function leaveShared(store: string, job: AdaptJob, folder: string): Promise<void> {
  const { fs, path } = nodeModules();
  const shared = sharedFolder(store, job);
  const whole = await readProgress(folder);
  if (whole === undefined || (await isFolder(shared))) return;
  const finished = whole.finished.filter(({ id }) => !ofMethod.includes(id));
  const models = finished.flatMap(({ rows }) => rows.map(({ name }) => name));
  const metrics = await linesOf(path.join(folder, runFiles.metrics), models);
  // The time is that of the job that spent it.
  const progress = {
    ...whole,
    finished,
    current: null,
    seconds: 0,
    spent: undefined,
    metricsLength: Buffer.byteLength(metrics),
  };
  const unfinished = `${shared}.${process.pid}.tmp`;
  await fs.rm(unfinished, { recursive: true, force: true });
  await writeAtomic(path.join(unfinished, runFiles.metrics), metrics);
  for (const name of filesOf(progress))
    await fs.cp(path.join(folder, runFiles.checkpoint, name), path.join(unfinished, runFiles.checkpoint, name));
  await writeAtomic(progressIn(unfinished), `${JSON.stringify(progress)}\n`);
  await fs.rename(unfinished, shared).catch(() => fs.rm(unfinished, { recursive: true, force: true }));
}

/** The lines of a stream of events that belong to some models. */
async function linesOf(name: string, models: readonly string[]): Promise<string> {
  const text = (await readTextIfThere(name)) ?? "";
  const own = (line: string): boolean => {
    const { model }: { model?: string } = JSON.parse(line);
    return model !== undefined && models.includes(model);
  };
  return text
    .split("\n")
    .filter((line) => line !== "" && own(line))
    .map((line) => `${line}\n`)
    .join("");
}
