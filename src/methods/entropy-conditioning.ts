/**
 * Entropy conditioning, the E of CDAN+E (Long et al., Conditional Adversarial Domain Adaptation, NeurIPS 2018,
 * equation 7): rows that are classified with certainty count more in the domain loss,
 *
 *   w(x) = 1 + exp(-H(softmax G_y(G_f(x)))), H the entropy in nats,
 *
 * in each domain's weighted mean sum w l / sum w, as in the authors' release (tllib normalises over both domains
 * together). No gradient flows through the weights (tllib; the release reverses one).
 */
import type { RowWeights } from "../dann/energy.ts";
import { add, exp, neg, stopGradient } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { rowEntropy } from "./probabilities.ts";
import type { MethodRow } from "./row.ts";

/** 1 + exp(-H) of each row of class logits [N, classes]: [N], in (1, 2], a constant to the gradient. */
export const certaintyWeights = (logits: Var): Var => stopGradient(add(exp(neg(rowEntropy(logits))), 1));

export const entropyConditioning: MethodRow<Record<never, never>> = {
  name: "e",
  description: "rows that are classified with certainty count more in the domain loss: cdan+e",
  source: "Long et al., Conditional Adversarial Domain Adaptation, NeurIPS 2018",
  role: {
    kind: "term",
    alone: false,
    bases: ["dann", "cdan", "vada"],
    because: "it weighs the rows of a domain loss",
  },
  needsClasses: "it weighs rows by the entropy of class probabilities",
  options: {},
  ingredient: () => ({
    rowWeights: ({ source, target }): RowWeights => ({
      source: certaintyWeights(source.logits),
      target: certaintyWeights(target.logits()),
    }),
  }),
};
