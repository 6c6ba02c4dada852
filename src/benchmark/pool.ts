/**
 * Does jobs on many processes at once. A job whose process dies is taken up again from its checkpoint by another one; a
 * job that another coordinator's process has is waited for, and its result used.
 */
import { holderOf } from "../adapt/claim.ts";
import { revivedError } from "../adapt/protocol.ts";
import { DannError } from "../errors.ts";
import type { DataPlaces } from "./data-sets.ts";
import type { Job } from "./job.ts";
import { jobFolder, readJob } from "./store.ts";
import type { Outcome } from "./work.ts";
import { type Died, startWorker, type WorkerProcess } from "./worker-process.ts";

export type PoolEvent =
  | { readonly type: "begin"; readonly job: Job; readonly pid: number | undefined }
  | { readonly type: "progress"; readonly job: Job; readonly share: number }
  | { readonly type: "waiting"; readonly job: Job; readonly pid: number }
  | { readonly type: "died"; readonly job: Job; readonly reason: string }
  | { readonly type: "end"; readonly job: Job; readonly report: Report };

export type Report =
  /** `cached`: it was finished before, or by somebody else. */
  { readonly kind: "done"; readonly cached: boolean } | { readonly kind: "failed"; readonly reason: string };

export interface PoolOptions {
  /** Processes. */
  readonly workers: number;
  readonly store: string;
  readonly places: DataPlaces;
  readonly signal: AbortSignal;
  readonly listen: (event: PoolEvent) => void;
}

/**
 * How often in a row a job may take its process down before it is given up; a checkpoint in between starts the count
 * anew. One that was killed from outside is tried more often: who kills processes at random may well hit one thrice.
 */
const mostCrashes = 3;
const mostKills = 10;
/** Milliseconds between two looks at jobs that other processes have. */
const patience = 200;

/** Reports by the job's id. Jobs without one were interrupted. */
export async function runJobs(jobs: readonly Job[], options: PoolOptions): Promise<ReadonlyMap<string, Report>> {
  const { store, places, signal, listen } = options;
  const reports = new Map<string, Report>();
  // Long jobs first, so that no single one is left at the end. The same job may stand in two places of a plan.
  const queue = [...new Map(jobs.map((job) => [job.id, job])).values()].sort((a, b) => b.seconds - a.seconds);
  let held: Job[] = [];
  let running = 0;
  const fruitless = new Map<string, { crashes: number; kills: number }>();

  const report = (job: Job, said: Report): void => {
    reports.set(job.id, said);
    listen({ type: "end", job, report: said });
  };

  /** The next job that can be worked on; undefined when there is nothing left to wait for. */
  const take = async (): Promise<Job | undefined> => {
    while (!signal.aborted) {
      const job = queue.shift();
      if (job === undefined) {
        if (running === 0 && held.length === 0) return undefined;
        await pause(patience, signal);
        queue.push(...held);
        held = [];
        continue;
      }
      // Counted while it is looked at, so that no other lane goes home in between.
      running++;
      try {
        if ((await finished(store, job)) !== undefined) {
          report(job, { kind: "done", cached: true });
          continue;
        }
        const holder = await holderOf(jobFolder(store, job));
        if (holder === undefined) {
          running++;
          return job;
        }
        listen({ type: "waiting", job, pid: holder.pid });
        held.push(job);
      } catch (error) {
        report(job, { kind: "failed", reason: describe(error) });
      } finally {
        running--;
      }
    }
    return undefined;
  };

  const settle = async (job: Job, outcome: Outcome | Died): Promise<void> => {
    switch (outcome.kind) {
      case "done":
        return report(job, { kind: "done", cached: false });
      case "interrupted":
        return;
      case "held":
        held.push(job);
        return;
      case "failed": {
        // Where the claim was lost, another process may have finished it.
        const others = await finished(store, job).catch(() => undefined);
        if (others !== undefined) return report(job, { kind: "done", cached: true });
        return report(job, { kind: "failed", reason: describe(revivedError(outcome.error)) });
      }
      case "died": {
        const count = fruitless.get(job.id) ?? { crashes: 0, kills: 0 };
        if (outcome.killed) count.kills++;
        else count.crashes++;
        fruitless.set(job.id, count);
        listen({ type: "died", job, reason: outcome.reason });
        if (count.crashes < mostCrashes && count.kills < mostKills) queue.unshift(job);
        else
          report(job, {
            kind: "failed",
            reason: `its process died ${count.crashes + count.kills} times: ${outcome.reason}`,
          });
        return;
      }
      default:
        outcome satisfies never;
    }
  };

  const lane = async (): Promise<void> => {
    let worker: WorkerProcess | undefined;
    const stop = (): void => worker?.stop();
    signal.addEventListener("abort", stop);
    try {
      for (let job = await take(); job !== undefined; job = await take()) {
        const current = job;
        worker ??= startWorker();
        listen({ type: "begin", job, pid: worker.pid });
        try {
          const outcome = await worker.work({ type: "work", job, store, places }, (said) => {
            if (said.type === "progress") listen({ type: "progress", job: current, share: said.share });
            if (said.type === "kept") fruitless.delete(current.id);
          });
          if (outcome.kind === "died") worker = undefined;
          await settle(job, outcome);
        } finally {
          running--;
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      await worker?.end();
    }
  };
  const lanes = Math.max(1, Math.min(options.workers, queue.length));
  await Promise.all(Array.from({ length: lanes }, lane));
  return reports;
}

const finished = (store: string, job: Job): ReturnType<typeof readJob> => readJob(store, job);

export const describe = (error: unknown): string => {
  if (error instanceof DannError)
    return error
      .format()
      .replace(/^error/, "")
      .replaceAll("\n  ", ". ")
      .trim();
  return error instanceof Error ? error.message : String(error);
};

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
