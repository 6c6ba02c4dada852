/** Starts a prepared session, in its thread and with its folder, and hands back what a caller holds on to. */
import type { Dataset, Rows } from "../data/dataset.ts";
import { nodeModules } from "../data/files.ts";
import { DannError, dataError, usageError } from "../errors.ts";
import { type LoadedModel, loadModel, type ModelPredictOptions, type Predictions } from "../train/load-model.ts";
import { type Channel, createChannel } from "./channel.ts";
import type { Claim } from "./claim.ts";
import type { SessionHooks, SessionOutcome } from "./context.ts";
import { hashPlan } from "./data-hash.ts";
import type { AdaptEvent } from "./events.ts";
import type { SessionPlan } from "./plan.ts";
import { filesOf, parseProgress, type SavedProgress, type SessionSave } from "./progress.ts";
import { type Recording, type ReportChoice, record } from "./recording.ts";
import type { RefinePlan } from "./refine/plan.ts";
import type { AdaptResult } from "./result.ts";
import {
  createRunFolder,
  type RunFolder,
  readTextIfThere,
  refuseOccupied,
  reopenRunFolder,
  runFiles,
} from "./run-folder.ts";
import { sessionRunner, type ThreadChoice } from "./thread.ts";

export interface AdaptRun {
  /** What happens, from the start; may be read more than once, or not at all. */
  events(): AsyncIterable<AdaptEvent>;
  /** The result. Rejects when the run fails or is stopped. */
  readonly done: Promise<AdaptResult>;
  /** Labels and calibrated probabilities of raw rows by the chosen model; waits for the run to end. */
  predict(rows: Rows | Dataset, options?: ModelPredictOptions): Promise<Predictions>;
  /** The chosen model as an ONNX file; waits for the run to end. */
  model(): Promise<Uint8Array>;
  /** Stops after the step in progress; a run with a folder can be resumed. */
  stop(): void;
}

export interface RunPlace {
  readonly path: string;
  /** Text of `config.yaml`. */
  readonly config: string;
  readonly resume: boolean;
  /** Where the caller has claimed the folder of a resumed run already; it is given back when the run ends. */
  readonly claim?: Claim | undefined;
  /** Default `with-result`. */
  readonly report?: ReportChoice | undefined;
}

export interface LaunchOptions {
  /** Stops the run. */
  readonly signal?: AbortSignal | undefined;
  readonly thread?: ThreadChoice | undefined;
  /** Of a run with an encoder of text: kept in the folder, and what `predict` makes tokens with. */
  readonly tokenizer?: Uint8Array | undefined;
  /** The run's folder; without one nothing is written. */
  readonly folder?: RunPlace | undefined;
}

/** Checks what can be checked before the first step, then starts. */
export async function launch(plan: SessionPlan | RefinePlan, options: LaunchOptions): Promise<AdaptRun> {
  const runPlan = sessionRunner(options.thread ?? "auto", plan);
  const channel = createChannel<AdaptEvent>();
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  const failure = deferred();
  const place =
    options.folder === undefined ? undefined : await openPlace(options, options.folder, plan, channel, failure.reject);
  const hooks: SessionHooks = { ...(place?.recording.hooks ?? inMemory(channel)), signal: stop.signal };

  const work = async (): Promise<{ result: AdaptResult; model: Uint8Array }> => {
    let failed: unknown;
    try {
      const outcome = await Promise.race([runPlan(plan, hooks, place?.resume), failure.promise]);
      if (outcome.kind === "aborted") throw interrupted(outcome, options.folder?.path);
      const { model, embedding } = outcome;
      const result = (await place?.recording.finish(outcome.result, model, embedding)) ?? outcome.result;
      channel.send({ type: "result", result });
      return { result, model };
    } catch (error) {
      failed = error;
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
      await place?.recording.close(failed);
      channel.close(failed);
    }
  };
  const working = work();
  const done = working.then(({ result }) => result);
  // A caller who only reads the events has the error from there.
  done.catch(() => undefined);
  let loaded: Promise<LoadedModel> | undefined;
  return {
    events: () => channel.read(),
    done,
    async predict(rows, how) {
      const { model, result } = await working;
      const { tokenizer } = options;
      const device = result.device === "wasm" ? "wasm" : "auto";
      loaded ??= loadModel(model, { device, threads: result.threads, tokenizer });
      return (await loaded).predict(rows, how);
    },
    model: async () => (await working).model,
    stop: abort,
  };
}

