/**
 * A benchmark's table as data: what `--json` prints and all renderers draw. Its JSON Schema is in `schemas/`. Rows are
 * those of design 6: source-only; the method at its last epoch; as selected without target labels; and, marked not
 * selectable, the best epoch by target labels and training on them.
 */
import * as z from "zod";
import { packageVersion } from "../version.ts";
import { chosenSetting } from "./chosen.ts";
import type { Plan, PlannedTask } from "./plan.ts";
import type { Report } from "./pool.ts";
import { type Difference, pairedDifference, spreadOf } from "./statistics.ts";
import type { JobResult } from "./store.ts";
import type { Task } from "./suite.ts";
import { modelOf, titleOf, type Value, valuesOf } from "./values.ts";

const count = z.int().nonnegative();

export const spreadSchema = z.object({
  mean: z.number(),
  sd: z.number().nullable().describe("standard deviation between seeds (n - 1); null for one seed"),
  se: z.number().nullable().describe("standard error of the mean; null for one seed"),
  n: count,
});
export const differenceSchema = z
  .object({
    mean: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    n: count.describe("pairs"),
  })
  .describe("to source-only of the same seed and setting, with a 95 % interval (Student's t, paired)");

export const madeSchema = z
  .object({ date: z.string(), machine: z.string(), engine: z.string() })
  .nullable()
  .describe("when and on what; null where the caller did not say");

const cell = z.object({
  target: spreadSchema.describe("the metric on target rows; a distance is one of target rows to source rows"),
  source: spreadSchema.nullable().describe("the same on source rows that did not train; null for baselines"),
  difference: differenceSchema.nullable().describe("null for source-only itself, and where nothing is paired"),
  values: z.array(z.object({ seed: z.int(), target: z.number() })),
});

const row = z.object({
  model: z
    .string()
    .describe("source-only, adabn, a method, target-trained, or what a baseline or measurement is called"),
  method: z.string().nullable().describe("the method whose runs it comes from; null for baselines"),
  setting: z.string().describe("empty where the suite has one"),
  selection: z.enum(["last", "validator", "oracle", "target-trained", "none"]),
  selectable: z.boolean().describe("false where target labels were used: a bound, not a result"),
  cells: z.record(z.string(), cell).describe("by task; a task without a value is left out"),
  means: z
    .record(z.string(), z.object({ target: spreadSchema, difference: differenceSchema.nullable() }))
    .describe(
      "over the tasks of a group, per seed first; none with fewer than two tasks, or where they lack seeds of the row",
    ),
  trainingSeconds: z
    .number()
    .nullable()
    .default(null)
    .describe("of one training of the method, its steps at the speed of the last ones: mean over its runs; else null"),
});

export const benchmarkTable = z.object({
  schema: z.literal(1),
  suite: z.string(),
  title: z.string(),
  metric: z
    .enum(["accuracy", "balancedAccuracy", "macroF1", "proxyDistance"])
    .describe("what the figures are; proxyDistance: proxy A-distance of the domains, 0 to 2"),
  seeds: z.array(z.int()),
  tasks: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      group: z.string().describe("tasks of one group have a mean; empty where all are one"),
      state: z
        .enum(["done", "incomplete", "missing-data"])
        .describe("incomplete: jobs failed; missing-data: nothing was done"),
      missing: z.array(z.string()).describe("data sets that are not there: dann data fetch NAME"),
      jobs: count,
      seconds: z.number().nonnegative().describe("of all its jobs together, each on its own threads"),
    }),
  ),
  rows: z.array(row),
  printed: z
    .array(
      z.object({
        label: z.string(),
        source: z.string(),
        values: z.record(z.string(), z.number()).describe("by task"),
        means: z.record(z.string(), z.number()).describe("by group, where all its tasks of this table are printed"),
      }),
    )
    .describe("figures that others have published"),
  chosen: z
    .array(chosenSetting.extend({ task: z.string(), model: z.string(), seed: z.int() }))
    .describe("what baselines settled on without target labels"),
  failures: z.array(
    z.object({
      task: z.string(),
      model: z.string().describe("the method, baseline or measurement"),
      job: z.string(),
      seed: z.int(),
      reason: z.string(),
    }),
  ),
  diverged: z
    .array(z.object({ task: z.string(), model: z.string(), job: z.string(), seed: z.int() }))
    .describe("runs whose method diverged: its rows have fewer seeds"),
  notes: z.array(z.string()),
  command: z.string().describe("gives the table again"),
  made: madeSchema,
  version: z.string().describe("of dann"),
});

