/**
 * MCC, minimum class confusion (Jin et al., ECCV 2020): no adversary; on the target, classes should not be mixed up,
 *
 *   P = softmax(z / T) of the target's class logits z [Nt, K]
 *   w_i = Nt (1 + exp(-H(P_i))) / sum_j (1 + exp(-H(P_j)))      certain rows count more; no gradient
 *   C = P^T diag(w) P,  C~ = C with its rows divided by their sums
 *   L_MCC = 1/K sum_{i != j} C~_ij                               in [0, 1)
 *
 * L_y + confusionWeight L_MCC. Paper and tllib: T 2.5, weight 1. Alone, or on top of any alignment.
 */
import { z } from "zod";
import { add, div, mul, reduceSum, softmax, sub, unsqueeze } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { certaintyWeights } from "./entropy-conditioning.ts";
import type { MethodRow } from "./row.ts";

const options = {
  temperature: z.number().positive().default(2.5).describe("temperature of the predictions whose confusion MCC counts"),
  confusionWeight: z.number().nonnegative().default(1).describe("factor of MCC's class confusion"),
};

export const mcc: MethodRow<typeof options> = {
  name: "mcc",
  description: "classes should not be confused on the target; no adversary",
  source: "Jin et al., Minimum Class Confusion for Versatile Domain Adaptation, ECCV 2020",
  role: { kind: "term", alone: true, bases: "all" },
  strength: { kind: "option", option: "confusionWeight" },
  needsClasses: "it is about confusions of classes",
  sharpens: "minimises the confusion of classes on the target",
  options,
  ingredient: ({ temperature, confusionWeight }) => ({
    objective({ target }) {
      const confusion = classConfusion(target.logits(), temperature);
      return { loss: mul(confusion, confusionWeight), terms: { classConfusion: confusion } };
    },
  }),
};

/** Keeps a class that no row has any probability of from being 0 / 0. */
const tiny = 1e-30;

/**
 * L_MCC of class logits [N, K]. Probabilities of a row sum to 1, so the row sums of C are sum_i w_i P_ik, its diagonal is
 * sum_i w_i P_ik^2, and what is off the diagonal of C~ is K less the trace: C itself is never made.
 */
export function classConfusion(logits: Var, temperature: number): Var {
  const [, classes] = logits.type.shape;
  if (typeof classes !== "number") throw operatorError("mcc", "class logits [N, classes]", logits);
  const tempered = mul(logits, 1 / temperature);
  const predictions = softmax(tempered, -1);
  // The factor that makes weights of mean 1 is the same above and below the line.
  const weighted = mul(predictions, unsqueeze(certaintyWeights(tempered), [1]));
  const diagonal = reduceSum(mul(weighted, predictions), { axes: [0] });
  const kept = div(diagonal, add(reduceSum(weighted, { axes: [0] }), tiny));
  return sub(1, mul(reduceSum(kept), 1 / classes));
}
