/** All that training needs, as plain data: a job can be sent to a worker and its parts hashed into a checkpoint. */

import { makeNetwork, type NetworkOptions } from "../dann/networks/registry.ts";
import { checkAugment } from "../data/augment.ts";
import type { Sources } from "../data/dataset.ts";
import type { EncodedRows } from "../data/encode.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { dataError, usageError } from "../errors.ts";
import type { MethodConfig } from "../methods/config.ts";
import { makeMethod } from "../methods/make.ts";
import type { Method, Network } from "../methods/method.ts";
import type { TrainConfig } from "./config.ts";

/** A network by its name in the registry. */
export interface NetworkConfig {
  readonly name: string;
  readonly options: NetworkOptions;
}

export interface TrainJob {
  /** A registered network by name, or one made by hand (then the job stays in its thread). */
  readonly network: NetworkConfig | Network;
  readonly method: MethodConfig;
  /** Number of classes. */
  readonly classes: number;
  readonly preprocess: PreprocessSpec;
  readonly source: EncodedRows;
  /** Class index of each source row. */
  readonly labels: Int32Array;
  /** Which of several sources each source row is from, where the domain classifier tells them apart. */
  readonly sources?: Sources | undefined;
  /** Rows of the target. They have no labels, here or anywhere in training. */
  readonly target?: EncodedRows;
  readonly config: TrainConfig;
}

export const networkOf = (
  job: Pick<TrainJob, "network" | "classes" | "preprocess" | "source" | "target" | "sources">,
): Network =>
  "featureExtractor" in job.network
    ? job.network
    : makeNetwork(
        job.network.name,
        {
          inputShape: inputShape(job.preprocess),
          classes: job.classes,
          rows: { source: job.source.rows, target: job.target?.rows ?? 0 },
          sources: job.sources?.names.length,
        },
        job.network.options,
      );

/** The method of a job, after checking that the job's data fit it and each other. */
export function checkedMethod(job: TrainJob): Method {
  const method = makeMethod(job.method);
  checkAugment(job.config.augment, job.preprocess);
  if (job.source.rows === 0)
    throw dataError("no-source-rows", "the source has no rows", "Give labelled rows of the source.");
  if (job.labels.length !== job.source.rows)
    throw usageError(
      "label-count",
      `expected a label for each of ${job.source.rows} source rows, got ${job.labels.length}`,
    );
  const stray = job.labels.findIndex((label) => label < 0 || label >= job.classes);
  if (stray >= 0)
    throw usageError(
      "label-range",
      `label of source row ${stray}: expected 0 to ${job.classes - 1}, got ${job.labels[stray]}`,
    );
  if (job.sources !== undefined && job.sources.of.length !== job.source.rows)
    throw usageError(
      "source-count",
      `expected a source for each of ${job.source.rows} source rows, got ${job.sources.of.length}`,
    );
  if (method.readsTarget && (job.target === undefined || job.target.rows === 0))
    throw dataError(
      "no-target-rows",
      `the method ${method.name} needs rows of the target, got none`,
      "Give unlabelled rows of the target, or train source-only.",
    );
  return method;
}