export type BenchmarkTable = z.output<typeof benchmarkTable>;
export type TableRow = BenchmarkTable["rows"][number];
export type Choice = BenchmarkTable["chosen"][number];
type Cell = TableRow["cells"][string];

export interface TableRequest {
  readonly plan: Plan;
  readonly reports: ReadonlyMap<string, Report>;
  /** Results by the job's id. */
  readonly results: ReadonlyMap<string, JobResult>;
  readonly command: string;
  readonly made: BenchmarkTable["made"];
}

export function tabulate({ plan, reports, results, command, made }: TableRequest): BenchmarkTable {
  const metric = plan.suite.metric ?? "accuracy";
  const values = plan.tasks.flatMap(({ task, jobs }) =>
    jobs.flatMap((job) => {
      const found = results.get(job.id);
      return found === undefined ? [] : valuesOf(task, job, found, metric);
    }),
  );
  const measured = plan.tasks.filter(({ jobs }) => jobs.length > 0).map(({ task }) => task);
  const keys = [...new Map(values.map((value) => [keyOf(value), value])).values()];
  const rows = keys.map((key) => rowOf(key, values, measured, plan.seeds));
  return {
    schema: 1,
    suite: plan.suite.name,
    title: plan.suite.title,
    metric,
    seeds: [...plan.seeds],
    tasks: plan.tasks.map((task) => taskOf(task, results)),
    rows: ordered(rows, plan),
    printed: plan.suite.printed
      .map(({ label, source, values }) => ({ label, source, ...printedOf(values, plan.tasks, measured) }))
      .filter(({ values }) => Object.keys(values).length > 0),
    chosen: plan.tasks.flatMap(({ task, jobs }) =>
      jobs.flatMap((job) => {
        const found = results.get(job.id);
        if (found?.kind !== "baseline" || found.result.chosen === undefined) return [];
        return [{ task: task.name, model: titleOf(task, found.result.name), seed: job.seed, ...found.result.chosen }];
      }),
    ),
    failures: plan.tasks.flatMap(({ task, jobs }) =>
      jobs.flatMap((job) => {
        const report = reports.get(job.id);
        return report?.kind === "failed"
          ? [{ task: task.name, model: modelOf(task, job), job: job.id, seed: job.seed, reason: report.reason }]
          : [];
      }),
    ),
    diverged: plan.tasks.flatMap(({ task, jobs }) =>
      jobs.flatMap((job) => {
        const found = results.get(job.id);
        const isIt = found?.kind === "adapt" && found.result.verdict.code === "diverged";
        return isIt ? [{ task: task.name, model: modelOf(task, job), job: job.id, seed: job.seed }] : [];
      }),
    ),
    notes: [...plan.suite.notes],
    command,
    made,
    version: packageVersion,
  };
}

/** Source-only and the bound are the same whatever the method of the run was. */
const keyOf = ({
  model,
  method,
  setting,
  selection,
}: Pick<TableRow, "model" | "method" | "setting" | "selection">): string =>
  JSON.stringify([setting, model, selection, ownMethod({ model, method })]);

/** AdaBN that was asked for as a method is a row of its own, beside the one that each run has. */
const ownMethod = ({ model, method }: Pick<TableRow, "model" | "method">): string | null =>
  model === "source-only" || model === "target-trained" || (model === "adabn" && method !== "adabn") ? null : method;

