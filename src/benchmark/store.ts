/** Where finished jobs lie: a folder a job, whole once it has a `result.json`. */
import * as z from "zod";
import { type AdaptResult, adaptResult, metricsSchema } from "../adapt/result.ts";
import { readIfThere, runFiles } from "../adapt/run-folder.ts";
import { isFolder, nodeModules } from "../data/files.ts";
import { dataError, internalError } from "../errors.ts";
import { chosenSetting } from "./chosen.ts";
import type { Job } from "./job.ts";

export const baselineResult = z.object({
  schema: z.literal(1),
  kind: z.literal("baseline"),
  name: z.string(),
  metrics: metricsSchema.describe("on the target rows that score"),
  chosen: chosenSetting.optional(),
  seconds: z.number().nonnegative(),
});
export type BaselineResult = z.output<typeof baselineResult>;

const measurementResult = z.object({
  schema: z.literal(1),
  kind: z.literal("measurement"),
  name: z.string(),
  value: z.number(),
  seconds: z.number().nonnegative(),
});
export type MeasurementResult = z.output<typeof measurementResult>;

export type JobResult =
  | { readonly kind: "adapt"; readonly result: AdaptResult }
  | { readonly kind: "baseline"; readonly result: BaselineResult }
  | { readonly kind: "measurement"; readonly result: MeasurementResult };

/** Of a store. */
export const jobsFolder = "jobs";

export const jobFolder = (store: string, { id }: Pick<Job, "id">): string =>
  nodeModules().path.join(store, jobsFolder, id);

/** The result of a job, or undefined where it is not finished. */
export async function readJob(store: string, job: Job): Promise<JobResult | undefined> {
  const name = nodeModules().path.join(jobFolder(store, job), runFiles.result);
  const bytes = await readIfThere(name);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    switch (job.kind) {
      case "adapt":
        return { kind: "adapt", result: adaptResult.parse(value) };
      case "baseline":
        return { kind: "baseline", result: baselineResult.parse(value) };
      case "measurement":
        return { kind: "measurement", result: measurementResult.parse(value) };
      default:
        throw internalError(`unknown kind of job ${String(job satisfies never)}`);
    }
  } catch (cause) {
    throw dataError(
      "result",
      `${name}: not the result of a job of this version of dann`,
      "Delete its folder: the job is done again.",
      { cause },
    );
  }
}

/** How far a job is. */
export async function stateOf(store: string, job: Job): Promise<"finished" | "begun" | "to do"> {
  if ((await readJob(store, job)) !== undefined) return "finished";
  return (await isFolder(jobFolder(store, job))) ? "begun" : "to do";
}
