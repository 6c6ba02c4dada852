/** All that training needs, as plain data: a job can be sent to a worker and its parts hashed into a checkpoint. */

import { makeNetwork, type NetworkOptions } from "../dann/networks/registry.ts";
import { checkAugment } from "../data/augment.ts";
import { epochEnd } from "../data/batches.ts";
import type { Sources } from "../data/dataset.ts";
import type { EncodedRows } from "../data/encode.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { dataError, usageError } from "../errors.ts";
import type { MethodConfig } from "../methods/config.ts";
import { makeMethod } from "../methods/make.ts";
import type { Method, Network } from "../methods/method.ts";
import type { Labels, TaskKind } from "../task.ts";
import type { TrainConfig } from "./config.ts";
import type { Apart } from "./inference.ts";

/** A network by its name in the registry. */
export interface NetworkConfig {
  readonly name: string;
  readonly options: NetworkOptions;
}

export interface TrainJob {
  /** A registered network by name, or one made by hand (then the job stays in its thread). */
  readonly network: NetworkConfig | Network;
  readonly method: MethodConfig;
  /** Outputs of G_y: the number of classes; of a regression 1. */
  readonly classes: number;
  /** What the labels are; default `classification`. */
  readonly task?: TaskKind | undefined;
  readonly preprocess: PreprocessSpec;
  /** Absent for a refinement. */
  readonly source?: EncodedRows | undefined;
  /** Class index of each source row; of a regression its standardised number. */
  readonly labels?: Labels | undefined;
  /** Which of several sources each source row is from, where the domain classifier tells them apart. */
  readonly sources?: Sources | undefined;
  /** Rows of the target. They have no labels, here or anywhere in training. */
  readonly target?: EncodedRows;
  /** Other rows of the target, with labels that were given for training. */
  readonly labelledTarget?: LabelledTarget | undefined;
  readonly config: TrainConfig;
}

/**
 * Target rows whose labels somebody has given for training. It says so of itself: labels that score are of a type without
 * `given`, so that handing them to training is a type error.
 */
export interface LabelledTarget {
  readonly given: "for-training";
  readonly rows: EncodedRows;
  /** Class index of each row. */
  readonly labels: Int32Array;
}

/**
 * Labelled target rows of a batch, half as many as those without labels unless told otherwise, as in the release of Saito
 * et al. (ICCV 2019); and the factor of their loss.
 */
export function labelledBatchOf({
  labelledTarget,
  config: { batch, labelledTargetWeight = 1 },
}: Pick<TrainJob, "labelledTarget" | "config">): { readonly rows: number; readonly weight: number } | undefined {
  if (labelledTarget === undefined) return undefined;
  const rows = batch.labelledTarget ?? Math.min(labelledTarget.rows.rows, Math.ceil(batch.target / 2));
  return { rows, weight: labelledTargetWeight };
}

/** What the trained network keeps of each domain: statistics of the target wherever training sees rows of it. */
export function apartOf({ method, labelledTarget }: Pick<TrainJob, "method" | "labelledTarget">): Apart {
  const { readsTarget, sourceNetwork } = makeMethod(method);
  if (sourceNetwork === "frozen") return "networks";
  return readsTarget || labelledTarget !== undefined ? "statistics" : "nothing";
}

/** What an epoch is a pass over: the source's rows, or the target's where there is no source. */
export function paceOf({ source, target, config }: Pick<TrainJob, "source" | "target" | "config">): {
  readonly rows: number;
  readonly batch: number;
} {
  return source === undefined
    ? { rows: target?.rows ?? 0, batch: config.batch.target }
    : { rows: source.rows, batch: config.batch.source };
}

/** Steps of a job. */
export function stepsOf(job: Pick<TrainJob, "source" | "target" | "config">): number {
  const { rows, batch } = paceOf(job);
  return job.config.steps ?? epochEnd(job.config.epochs ?? 1, rows, batch);
}

export const networkOf = (
  job: Pick<TrainJob, "network" | "classes" | "task" | "preprocess" | "source" | "target" | "sources">,
): Network =>
  "featureExtractor" in job.network
    ? job.network
    : makeNetwork(
        job.network.name,
        {
          inputShape: inputShape(job.preprocess),
          classes: job.classes,
          task: job.task,
          rows: { source: job.source?.rows ?? 0, target: job.target?.rows ?? 0 },
          sources: job.sources?.names.length,
        },
        job.network.options,
      );

/** The method of a job, after checking that the job's data fit it and each other. */
export function checkedMethod(job: TrainJob): Method {
  const method = makeMethod(job.method, job.task ?? "classification");
  checkAugment(job.config.augment, job.preprocess);
  if (method.readsSource) checkSource(job);
  else if (job.source !== undefined)
    throw usageError(
      "source-unread",
      `the method ${method.name} reads no source rows, got ${job.source.rows}`,
      "Leave them out.",
    );
  if (method.readsTarget && (job.target === undefined || job.target.rows === 0))
    throw dataError(
      "no-target-rows",
      `the method ${method.name} needs rows of the target, got none`,
      "Give unlabelled rows of the target, or train source-only.",
    );
  if (job.labelledTarget !== undefined) checkLabelledTarget(method, job.labelledTarget, job);
  return method;
}

function checkLabelledTarget(method: Method, { rows, labels }: LabelledTarget, { classes, task }: TrainJob): void {
  if (!method.readsSource)
    throw usageError(
      "labelled-target-unread",
      `the method ${method.name} reads no labels, got ${rows.rows} labelled rows of the target`,
      "Leave them out.",
    );
  if (task === "regression")
    throw usageError("labelled-target", "labelled target rows: expected labels that are classes, got a regression");
  if (rows.rows === 0) throw dataError("no-labelled-target-rows", "expected labelled rows of the target, got none");
  checkCount("labelled target", rows.rows, labels);
  checkClasses("labelled target", labels, classes);
}

function checkSource({ source, labels, classes, sources, task, config }: TrainJob): void {
  if (source === undefined || labels === undefined || source.rows === 0)
    throw dataError("no-source-rows", "the source has no rows", "Give labelled rows of the source.");
  checkCount("source", source.rows, labels);
  if (task === "regression") checkNumbers(labels, config);
  else checkClasses("source", labels, classes);
  if (sources !== undefined && sources.of.length !== source.rows)
    throw usageError(
      "source-count",
      `expected a source for each of ${source.rows} source rows, got ${sources.of.length}`,
    );
}

function checkCount(whose: string, rows: number, labels: Labels): void {
  if (labels.length !== rows)
    throw usageError("label-count", `expected a label for each of ${rows} ${whose} rows, got ${labels.length}`);
}

function checkClasses(whose: string, labels: Labels, classes: number): void {
  const stray = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (stray >= 0)
    throw usageError(
      "label-range",
      `label of ${whose} row ${stray}: expected 0 to ${classes - 1}, got ${labels[stray]}`,
    );
}

function checkNumbers(labels: Labels, { sourceSampling }: TrainConfig): void {
  const stray = labels.findIndex((label) => !Number.isFinite(label));
  if (stray >= 0)
    throw usageError("label-range", `label of source row ${stray}: expected a finite number, got ${labels[stray]}`);
  if (sourceSampling === "balanced")
    throw usageError(
      "source-sampling",
      "train.sourceSampling: expected shuffled, because the labels of a regression are no classes, got balanced",
      "Leave it out.",
    );
}