function inMemory(channel: Channel<AdaptEvent>): Omit<SessionHooks, "signal"> {
  return {
    // The result comes once more when it is complete.
    event: (event) => event.type !== "result" && channel.send(event),
    save: async () => {},
    writeModel: async (bytes) => bytes,
  };
}

/** Rejects once; the promise never resolves. */
function deferred(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}

function interrupted(outcome: SessionOutcome & { kind: "aborted" }, path: string | undefined): DannError {
  const at = `interrupted at step ${outcome.step} of ${outcome.model}`;
  return path === undefined
    ? new DannError("interrupted", "interrupted", at)
    : new DannError(
        "interrupted",
        "interrupted",
        `${at}, checkpoint written`,
        `Go on with: dann adapt --resume ${path}`,
      );
}

interface Place {
  readonly recording: Recording;
  readonly resume: SessionSave | undefined;
}

async function openPlace(
  { tokenizer }: LaunchOptions,
  { path, config, resume, claim, report = "with-result" }: RunPlace,
  plan: SessionPlan | RefinePlan,
  channel: Channel<AdaptEvent>,
  fail: (error: unknown) => void,
): Promise<Place> {
  const data = await hashPlan(plan);
  const common = { data, listen: (event: AdaptEvent) => event.type !== "result" && channel.send(event), fail, report };
  const begin = async (): Promise<RunFolder> => {
    const folder = await createRunFolder(path);
    await folder.write(runFiles.config, config);
    return withTokenizer(folder);
  };
  const withTokenizer = async (folder: RunFolder): Promise<RunFolder> => {
    if (tokenizer !== undefined) await folder.write(runFiles.tokenizer, tokenizer);
    return folder;
  };
  if (!resume) {
    await refuseOccupied(path);
    return { recording: record({ ...common, open: begin }), resume: undefined };
  }
  const saved = await readProgress(path);
  // Taken at once: two processes that resume one run would each train for nothing.
  const folder = await reopenRunFolder(path, saved?.metricsLength ?? 0, claim);
  const recording = record({ ...common, open: async () => folder });
  // Without a checkpoint nothing is held against the run's beginning: it begins again, with the tokenizer of now.
  if (saved === undefined) await withTokenizer(folder);
  if (saved === undefined) return { recording, resume: undefined };
  if (saved.data !== data) {
    await folder.release();
    throw dataError(
      "data-changed",
      `${path}: the data are not those that the run began with`,
      "Put the files back as they were, or start a new run.",
    );
  }
  const { metricsLength: _m, data: _d, ...progress } = saved;
  return { recording, resume: { progress, files: await readCheckpoints(folder, saved) } };
}

/** How far the run in a folder is; undefined before its first checkpoint. */
export async function readProgress(path: string): Promise<SavedProgress | undefined> {
  const name = nodeModules().path.join(path, runFiles.checkpoint, runFiles.progress);
  const text = await readTextIfThere(name);
  return text === undefined ? undefined : parseProgress(text, name);
}

async function readCheckpoints(folder: RunFolder, saved: SavedProgress): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of filesOf(saved)) {
    const bytes = await folder.read(`${runFiles.checkpoint}/${name}`);
    if (bytes === undefined) {
      await folder.release();
      throw usageError(
        "checkpoint-missing",
        `${folder.path}: the checkpoint file ${name} is missing`,
        "Start a new run.",
      );
    }
    files.set(name, bytes);
  }
  return files;
}
