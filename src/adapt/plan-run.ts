/** From a configuration that names files to the plan of a session. Node only. */
import type { RunConfig } from "../config/schema.ts";
import { cacheFolder } from "../data/cache.ts";
import { networkSource } from "./adapt.ts";
import { readInputs } from "./inputs.ts";
import type { SessionPlan } from "./plan.ts";
import { type AdaptData, preparePlan } from "./prepare.ts";
import { preprocessFor } from "./with-backbone.ts";

/** The data of a run, and the plan that they make with a configuration. */
export async function planRun(config: RunConfig, data?: AdaptData): Promise<{ plan: SessionPlan; data: AdaptData }> {
  const read = data ?? (await readInputs(config.data));
  const { train, method, evaluate } = config;
  const { preprocess, read: options } = config.data;
  const { backbone } = config.network;
  const plan = preparePlan(read, {
    network: networkSource(config),
    method,
    train,
    evaluate,
    preprocess: backbone === undefined ? preprocess : await preprocessFor(backbone, preprocess),
    read: options,
  });
  const cache = backbone === undefined ? undefined : cacheFolder(config.data.cache);
  return { plan: { ...plan, ...(cache !== undefined && { cache }) }, data: read };
}
