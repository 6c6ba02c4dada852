/** What the result of a job puts into a table: one value for each of its rows. */
import type { Job } from "./job.ts";
import type { JobResult } from "./store.ts";
import type { Metric, Quantity, Task } from "./suite.ts";
import type { TableRow } from "./table.ts";

/** One value of a row, from one job. */
export interface Value extends Pick<TableRow, "model" | "method" | "setting" | "selection" | "selectable"> {
  readonly task: string;
  readonly seed: number;
  readonly target: number;
  readonly source: number | null;
  /** What kind of rows scored: values on others cannot be paired. */
  readonly on: string | null;
  /** How long the method trained; null for what is no training of a method. */
  readonly trainingSeconds: number | null;
  /** Which seeds the row is worked out for. */
  readonly seeds: "each" | "first";
}

export function valuesOf(task: Task, job: Job, found: JobResult, quantity: Quantity): Value[] {
  const common = { task: task.name, seed: job.seed };
  if (found.kind !== "adapt") {
    const target = found.kind === "measurement" ? found.result.value : of(found.result.metrics, quantity);
    if (target === undefined) return [];
    const { title, seeds = "each" } = inOneGo(task, found.result.name);
    const how = { model: title, method: null, setting: "", selection: "none", selectable: true, seeds } as const;
    return [{ ...common, ...how, target, source: null, on: null, trainingSeconds: null }];
  }
  const method = job.kind === "adapt" ? job.recipe.method.name : "";
  const { steps, stepsPerSecond } = found.result;
  return found.result.models.flatMap(({ name, selection, selectable, metrics, scoredOn }) => {
    // Source-only is one row: at its last epoch, as the papers have it.
    if (metrics.target === null || (name === "source-only" && selection !== "last")) return [];
    const how = { model: name, method, setting: job.setting, selection, selectable, seeds: "each" } as const;
    const target = of(metrics.target, quantity);
    const source = (metrics.source && of(metrics.source, quantity)) ?? null;
    const own = name === method && name !== "source-only" && stepsPerSecond > 0;
    const trainingSeconds = own ? steps / stepsPerSecond : null;
    return target === undefined ? [] : [{ ...common, ...how, target, source, on: scoredOn.target, trainingSeconds }];
  });
}

/** A classifier is no distance. */
const of = (metrics: Readonly<Record<Metric, number>>, quantity: Quantity): number | undefined =>
  quantity === "proxyDistance" ? undefined : metrics[quantity];

/** What a job trains or works out. */
export const modelOf = (task: Task, job: Job): string =>
  job.kind === "adapt" ? job.recipe.method.name : titleOf(task, job.name);

export const titleOf = (task: Task, name: string): string => inOneGo(task, name).title;

const inOneGo = (
  { baselines = [], measurements = [] }: Task,
  name: string,
): { readonly title: string; readonly seeds?: "each" | "first" } =>
  [...baselines, ...measurements].find((one) => one.name === name) ?? { title: name };
