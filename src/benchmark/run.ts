/** A benchmark from its plan to its table. */
import { DannError } from "../errors.ts";
import type { DataPlaces } from "./data-sets.ts";
import type { Job } from "./job.ts";
import type { Plan } from "./plan.ts";
import { describe, type PoolEvent, type Report, runJobs } from "./pool.ts";
import { type JobResult, readJob } from "./store.ts";
import { type BenchmarkTable, tabulate } from "./table.ts";

/** How jobs are to be done, whatever they are for. */
export interface JobsRequest {
  readonly store: string;
  readonly places: DataPlaces;
  /** Processes at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly listen?: ((event: PoolEvent) => void) | undefined;
  /** Goes on with this very store, if it is interrupted. */
  readonly resume: string;
}

export interface RunRequest extends JobsRequest {
  readonly plan: Plan;
  /** Gives the table again; printed under it. */
  readonly command: string;
  readonly made?: BenchmarkTable["made"];
}

export const jobsOf = ({ tasks }: Plan): readonly Job[] => tasks.flatMap(({ jobs }) => jobs);

/** Rejects where it was interrupted; jobs that failed are in the table. */
export async function runBenchmark(request: RunRequest): Promise<BenchmarkTable> {
  const { plan, command, made = null } = request;
  const done = await finishJobs(jobsOf(plan), request);
  return tabulate({ plan, ...done, command, made });
}

export interface DoneJobs {
  readonly reports: ReadonlyMap<string, Report>;
  /** By the job's id. */
  readonly results: ReadonlyMap<string, JobResult>;
}

/** Does what is not done yet, and reads all results. Rejects where it was interrupted. */
export async function finishJobs(jobs: readonly Job[], request: JobsRequest): Promise<DoneJobs> {
  const { store, places, workers, signal, resume, listen = () => {} } = request;
  const reports = await runJobs(jobs, { workers, store, places, signal, listen });
  const { results, unreadable } = await readJobs(jobs, store);
  const total = new Set(jobs.map(({ id }) => id)).size;
  if (reports.size < total) {
    throw new DannError(
      "interrupted",
      "interrupted",
      `interrupted with ${results.size} of ${total} jobs done, checkpoints written`,
      `Go on with: ${resume}`,
    );
  }
  return { reports: new Map([...reports, ...unreadable]), results };
}

/** Results of the jobs that are finished, by their ids, and of those that cannot be read, why. */
async function readJobs(
  jobs: readonly Job[],
  store: string,
): Promise<{ results: Map<string, JobResult>; unreadable: Map<string, Report> }> {
  const results = new Map<string, JobResult>();
  const unreadable = new Map<string, Report>();
  for (const job of jobs) {
    try {
      const result = await readJob(store, job);
      if (result !== undefined) results.set(job.id, result);
    } catch (error) {
      unreadable.set(job.id, { kind: "failed", reason: describe(error) });
    }
  }
  return { results, unreadable };
}
