/** From a configuration that names files to the plan of a session. Node only. */
import type { DataConfig, RunConfig } from "../config/schema.ts";
import { cacheFolder } from "../data/cache.ts";
import { networkSource } from "./adapt.ts";
import { rowsFor } from "./backbone-input.ts";
import { readInputs } from "./inputs.ts";
import type { SessionPlan } from "./plan.ts";
import { type AdaptData, preparePlan } from "./prepare.ts";

export interface PlannedRun {
  readonly plan: SessionPlan;
  readonly data: AdaptData;
  /** The file that the plan's tokens are made with, to be kept with the run. */
  readonly tokenizer?: Uint8Array | undefined;
}

/** The data of a run, and the plan that they make with a configuration. */
export async function planRun(config: RunConfig, data?: AdaptData): Promise<PlannedRun> {
  const { train, method, evaluate, task } = config;
  const { read: options } = config.data;
  const { backbone } = config.network;
  const rows = await rowsFor(backbone, config.data.preprocess);
  // Folders of images are read in the size that the backbone wants.
  const read = data ?? (await readInputs({ ...config.data, preprocess: rows.preprocess }, task));
  const plan = preparePlan(read, {
    cache: cacheOf(config),
    network: networkSource(config),
    task,
    method,
    train,
    evaluate,
    ...rows,
    read: options,
  });
  return { plan, data: read, tokenizer: rows.tokens?.tokenizer.bytes };
}

/** Where the features of its backbone are kept; false: nowhere, on request. */
export const cacheOf = ({
  network,
  data,
}: Pick<RunConfig, "network"> & { readonly data: Pick<DataConfig, "cache"> }): SessionPlan["cache"] =>
  network.backbone === undefined ? undefined : data.cache === false ? false : cacheFolder(data.cache);
