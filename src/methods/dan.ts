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
import { meanDiscrepancy, relativeWidths } from "./discrepancy/mean-discrepancy.ts";
import type { MethodRow } from "./row.ts";

export const discrepancyOptions = {
  discrepancyWeight: z.number().nonnegative().default(1).describe("factor of the mean discrepancy of DAN and JAN"),
};

export const dan: MethodRow<typeof discrepancyOptions> = {
  name: "dan",
  description: "features of both domains have one mean under several kernels; no adversary",
  source: "Long et al., Learning Transferable Features with Deep Adaptation Networks, ICML 2015",
  role: { kind: "base" },
  options: discrepancyOptions,
  ingredient: ({ discrepancyWeight }) => ({
    objective({ source, target }) {
      const discrepancy = meanDiscrepancy([
        { source: source.features, target: target.features, widths: relativeWidths },
      ]);
      return { loss: mul(discrepancy, discrepancyWeight), terms: { discrepancy } };
    },
  }),
};
