/** From a configuration that names files to the plan of a session. Node only. */
import type { RunConfig } from "../config/schema.ts";
import { cacheFolder } from "../data/cache.ts";
import { networkSource } from "./adapt.ts";
import { readInputs } from "./inputs.ts";
import type { SessionPlan } from "./plan.ts";
import { type AdaptData, preparePlan } from "./prepare.ts";
import { rowsFor } from "./with-backbone.ts";

export interface PlannedRun {
  readonly plan: SessionPlan;
  readonly data: AdaptData;
  /** The file that the plan's tokens are made with, to be kept with the run. */
  readonly tokenizer?: Uint8Array | undefined;
}

/** The data of a run, and the plan that they make with a configuration. */
export async function planRun(config: RunConfig, data?: AdaptData): Promise<PlannedRun> {
  const read = data ?? (await readInputs(config.data));
  const { train, method, evaluate } = config;
  const { preprocess, read: options } = config.data;
  const { backbone } = config.network;
  const rows = await rowsFor(backbone, preprocess);
  const plan = preparePlan(read, {
    network: networkSource(config),
    method,
    train,
    evaluate,
    ...rows,
    read: options,
  });
  const cache = backbone === undefined ? undefined : cacheFolder(config.data.cache);
  return {
    plan: { ...plan, ...(cache !== undefined && { cache }) },
    data: read,
    tokenizer: rows.tokens?.tokenizer.bytes,
  };
}
