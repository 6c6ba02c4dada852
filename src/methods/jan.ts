/**
 * JAN, joint adaptation network (Long et al., ICML 2017): as DAN, but features f and predictions p = softmax G_y(f) together
 * should have one mean,
 *
 *   L_y + discrepancyWeight MMD^2((f, p) of the source, (f, p) of the target),   kernel k_f(f, f') k_p(p, p')
 *
 * with several widths for features and one of sigma .92 for predictions, as in the authors' release. The gradient passes
 * through the predictions.
 */
import { softmax } from "../graph/index.ts";
import { discrepancyOptions, oneMean } from "./dan.ts";
import { predictionWidths, relativeWidths } from "./discrepancy/mean-discrepancy.ts";
import type { MethodRow } from "./row.ts";

export const jan: MethodRow<typeof discrepancyOptions> = {
  name: "jan",
  description: "features and predictions together have one mean in both domains, under a product of kernels",
  source: "Long et al., Deep Transfer Learning with Joint Adaptation Networks, ICML 2017",
  role: { kind: "base" },
  strength: { kind: "option", option: "discrepancyWeight" },
  needsClasses: "it matches class probabilities with the features",
  options: discrepancyOptions,
  ingredient: ({ discrepancyWeight }) => ({
    objective({ source, target }) {
      return oneMean(
        [
          { source: source.features, target: target.features, widths: relativeWidths },
          { source: softmax(source.logits, -1), target: softmax(target.logits(), -1), widths: predictionWidths },
        ],
        discrepancyWeight,
      );
    },
  }),
};
