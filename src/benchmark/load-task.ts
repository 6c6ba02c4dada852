/** The data of a task. Its `load` may be the user's own: what it throws is told as theirs. */
import * as z from "zod";
import type { AdaptData } from "../adapt/prepare.ts";
import { checkConfig } from "../config/check.ts";
import { DannError, dataError } from "../errors.ts";
import type { DataSets, Task } from "./suite.ts";

export async function loadTask(task: Task, sets: DataSets, seed: number): Promise<AdaptData> {
  try {
    const data: unknown = await task.load(sets, seed);
    requireData(data, task);
    return data;
  } catch (cause) {
    if (cause instanceof DannError) throw cause;
    const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
    const error = dataError("task-data", `task ${task.name}: its load failed (${message})`, undefined, { cause });
    // Where it was thrown in their module is what --debug is asked for.
    if (stack !== undefined) error.stack = stack;
    throw error;
  }
}

const rowsShape = z.looseObject({
  rows: z.looseObject({ kind: z.string(), rows: z.number() }),
  labels: z.array(z.string().optional()).optional(),
});
const dataShape = z.looseObject({
  ...{ source: rowsShape, target: rowsShape },
  ...{ sourceTest: rowsShape.optional(), targetTest: rowsShape.optional() },
});

/** Nothing has checked what a module's `load` gives. */
function requireData(data: unknown, { name, measurements = [], baselines }: Task): asserts data is AdaptData {
  const { source, target, targetTest } = checkConfig(dataShape, data, `task ${name}: what its load gives`);
  // A measurement alone needs no labels.
  if (measurements.length > 0 && baselines === undefined) return;
  const labelled = [
    { rows: source, what: "the source's rows" },
    { rows: targetTest ?? target, what: "the target's rows, which score" },
  ];
  for (const { rows, what } of labelled)
    if (rows.labels?.some((label) => label !== undefined) !== true)
      throw dataError("task-data", `task ${name}: expected labels of ${what}, got none`);
}
