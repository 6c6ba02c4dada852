/**
 * ADDA, adversarial discriminative domain adaptation (Tzeng et al., CVPR 2017, equations 5 to 9), in two phases of a run:
 *
 *   1  the first `pretraining` of the steps: G_f and G_y minimise L_y alone
 *   2  G_f is the target's encoder from here on; as it is now it stays the source's, a frozen copy M_s. In turns
 *      G_d minimises  L_d(G_d(M_s(x_s)), source) + L_d(G_d(G_f(x_t)), target)
 *      G_f minimises  addaWeight L_d(G_d(G_f(x_t)), source)      labels are inverted, no gradient is reversed
 *
 * G_y stays as it was pretrained. Rows of the source are predicted by M_s, rows of the target by G_f (figure 3 of the
 * paper), so accuracy on the source does not tell whether G_f is still right. lambda has no part. Each phase has an
 * optimiser that starts afresh. Where batch normalisation keeps the domains apart, the target's scale and shift start
 * phase 2 from the source's.
 */
import { z } from "zod";
import { classify, parts } from "../dann/classify.ts";
import { type DomainLogits, domainAccuracy, domainLoss } from "../dann/energy.ts";
import { concat, mul, reduceMean, softplus, stopGradient } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { frozenCopy } from "../nn/frozen-copy.ts";
import type { MethodRow, Pass } from "./row.ts";

const options = {
  pretraining: z.number().min(0).lt(1).default(0.5).describe("share of ADDA's steps that train on the source alone"),
  addaWeight: z.number().nonnegative().default(1).describe("factor of the loss by which ADDA's target encoder learns"),
};

export const adda: MethodRow<typeof options> = {
  name: "adda",
  description:
    "after training on the source, an encoder of the target learns to pass for the source's, which is frozen",
  source: "Tzeng et al., Adversarial Discriminative Domain Adaptation, CVPR 2017",
  role: { kind: "base" },
  strength: { kind: "option", option: "addaWeight" },
  trainsDomainClassifier: true,
  measures: ["domainAccuracy"],
  sharpens: "makes features of the target look like the source's, of which the answers are sure",
  options,
  ingredient: ({ pretraining, addaWeight }) => ({
    warmUp: { share: pretraining },
    sourceNetwork: "frozen",
    learnsLabels: false,
    before: [
      {
        moves: (parameter) => parameter.startsWith(`${parts.domainClassifier}/`),
        loss: (pass) => domainLoss(told(pass)),
      },
    ],
    moves: (parameter) => parameter.startsWith(`${parts.featureExtractor}/`),
    objective(pass) {
      const passing = reduceMean(softplus(domainOf(pass, pass.target.features)));
      const logits = told(pass);
      return {
        loss: mul(passing, addaWeight),
        terms: { passing, domainLoss: domainLoss(logits, { reading: "half" }), domainAccuracy: domainAccuracy(logits) },
      };
    },
  }),
};

const domainOf = ({ network, scope }: Pass, features: Var): Var =>
  network.domainClassifier.apply(features, scope.child(parts.domainClassifier));

/** G_d on the source's encoder's features of source rows, and the target's of target rows, as constants. */
function told(pass: Pass): DomainLogits {
  const { network, scope, source, target, apart } = pass;
  // Normalisation over a batch wants it whole. G_y is copied as well: its statistics of the source are those of M_s.
  const all = classify(network, concat([source.x, target.x], 0), frozenCopy(scope)).features;
  return {
    sourceLogits: domainOf(pass, stopGradient(apart(all).source)),
    targetLogits: domainOf(pass, stopGradient(target.features)),
  };
}
