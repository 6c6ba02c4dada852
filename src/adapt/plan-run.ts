/** From a configuration that names files to the plan of a session. Node only. */
import type { RunConfig } from "../config/schema.ts";
import { cacheFolder } from "../data/cache.ts";
import { networkSource } from "./adapt.ts";
import { preprocessFor } from "./backbone-input.ts";
import { readInputs } from "./inputs.ts";
import type { SessionPlan } from "./plan.ts";
import { type AdaptData, preparePlan } from "./prepare.ts";

/** The data of a run, and the plan that they make with a configuration. */
export async function planRun(config: RunConfig, data?: AdaptData): Promise<{ plan: SessionPlan; data: AdaptData }> {
  const { train, method, evaluate } = config;
  const { read: options } = config.data;
  const { backbone } = config.network;
  const asked = config.data.preprocess;
  const preprocess = backbone === undefined ? asked : await preprocessFor(backbone, asked);
  // Folders of images are read in the size that the backbone wants.
  const read = data ?? (await readInputs({ ...config.data, preprocess }));
  const plan = preparePlan(read, {
    cache: cacheOf(config),
    network: networkSource(config),
    method,
    train,
    evaluate,
    preprocess,
    read: options,
  });
  return { plan, data: read };
}

/** Where the features of its backbone are kept; false: nowhere, on request. */
export const cacheOf = ({ network, data }: RunConfig): SessionPlan["cache"] =>
  network.backbone === undefined ? undefined : data.cache === false ? false : cacheFolder(data.cache);
