/** The data of a task. Its `load` may be the user's own: what it throws is told as theirs. */
import type { AdaptData } from "../adapt/prepare.ts";
import { DannError, dataError } from "../errors.ts";
import type { DataSets, Task } from "./suite.ts";

export async function loadTask(task: Task, sets: DataSets, seed: number): Promise<AdaptData> {
  try {
    return await task.load(sets, seed);
  } catch (cause) {
    if (cause instanceof DannError) throw cause;
    const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
    const error = dataError("task-data", `task ${task.name}: its load failed (${message})`, undefined, { cause });
    // Where it was thrown in their module is what --debug is asked for.
    if (stack !== undefined) error.stack = stack;
    throw error;
  }
}
