/**
 * SHOT, source hypothesis transfer (Liang et al., Do We Really Need to Access the Source Data?, ICML 2020): goes on from a
 * trained model with rows of the target alone. G_y, the hypothesis, is frozen; G_f learns features that it is sure of, of
 * all classes, and of the class that the row's neighbours in the features have (equations 3 to 7):
 *
 *   informationWeight (mean_i H(p_i) - H(mean_i p_i)) + pseudoWeight mean_i CE(y^_i, p_i),   p = softmax G_y(G_f(x))
 *
 * y^ are the classes of the nearest centroids (`centroids.ts`), found anew every `pseudoEvery` passes over the target.
 * Authors: informationWeight 1, pseudoWeight .3 (digits .1), 15 times a run. Their source model has weight and batch
 * normalisation before a normalised last layer, and is trained with smoothed labels (.1); here it is the run's own. With the
 * smoothing USPS -> MNIST comes to .983, without it to .909 (docs/which-method.md).
 */
import { z } from "zod";
import { parts } from "../dann/classify.ts";
import { labelLoss } from "../dann/energy.ts";
import { add, log, mul, neg, reduceMean, reduceSum, softmax, sub } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { centroidLabels } from "./centroids.ts";
import { rowEntropy } from "./probabilities.ts";
import type { MethodRow } from "./row.ts";

const options = {
  informationWeight: z.number().nonnegative().default(1).describe("factor of SHOT's information maximisation"),
  pseudoWeight: z.number().nonnegative().default(0.3).describe("factor of the label loss with SHOT's pseudo-labels"),
  pseudoEvery: z
    .int()
    .positive()
    .default(1)
    .describe("passes over the target from one time that SHOT finds pseudo-labels to the next"),
};

export const shot: MethodRow<typeof options> = {
  name: "shot",
  description: "goes on from a trained model without source rows: certain, varied predictions and pseudo-labels",
  source: "Liang et al., Do We Really Need to Access the Source Data?, ICML 2020",
  role: { kind: "refinement" },
  smoothedStart: 0.1,
  measures: ["targetDiversity"],
  options,
  ingredient: ({ informationWeight, pseudoWeight, pseudoEvery }) => ({
    moves: (parameter) => !parameter.startsWith(`${parts.labelPredictor}/`),
    pseudoLabels: { every: pseudoEvery, label: centroidLabels },
    refine({ target }) {
      const { logits, pseudoLabels } = target;
      if (pseudoLabels === undefined) throw operatorError("shot", "pseudo-labels beside the rows", logits);
      const targetEntropy = reduceMean(rowEntropy(logits));
      const targetDiversity = entropyOfMean(logits);
      const pseudoLoss = labelLoss(logits, pseudoLabels);
      return {
        loss: add(mul(sub(targetEntropy, targetDiversity), informationWeight), mul(pseudoLoss, pseudoWeight)),
        terms: { targetEntropy, targetDiversity, pseudoLoss },
      };
    },
  }),
};

/** Keeps a class of no probability from being 0 log 0. */
const tiny = 1e-30;

/** Entropy of the mean prediction of a batch of class logits, in nats: ln K where all classes are used alike. */
function entropyOfMean(logits: Var): Var {
  const mean = reduceMean(softmax(logits, -1), { axes: [0] });
  return neg(reduceSum(mul(mean, log(add(mean, tiny)))));
}
