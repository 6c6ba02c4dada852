/** A benchmark from its plan to its table. */
import { DannError } from "../errors.ts";
import type { DataPlaces } from "./data-sets.ts";
import type { Job } from "./job.ts";
import type { Plan } from "./plan.ts";
import { type PoolEvent, runJobs } from "./pool.ts";
import { type JobResult, readJob } from "./store.ts";
import { type BenchmarkTable, tabulate } from "./table.ts";

export interface RunRequest {
  readonly plan: Plan;
  readonly store: string;
  readonly places: DataPlaces;
  /** Processes at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly listen?: ((event: PoolEvent) => void) | undefined;
  /** Gives the table again; printed under it. */
  readonly command: string;
  /** Goes on with this very store, if it is interrupted. */
  readonly resume: string;
  readonly made?: BenchmarkTable["made"];
}

export const jobsOf = ({ tasks }: Plan): readonly Job[] => tasks.flatMap(({ jobs }) => jobs);

/** Rejects where it was interrupted; jobs that failed are in the table. */
export async function runBenchmark(request: RunRequest): Promise<BenchmarkTable> {
  const { plan, store, places, workers, signal, command, resume, made = null, listen = () => {} } = request;
  const jobs = jobsOf(plan);
  const reports = await runJobs(jobs, { workers, store, places, signal, listen });
  const results = await readJobs(jobs, store);
  const total = new Set(jobs.map(({ id }) => id)).size;
  if (reports.size < total) {
    throw new DannError(
      "interrupted",
      "interrupted",
      `interrupted with ${results.size} of ${total} jobs done, checkpoints written`,
      `Go on with: ${resume}`,
    );
  }
  return tabulate({ plan, reports, results, command, made });
}

/** Results of the jobs that are finished, by their ids. */
export async function readJobs(jobs: readonly Job[], store: string): Promise<Map<string, JobResult>> {
  const results = new Map<string, JobResult>();
  for (const job of jobs) {
    const result = await readJob(store, job).catch(() => undefined);
    if (result !== undefined) results.set(job.id, result);
  }
  return results;
}
