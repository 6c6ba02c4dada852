/**
 * DeepJDOT (Damodaran et al., ECCV 2018, equation 6): each target row is to be classified as the source rows that an optimal
 * transport plan P joins it with, by features f and labels together,
 *
 *   L_y + transportWeight sum_ij P_ij (featureCost |f_i - f_j|^2 + labelCost CE(y_i, G_y(f_j)))
 *
 * P minimises the same sum and is a constant to the gradient; here it is entropic (`discrepancy/transport.ts`). The paper's
 * weights are for sums over batches of 500 and features of 1,000 and more numbers; these defaults are for means.
 */
import { z } from "zod";
import { add, logSoftmax, matmul, mul, neg, oneHot, reduceSum, transpose } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { squaredDistances } from "./discrepancy/distances.ts";
import { transportPlan } from "./discrepancy/transport.ts";
import type { MethodRow } from "./row.ts";

const options = {
  transportWeight: z.number().nonnegative().default(1).describe("factor of DeepJDOT's cost of transport"),
  featureCost: z.number().nonnegative().default(0.01).describe("factor of squared distances of features in the cost"),
  labelCost: z.number().nonnegative().default(1).describe("factor of label losses in the cost of transport"),
};

export const deepJdot: MethodRow<typeof options> = {
  name: "deep-jdot",
  description: "target rows are classified as the source rows that optimal transport joins them with",
  source: "Damodaran et al., DeepJDOT: Deep Joint Distribution Optimal Transport, ECCV 2018",
  role: { kind: "base" },
  strength: { kind: "option", option: "transportWeight" },
  needsClasses: "the cost of transport has the cross-entropy of class labels in it",
  options,
  ingredient: ({ transportWeight, featureCost, labelCost }) => ({
    objective({ source, target }) {
      const distances = mul(squaredDistances(source.features, target.features), featureCost);
      const costs = add(distances, mul(labelCosts(source.y, target.logits()), labelCost));
      const transport = reduceSum(mul(transportPlan(costs), costs));
      return { loss: mul(transport, transportWeight), terms: { transport } };
    },
  }),
};

/** Cross-entropy of each target row's prediction with each source row's label, [Ns, Nt]. */
function labelCosts(y: Var, targetLogits: Var): Var {
  const [, classes] = targetLogits.type.shape;
  if (typeof classes !== "number") throw operatorError("deep-jdot", "class logits [N, classes]", targetLogits);
  return neg(matmul(oneHot(y, classes), transpose(logSoftmax(targetLogits, -1), [1, 0])));
}
