/** Shows the progress of many jobs on stderr: one bar for all, with the time to go as this sitting tells it. */
import type { Job } from "../benchmark/job.ts";
import type { PoolEvent } from "../benchmark/pool.ts";
import type { Output } from "./output.ts";

export function followJobs(jobs: readonly Job[], output: Output): (event: PoolEvent) => void {
  const all = new Map(jobs.map((job) => [job.id, job.seconds]));
  const total = [...all.values()].reduce((sum, seconds) => sum + seconds, 0);
  const began = performance.now();
  const shares = new Map<string, number>();
  /** Work found done, which says nothing about how fast work is done here. */
  let found = 0;
  const running = new Map<string, string>();
  const waiting = new Set<string>();
  let ended = 0;

  const show = (): void => {
    const done = [...shares].reduce((sum, [id, share]) => sum + share * (all.get(id) ?? 0), 0);
    const own = done - found;
    const elapsed = (performance.now() - began) / 1000;
    const now = [...running].map(([id, name]) => `${name} ${Math.floor(100 * (shares.get(id) ?? 0))} %`);
    output.progress.update({
      label: `job ${Math.min(ended + 1, all.size)} of ${all.size}`,
      done: Math.floor((100 * done) / Math.max(total, 1e-9)),
      total: 100,
      // The first moments tell too little.
      remaining: own > 0 && elapsed > 1 ? (elapsed * (total - done)) / own : undefined,
      note: now.join(", "),
    });
  };

  return (event) => {
    const { job } = event;
    const name = `${labelOf(job)} s${job.seed}`;
    switch (event.type) {
      case "begin":
        running.set(job.id, name);
        // What an earlier sitting did of it comes with its first report.
        shares.delete(job.id);
        break;
      case "progress":
        if (!shares.has(job.id)) found += event.share * (all.get(job.id) ?? 0);
        shares.set(job.id, event.share);
        break;
      case "waiting":
        if (!waiting.has(job.id)) output.note(`${name}: process ${event.pid} is at it, waiting for its result`);
        waiting.add(job.id);
        break;
      case "died":
        running.delete(job.id);
        output.note(`warning: the process at ${name} died (${event.reason})`);
        break;
      case "end":
        running.delete(job.id);
        ended++;
        if (event.report.kind === "failed") output.note(`warning: ${name} failed: ${event.report.reason}`);
        if (event.report.kind === "done" && event.report.cached)
          found += (1 - (shares.get(job.id) ?? 0)) * (all.get(job.id) ?? 0);
        shares.set(job.id, 1);
        break;
      default:
        event satisfies never;
    }
    show();
  };
}

/** What tells a job from the others of its plan. */
function labelOf(job: Job): string {
  if (job.at.kind === "files") return job.setting;
  return `${job.kind === "adapt" ? job.recipe.method.name : job.name} ${job.at.task}`;
}
