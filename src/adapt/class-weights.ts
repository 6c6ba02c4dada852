/** What is known of class weights before training. */
import { settle } from "../dann/networks/options.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import type { MethodConfig } from "../methods/config.ts";
import type { NetworkSource } from "./plan.ts";

/**
 * Statistics by domain bring the shares of the classes together before the first estimate, and a wrong estimate keeps
 * itself: gas sensors 1 -> 2 end with all weight on one class.
 */
export function weightsByDomain(
  { classWeights = "none" }: MethodConfig,
  network: NetworkSource,
  preprocess: PreprocessSpec,
): string[] {
  if (classWeights === "none" || network.kind !== "named") return [];
  const { batchNorm } = settle(network.options, { inputShape: inputShape(preprocess) });
  if (batchNorm !== "perDomain" && batchNorm !== "perDomainStats") return [];
  return [
    `class weights beside batch normalisation by domain (network.options.batchNorm ${batchNorm}), whose statistics hide the shares that they are to find. Mostly better: --set network.options.batchNorm=none`,
  ];
}
