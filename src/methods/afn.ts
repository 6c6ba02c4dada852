/**
 * AFN, adaptive feature norm (Xu et al., ICCV 2019), in its stepwise form: features of both domains grow,
 *
 *   L_y + normWeight sum over domains of mean_i (|f_i| - (|f_i| as it is + normStep))^2
 *
 * Paper and tllib: weight .05, step 1. The term's value is always the square of the step for each domain; what to watch is
 * `featureNorm`, the target's mean norm. Alone, or on top of any alignment.
 */
import { z } from "zod";
import { add, mul, reduceL2, reduceMean } from "../graph/index.ts";
import { normGrowth } from "./discrepancy/feature-norm.ts";
import type { MethodRow } from "./row.ts";

const options = {
  normWeight: z.number().nonnegative().default(0.05).describe("factor of AFN's growth of feature norms"),
  normStep: z.number().positive().default(1).describe("by how much AFN wants each norm to grow"),
};

export const afn: MethodRow<typeof options> = {
  name: "afn",
  description: "feature norms of both domains grow step by step; no adversary",
  source: "Xu et al., Larger Norm More Transferable: An Adaptive Feature Norm Approach, ICCV 2019",
  role: { kind: "term", alone: true, bases: "all" },
  strength: { kind: "option", option: "normWeight" },
  measures: ["featureNorm"],
  sharpens: "lets the norms of the features grow, and the logits with them",
  options,
  ingredient: ({ normWeight, normStep }) => ({
    objective({ source, target }) {
      const growth = add(normGrowth(source.features, normStep), normGrowth(target.features, normStep));
      return {
        loss: mul(growth, normWeight),
        terms: { featureNorm: reduceMean(reduceL2(target.features, { axes: [1] })) },
      };
    },
  }),
};
