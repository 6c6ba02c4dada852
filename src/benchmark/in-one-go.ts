/** Jobs that do not go through `adapt`: baselines, scored here by labels that they never see, and measurements. */
import { setImmediate } from "node:timers/promises";
import type { AdaptData } from "../adapt/prepare.ts";
import { checkConfig } from "../config/check.ts";
import { cacheFolder } from "../data/cache.ts";
import { classesOf, encodeLabels, labelledRows, withoutLabels } from "../data/labels.ts";
import { list } from "../data/names.ts";
import { DannError, dataError, internalError } from "../errors.ts";
import { metrics } from "../evaluate/metrics.ts";
import { chosenSetting } from "./chosen.ts";
import { dataSets } from "./data-sets.ts";
import type { InOneGoJob } from "./job.ts";
import type { BaselineResult, MeasurementResult } from "./store.ts";
import type { AtWork, Task } from "./suite.ts";
import type { WorkOptions } from "./work.ts";

type Surroundings = Pick<WorkOptions, "places" | "signal" | "progress">;

export async function inOneGo(
  job: InOneGoJob,
  task: Task,
  data: AdaptData,
  surroundings: Surroundings,
): Promise<BaselineResult | MeasurementResult> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const work = atWork(surroundings);
  const known = { source: data.source, target: withoutLabels(data.target) };
  switch (job.kind) {
    case "baseline": {
      const { predict } = theOne(task.baselines, job, task);
      const scored = labelledRows(data.targetTest ?? data.target);
      const { labels, chosen } = await predict({ ...known, scored: withoutLabels(scored) }, job.seed, work);
      const classes = classesOf(labelledRows(data.source).labels ?? []);
      requireClasses(labels, { classes, rows: scored.rows.rows, name: `task ${task.name}: baseline ${job.name}` });
      return {
        schema: 1,
        kind: "baseline",
        name: job.name,
        metrics: metrics(encodeLabels(scored.labels ?? [], classes), encodeLabels(labels, classes), classes),
        ...(chosen !== undefined && {
          chosen: checkConfig(chosenSetting, chosen, `task ${task.name}: baseline ${job.name}: chosen`),
        }),
        seconds: seconds(),
      };
    }
    case "measurement": {
      const value: unknown = await theOne(task.measurements, job, task).measure(known, job.seed, work);
      if (typeof value !== "number" || !Number.isFinite(value))
        throw dataError(
          "measurement-value",
          `task ${task.name}: measurement ${job.name}: expected a number, got ${typeof value === "string" ? JSON.stringify(value) : value}`,
        );
      return { schema: 1, kind: "measurement", name: job.name, value, seconds: seconds() };
    }
    default:
      throw internalError(`unknown kind of job ${String(job.kind satisfies never)}`);
  }
}

/** A label that is no class would count as an error, in silence. */
function requireClasses(
  labels: readonly unknown[],
  { classes, rows, name }: { readonly classes: readonly string[]; readonly rows: number; readonly name: string },
): void {
  if (!Array.isArray(labels) || labels.length !== rows)
    throw dataError(
      "baseline-labels",
      `${name}: expected a class for each of ${rows} rows (scored.rows.rows), got ${Array.isArray(labels) ? labels.length : typeof labels}`,
    );
  const at = labels.findIndex((label) => !(classes as readonly unknown[]).includes(label));
  if (at >= 0)
    throw dataError(
      "baseline-labels",
      `${name}: row ${at + 1}: expected a class of the source as text (${list(classes, 12)}), got ${JSON.stringify(labels[at])}`,
    );
}

function theOne<T extends { readonly name: string }>(some: readonly T[] = [], job: InOneGoJob, task: Task): T {
  const found = some.find(({ name }) => name === job.name);
  if (found === undefined) throw internalError(`task ${task.name} has no ${job.kind} ${job.name}`);
  return found;
}

function atWork({ places, signal, progress }: Surroundings): AtWork {
  return {
    cache: cacheFolder(places.cache),
    sets: dataSets(places),
    async progress(share) {
      progress(share);
      // A long calculation lets no message in: this is where the word to stop arrives.
      await setImmediate();
      if (signal.aborted) throw new DannError("interrupted", "interrupted", "stopped in the middle of a baseline");
    },
  };
}
