/** The task that a job names: its data, and what it is called. */
import { readInputs } from "../adapt/inputs.ts";
import { isModule } from "../adapt/network.ts";
import type { AdaptData } from "../adapt/prepare.ts";
import type { Plain } from "../config/merge.ts";
import type { PreprocessOptions } from "../data/config.ts";
import { nodeModules } from "../data/files.ts";
import { type DataPlaces, dataSets } from "./data-sets.ts";
import type { TaskReference } from "./job.ts";
import { loadTask } from "./load-task.ts";
import { findTask } from "./suites.ts";

export interface DataRequest {
  readonly seed: number;
  readonly places: DataPlaces;
  /** Images of folders are read in the size that it asks for; default: as the reference has it. */
  readonly preprocess?: PreprocessOptions | undefined;
}

export async function dataOf(at: TaskReference, { seed, places, preprocess }: DataRequest): Promise<AdaptData> {
  switch (at.kind) {
    case "suite":
      return loadTask(await findTask(at.suite, at.task), dataSets(places), seed);
    case "files":
      return readInputs(preprocess === undefined ? at.data : { ...at.data, preprocess });
    default:
      throw new Error(`unknown kind of task ${String(at satisfies never)}`);
  }
}

/** For people. */
export const nameOf = (at: TaskReference): string =>
  at.kind === "suite" ? `task ${at.task}` : `${[at.data.source].flat().join(" + ")} -> ${at.data.target}`;

/**
 * What stands under `data` in a job's `config.yaml`, beside its preprocessing. Of files it is all that a run needs. A
 * module is the same however its path was typed.
 */
export function describeData(at: TaskReference): Plain {
  if (at.kind === "files") return { ...at.data };
  return { suite: isModule(at.suite) ? nodeModules().path.resolve(at.suite) : at.suite, task: at.task };
}
