/**
 * VADA, virtual adversarial domain adaptation (Shu et al., A DIRT-T Approach to Unsupervised Domain Adaptation, ICLR
 * 2018): DANN on features whose classes have gaps between them, in both domains (equation 9),
 *
 *   L_y + domainWeight L_d(G_d(R_lambda(G_f(x))))
 *       + vatSourceWeight VAT_source + clusterWeight ( VAT_target + H_target )
 *
 * H_target is the mean entropy of the target's predictions, VAT as in `vat.ts`. The paper's weights: clusterWeight
 * (lambda_t) 1e-2 to 1e-1, vatSourceWeight (lambda_s) 0 or 1, and 1e-2 of the domain loss in turns with G_d; here the
 * reversal's lambda is that 1e-2 (`train.lambda.max`).
 */
import { z } from "zod";
import { gradientReversal } from "../dann/gradient-reversal.ts";
import { add, mul, reduceMean } from "../graph/index.ts";
import { adversary } from "./adversary.ts";
import { domainOptions } from "./options.ts";
import { rowEntropy } from "./probabilities.ts";
import type { MethodRow } from "./row.ts";
import { vatOptions, virtualAdversarial } from "./vat.ts";

const options = {
  ...domainOptions,
  ...vatOptions,
  clusterWeight: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe("factor of VADA's entropy and virtual adversarial loss on the target"),
};

export const vada: MethodRow<typeof options> = {
  name: "vada",
  description: "DANN with certain predictions on the target that small changes of the rows do not change",
  source: "Shu et al., A DIRT-T Approach to Unsupervised Domain Adaptation, ICLR 2018",
  role: { kind: "base", contains: ["vat"] },
  options,
  ingredient: (settings) => ({
    objective(pass) {
      const domains = adversary(pass, (features) => gradientReversal(features, pass.lambda), settings);
      const entropy = reduceMean(rowEntropy(pass.target.logits()));
      const { source, target } = virtualAdversarial(pass, settings.vatRadius);
      const cluster = mul(add(target, entropy), settings.clusterWeight);
      return {
        loss: add(domains.loss, add(mul(source, settings.vatSourceWeight), cluster)),
        terms: { ...domains.terms, targetEntropy: entropy, vatSource: source, vatTarget: target },
      };
    },
  }),
};
