/** The smaller documents of `dann benchmark --json`: the list of suites, and the plan of a dry run. */
import { availableParallelism } from "node:os";
import * as z from "zod";
import { type DataPlaces, dataSets, missingSets } from "../benchmark/data-sets.ts";
import { baselinesOf, type Plan } from "../benchmark/plan.ts";
import { stateOf } from "../benchmark/store.ts";
import { suites } from "../benchmark/suites.ts";

const count = z.int().nonnegative();
const missing = z.array(z.string()).describe("data sets that are not there: dann data fetch NAME");

export const benchmarkSuites = z.object({
  schema: z.literal(1),
  workers: count.describe("processes that the times are for"),
  suites: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      tasks: z.array(z.object({ name: z.string(), title: z.string(), needs: z.array(z.string()), missing })),
      methods: z.array(z.string()),
      baselines: z.array(z.string()).describe("baselines and measurements of any of its tasks"),
      seeds: z.array(count),
      jobs: count.describe("of the tasks whose data are here"),
      seconds: z.number().describe("of these jobs on one process, about"),
    }),
  ),
});
export type BenchmarkSuites = z.output<typeof benchmarkSuites>;

export const benchmarkPlan = z.object({
  schema: z.literal(1),
  dryRun: z.literal(true),
  suite: z.string(),
  store: z.string(),
  workers: count,
  threads: count,
  seconds: z.number().describe("to go, about"),
  tasks: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      missing,
      jobs: z.array(
        z.object({
          id: z.string().describe("hash of the resolved configuration and of the data; its folder is STORE/jobs/ID"),
          kind: z.enum(["adapt", "baseline", "measurement"]),
          name: z.string().describe("the method, the baseline or the measurement"),
          setting: z.string(),
          seed: count,
          state: z.enum(["finished", "begun", "to do"]),
        }),
      ),
    }),
  ),
});
export type BenchmarkPlan = z.output<typeof benchmarkPlan>;

export async function listSuites(places: DataPlaces): Promise<BenchmarkSuites> {
  const sets = dataSets(places);
  const listed: BenchmarkSuites["suites"] = [];
  for (const { name, title, tasks, methods, seeds, settings } of suites) {
    const seen: BenchmarkSuites["suites"][number]["tasks"] = [];
    let [jobs, seconds] = [0, 0];
    for (const task of tasks) {
      const absent = await missingSets(task, sets);
      seen.push({ name: task.name, title: task.title, needs: [...task.needs], missing: absent });
      if (absent.length > 0) continue;
      const adaptations = seeds.length * methods.length * (settings?.length ?? 1);
      jobs += adaptations;
      seconds += adaptations * task.seconds;
      for (const one of [...(task.baselines ?? []), ...(task.measurements ?? [])]) {
        const times = one.seeds === "first" ? 1 : seeds.length;
        jobs += times;
        seconds += times * one.seconds;
      }
    }
    listed.push({
      name,
      title,
      tasks: seen,
      methods: [...methods],
      baselines: baselinesOf(tasks),
      seeds: [...seeds],
      jobs,
      seconds,
    });
  }
  return { schema: 1, workers: availableParallelism(), suites: listed };
}

export async function describePlan(
  plan: Plan,
  { store, workers, threads }: Pick<BenchmarkPlan, "store" | "workers" | "threads">,
): Promise<BenchmarkPlan> {
  const tasks: BenchmarkPlan["tasks"] = [];
  let seconds = 0;
  for (const { task, missing: absent, jobs } of plan.tasks) {
    const described: BenchmarkPlan["tasks"][number]["jobs"] = [];
    for (const job of jobs) {
      const { id, kind, setting, seed } = job;
      const state = await stateOf(store, job);
      if (state !== "finished") seconds += job.seconds;
      const name = job.kind === "adapt" ? job.recipe.method.name : job.name;
      described.push({ id, kind, name, setting, seed, state });
    }
    tasks.push({ name: task.name, title: task.title, missing: [...absent], jobs: described });
  }
  return {
    schema: 1,
    dryRun: true,
    suite: plan.suite.name,
    store,
    workers,
    threads,
    seconds: seconds / workers,
    tasks,
  };
}