function rowOf(
  { model, method, setting, selection, selectable }: Value,
  all: readonly Value[],
  tasks: readonly Task[],
  seeds: readonly number[],
): TableRow {
  const head = { model, method: ownMethod({ model, method }), setting, selection, selectable };
  const own = all.filter((value) => keyOf(value) === keyOf(head));
  const baselines = all.filter((value) => value.model === "source-only" && value.setting === setting);
  const of = (values: readonly Value[], task: string, seed: number): Value | undefined =>
    values.find((value) => value.task === task && value.seed === seed);
  /** A value and its difference to source-only, for each seed that has it. */
  const points = (task: string): { seed: number; value: Value; difference: number | undefined }[] =>
    seeds.flatMap((seed) => {
      const value = of(own, task, seed);
      if (value === undefined) return [];
      const baseline = model === "source-only" ? undefined : of(baselines, task, seed);
      const paired = baseline !== undefined && (value.on === null || value.on === baseline.on);
      return [{ seed, value, difference: paired ? value.target - baseline.target : undefined }];
    });
  const cells: Record<string, Cell> = {};
  for (const { name: task } of tasks) {
    const found = points(task);
    if (found.length === 0) continue;
    const sources = found.flatMap(({ value }) => (value.source === null ? [] : [value.source]));
    cells[task] = {
      target: spreadOf(found.map(({ value }) => value.target)),
      source: sources.length === 0 ? null : spreadOf(sources),
      difference: differenceOf(found.map((point) => point.difference)),
      values: found.map(({ seed, value }) => ({ seed, target: value.target })),
    };
  }
  const wanted = own.some((value) => value.seeds === "first") ? seeds.slice(0, 1) : seeds;
  const means: TableRow["means"] = {};
  for (const [group, names] of groupsOf(tasks)) {
    const mean = meanOf(names.map(points), wanted);
    if (mean !== undefined) means[group] = mean;
  }
  const times = own.flatMap(({ trainingSeconds }) => trainingSeconds ?? []);
  return { ...head, cells, means, trainingSeconds: times.length === 0 ? null : average(times) };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const differenceOf = (differences: readonly (number | undefined)[]): Difference | null => {
  const known = differences.filter((one) => one !== undefined);
  return known.length === 0 ? null : pairedDifference(known);
};

/** Names of the tasks of each group, in the order of the tasks. */
export function groupsOf(tasks: readonly Pick<Task, "name" | "group">[]): (readonly [string, readonly string[]])[] {
  const groups = [...new Set(tasks.map(({ group = "" }) => group))];
  return groups.map((group) => [group, tasks.filter((task) => (task.group ?? "") === group).map(({ name }) => name)]);
}

/** Over tasks, for each seed; then over seeds. A seed that a task lacks would make another mean, so there is none. */
function meanOf(
  tasks: readonly (readonly { seed: number; value: Value; difference: number | undefined }[])[],
  seeds: readonly number[],
): TableRow["means"][string] | undefined {
  if (seeds.length === 0 || tasks.length < 2 || tasks.some((points) => points.length < seeds.length)) return undefined;
  const over = <T>(seed: number, pick: (point: (typeof tasks)[number][number]) => T): T[] =>
    tasks.flatMap((points) => points.filter((point) => point.seed === seed).map(pick));
  const differences = seeds.map((seed) => {
    const known = over(seed, ({ difference }) => difference).filter((one) => one !== undefined);
    return known.length === tasks.length ? average(known) : undefined;
  });
  return {
    target: spreadOf(seeds.map((seed) => average(over(seed, ({ value }) => value.target)))),
    difference: differences.includes(undefined) ? null : differenceOf(differences),
  };
}

function taskOf(
  { task, missing, jobs }: PlannedTask,
  results: TableRequest["results"],
): BenchmarkTable["tasks"][number] {
  const done = jobs.flatMap(({ id }) => results.get(id) ?? []);
  return {
    name: task.name,
    title: task.title,
    group: task.group ?? "",
    state: missing.length > 0 ? "missing-data" : done.length < jobs.length ? "incomplete" : "done",
    missing: [...missing],
    jobs: jobs.length,
    seconds: done.reduce((sum, { result }) => sum + result.seconds, 0),
  };
}

function printedOf(
  values: Readonly<Record<string, number>>,
  tasks: readonly PlannedTask[],
  measured: readonly Task[],
): { values: Record<string, number>; means: Record<string, number> } {
  const known = Object.fromEntries(
    tasks.flatMap(({ task: { name } }) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
  const means = groupsOf(measured).flatMap(([group, names]) => {
    const numbers = names.flatMap((task) => known[task] ?? []);
    const whole = numbers.length === names.length && numbers.length > 1;
    return whole ? [[group, numbers.reduce((sum, value) => sum + value, 0) / numbers.length] as const] : [];
  });
  return { values: known, means: Object.fromEntries(means) };
}

const order = ["source-only", "adabn"];
const selections = ["last", "validator", "oracle", "target-trained", "none"];

/** Baselines, then setting by setting: source-only, AdaBN, the methods in order, and the bound. */
function ordered(rows: readonly TableRow[], { settings, methods }: Plan): TableRow[] {
  const rank = ({ model, method, setting, selection }: TableRow): number[] => [
    selection === "none" ? 0 : 1,
    settings.findIndex(({ name }) => name === setting),
    selection === "target-trained" ? 99 : method === null && order.includes(model) ? order.indexOf(model) : 2,
    (methods as readonly (string | null)[]).indexOf(method),
    selections.indexOf(selection),
  ];
  return [...rows].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, i) => value !== right[i]);
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
  });
}
