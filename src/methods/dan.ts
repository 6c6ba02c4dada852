/**
 * DAN, deep adaptation network (Long et al., ICML 2015): no adversary; features of the domains should have one mean in the
 * spaces of several Gaussian kernels,
 *
 *   L_y + discrepancyWeight MMD^2(features of the source, features of the target)
 *
 * over whole batches (the paper's estimate in linear time has a larger variance), at G_f's last layer, as tllib does; the
 * paper matches three layers of AlexNet. The kernels' widths are multiples of the batch's own mean squared distance.
 */
import { z } from "zod";
import { mul } from "../graph/index.ts";
import { type KernelSpace, meanDiscrepancy, relativeWidths } from "./discrepancy/mean-discrepancy.ts";
import type { Objective } from "./method.ts";
import type { MethodRow } from "./row.ts";

export const discrepancyOptions = {
  discrepancyWeight: z.number().nonnegative().default(1).describe("factor of the mean discrepancy of DAN and JAN"),
};

/** What DAN and JAN add to the label loss: rows of both domains should have one mean under the kernels of these spaces. */
export function oneMean(spaces: readonly [KernelSpace, ...KernelSpace[]], weight: number): Objective {
  const discrepancy = meanDiscrepancy(spaces);
  return { loss: mul(discrepancy, weight), terms: { discrepancy } };
}

export const dan: MethodRow<typeof discrepancyOptions> = {
  name: "dan",
  description: "features of both domains have one mean under several kernels; no adversary",
  source: "Long et al., Learning Transferable Features with Deep Adaptation Networks, ICML 2015",
  role: { kind: "base" },
  strength: { kind: "option", option: "discrepancyWeight" },
  options: discrepancyOptions,
  ingredient: ({ discrepancyWeight }) => ({
    objective({ source, target }) {
      return oneMean([{ source: source.features, target: target.features, widths: relativeWidths }], discrepancyWeight);
    },
  }),
};
