/** Does one job, in whatever process: claims its folder, goes on from its checkpoint, leaves its result there. */
import { networkSource } from "../adapt/adapt.ts";
import { type BackboneRows, rowsFor } from "../adapt/backbone-input.ts";
import { type Claim, claimFolder, claimLost, isClaimed } from "../adapt/claim.ts";
import { hashData, hashRecipeFiles } from "../adapt/data-hash.ts";
import type { AdaptEvent, PlanEvent } from "../adapt/events.ts";
import { launch } from "../adapt/launch.ts";
import { cacheOf } from "../adapt/plan-run.ts";
import type { AdaptData } from "../adapt/prepare.ts";
import { preparePlan } from "../adapt/prepare.ts";
import { type PlainError, plainError } from "../adapt/protocol.ts";
import { readIfThere, runFiles } from "../adapt/run-folder.ts";
import { printConfig } from "../config/file.ts";
import { unwritable, writeAtomic } from "../data/atomic.ts";
import { nodeModules } from "../data/files.ts";
import { DannError, dataError, internalError } from "../errors.ts";
import type { DataPlaces } from "./data-sets.ts";
import { inOneGo } from "./in-one-go.ts";
import type { AdaptJob, InOneGoJob, Job } from "./job.ts";
import { dataOf, describeData, nameOf } from "./reference.ts";
import { leaveShared, takeShared } from "./shared-trainings.ts";
import { jobFolder } from "./store.ts";
import { findTask } from "./suites.ts";

export interface WorkOptions {
  readonly store: string;
  readonly places: DataPlaces;
  /** Stops the job; what can be taken up again leaves a checkpoint. */
  readonly signal: AbortSignal;
  /** How much of the job is done, 0 to 1. */
  readonly progress: (share: number) => void;
  /** What is done up to here is kept. */
  readonly kept: () => void;
}

export type Outcome =
  | { readonly kind: "done" }
  /** Another living process has it, or has taken it over. */
  | { readonly kind: "held" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly error: PlainError };

export async function doJob(job: Job, options: WorkOptions): Promise<Outcome> {
  const folder = jobFolder(options.store, job);
  const { fs, path } = nodeModules();
  try {
    await fs.mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw unwritable(folder, cause);
    });
    const claim = await claimFolder(folder);
    try {
      // Somebody else may have finished it since it was planned.
      if ((await readIfThere(path.join(folder, runFiles.result))) !== undefined) return { kind: "done" };
      await work(job, folder, claim, options);
    } finally {
      await claim.release();
    }
    return { kind: "done" };
  } catch (error) {
    if (isClaimed(error)) return { kind: "held" };
    if (error instanceof DannError && error.kind === "interrupted") return { kind: "interrupted" };
    return { kind: "failed", error: plainError(error) };
  }
}

async function work(job: Job, folder: string, claim: Claim, options: WorkOptions): Promise<void> {
  const place = { ...options, folder, claim };
  switch (job.kind) {
    case "adapt":
      return adaptation(job, place);
    case "baseline":
    case "measurement":
      return atOnce(job, place);
    default:
      throw internalError(`unknown kind of job ${String(job satisfies never)}`);
  }
}

/** The data read last: jobs of one task often follow each other. */
let kept: { readonly key: string; readonly data: AdaptData } | undefined;

/** @param rows how they become inputs, where that has a say in how files are read. */
async function plannedData(job: Job, places: DataPlaces, rows?: BackboneRows): Promise<AdaptData> {
  if (kept?.key === job.data) return kept.data;
  kept = undefined;
  const data = await dataOf(job.at, { seed: job.seed, places, preprocess: rows?.preprocess });
  if (hashData(data) !== job.data) throw changed(`${nameOf(job.at)}: the data are not those that were planned with`);
  kept = { key: job.data, data };
  return data;
}

const changed = (what: string): DannError =>
  dataError(
    "data-changed",
    what,
    "Give the command again. Where a task of your own draws its data, draw them from the seed alone.",
  );

async function stillHeld(claim: Claim, folder: string): Promise<void> {
  if (!(await claim.held())) throw claimLost(folder);
}

interface Place extends WorkOptions {
  readonly folder: string;
  readonly claim: Claim;
}

async function adaptation(job: AdaptJob, place: Place): Promise<void> {
  const { folder, claim } = place;
  const { fs, path } = nodeModules();
  const { recipe } = job;
  if ((await hashRecipeFiles(recipe)) !== job.files)
    throw changed(`${nameOf(job.at)}: the files of the network are not those that were planned with`);
  const config = printConfig({ ...recipe, data: { ...describeData(job.at), preprocess: job.preprocess } });
  await writeAtomic(path.join(folder, runFiles.config), config, () => stillHeld(claim, folder));
  await fs.mkdir(path.join(folder, runFiles.checkpoint), { recursive: true });
  const rows = await rowsFor(recipe.network.backbone, job.preprocess);
  const data = await plannedData(job, place.places, rows);
  const { task, method, train, evaluate } = recipe;
  const own =
    job.at.kind === "files" ? { cache: cacheOf({ ...recipe, data: job.at.data }), read: job.at.data.read } : {};
  const plan = preparePlan(data, { network: networkSource(recipe), task, method, train, evaluate, ...rows, ...own });
  const tokenizer = rows.tokens?.tokenizer.bytes;
  await takeShared(place.store, job, folder);
  const start = (own: Claim): ReturnType<typeof launch> =>
    launch(plan, {
      signal: place.signal,
      tokenizer,
      folder: { path: folder, config, resume: true, claim: own, report: "on-demand" },
    });
  const run = await start(claim).catch(async (error: unknown) => {
    if (!isSpoilt(error)) throw error;
    // A checkpoint that cannot be used (of other code, or a disk that was full) is no reason to give the job up.
    await claim.release();
    const again = await claimFolder(folder);
    await fs.rm(path.join(folder, runFiles.checkpoint), { recursive: true, force: true });
    return start(again);
  });
  const report = reporter(place);
  for await (const event of run.events()) report(event);
  await run.done;
  await leaveShared(place.store, job, folder);
}

const isSpoilt = (error: unknown): boolean =>
  error instanceof DannError && ["progress", "checkpoint-missing", "data-changed"].includes(error.code);

/** Progress over all trainings of a run, from its events. */
function reporter({ progress, kept: saved }: WorkOptions): (event: AdaptEvent) => void {
  let trainings: PlanEvent["trainings"] = [];
  return (event) => {
    if (event.type === "plan") trainings = event.trainings;
    if (event.type === "checkpoint") saved();
    if (event.type !== "step" && event.type !== "checkpoint") return;
    const at = trainings.findIndex(({ name }) => name === event.model);
    const before = trainings.slice(0, Math.max(0, at)).reduce((sum, { steps }) => sum + steps, 0);
    const total = trainings.reduce((sum, { steps }) => sum + steps, 0);
    progress(total === 0 ? 0 : (before + event.step) / total);
  };
}

async function atOnce(job: InOneGoJob, place: Place): Promise<void> {
  const { folder, claim } = place;
  const { at } = job;
  if (at.kind !== "suite") throw internalError(`${nameOf(at)} has no ${job.kind} ${job.name}`);
  const task = await findTask(at.suite, at.task);
  const result = await inOneGo(job, task, await plannedData(job, place.places), place);
  const file = nodeModules().path.join(folder, runFiles.result);
  await writeAtomic(file, `${JSON.stringify(result, undefined, 2)}\n`, () => stillHeld(claim, folder));
}
