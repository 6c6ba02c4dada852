/**
 * MCD, maximum classifier discrepancy (Saito et al., CVPR 2018): two label predictors F1, F2 on one feature extractor.
 * A step takes turns on one batch, as in the paper's section 3.3:
 *
 *   A  G_f, F1, F2 minimise  L_y(F1) + L_y(F2)
 *   B  F1, F2 minimise       L_y(F1) + L_y(F2) - d       they look for target rows on which they can differ
 *   C  G_f minimises         d, `generatorUpdates` times (the paper's n, 4)
 *   d = mean over target rows and classes of |softmax F1(G_f(x)) - softmax F2(G_f(x))|
 *
 * B and C are updates after the objective A; each goes through the network with the values that the one before has
 * left. lambda has no part. F1 is the label predictor, which is used afterwards; F2 is of the same form, its parameters
 * are `secondPredictor/...`. Terms that are added belong to A.
 */
import { z } from "zod";
import { predictBoth } from "../dann/both-domains.ts";
import { parts } from "../dann/classify.ts";
import { abs, add, reduceMean, softmax, sub } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { MethodRow, Pass } from "./row.ts";

const options = {
  generatorUpdates: z.int().positive().default(4).describe("updates of G_f by the discrepancy in a step of MCD"),
};

const secondPredictor = "secondPredictor";
const isIn =
  (...scopes: readonly string[]) =>
  (parameter: string): boolean =>
    scopes.some((scope) => parameter.startsWith(`${scope}/`));

export const mcd: MethodRow<typeof options> = {
  name: "mcd",
  description: "two label predictors look for target rows on which they differ, the features for the opposite",
  source: "Saito et al., Maximum Classifier Discrepancy for Unsupervised Domain Adaptation, CVPR 2018",
  role: { kind: "base" },
  needsClasses: "its discrepancy is that of class probabilities",
  options,
  ingredient: ({ generatorUpdates }) => ({
    objective(pass) {
      const { secondLoss, discrepancy } = both(pass);
      return { loss: secondLoss, terms: { secondLabelLoss: secondLoss, discrepancy } };
    },
    after: [
      {
        moves: isIn(parts.labelPredictor, secondPredictor),
        loss(pass) {
          const { firstLoss, secondLoss, discrepancy } = both(pass);
          return sub(add(firstLoss, secondLoss), discrepancy);
        },
      },
      ...Array.from({ length: generatorUpdates }, () => ({
        moves: isIn(parts.featureExtractor),
        loss: (pass: Pass) => both(pass).discrepancy,
      })),
    ],
  }),
};

function both({ network, features, apart, source, target, scope, labelLoss }: Pass): {
  readonly firstLoss: Var;
  readonly secondLoss: Var;
  readonly discrepancy: Var;
} {
  const second = predictBoth(network.labelPredictor, features, apart, scope.child(secondPredictor));
  return {
    firstLoss: labelLoss({ source: source.logits, target: target.logits }).loss,
    secondLoss: labelLoss(second).loss,
    discrepancy: reduceMean(abs(sub(softmax(target.logits(), -1), softmax(second.target(), -1)))),
  };
}
