/**
 * VADA, virtual adversarial domain adaptation (Shu et al., A DIRT-T Approach to Unsupervised Domain Adaptation, ICLR
 * 2018): DANN on features whose classes have gaps between them, in both domains (equation 9),
 *
 *   L_y + domainWeight L_d(G_d(R_lambda(G_f(x))))
 *       + vatSourceWeight VAT_source + vatTargetWeight VAT_target + entropyWeight H_target
 *
 * H_target is the mean entropy of the target's predictions in nats, VAT as in `vat.ts`. The paper has one weight lambda_t
 * of 1e-2 to 1e-1 for VAT_target and H_target, a lambda_s of 0 or 1 for VAT_source, and 1e-2 of the domain loss, in turns
 * with G_d; here the reversal's lambda is that 1e-2 (`train.lambda.max`). The two weights of lambda_t are apart because
 * entropy that is pressed down before the domains are aligned holds rows on the wrong side.
 */
import { z } from "zod";
import { add, mul, reduceMean } from "../graph/index.ts";
import { adversaryMeasures } from "./adversary.ts";
import { dann } from "./dann.ts";
import { rowEntropy } from "./probabilities.ts";
import type { MethodRow } from "./row.ts";
import { vat } from "./vat.ts";

const options = {
  ...dann.options,
  ...vat.options,
  entropyWeight: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe("factor of the entropy of the target's predictions in VADA"),
};

export const vada: MethodRow<typeof options> = {
  name: "vada",
  description: "DANN with certain predictions on the target that small changes of the rows do not change",
  source: "Shu et al., A DIRT-T Approach to Unsupervised Domain Adaptation, ICLR 2018",
  role: { kind: "base", contains: ["vat"], tellsDomains: true },
  strength: { kind: "lambda" },
  trainsDomainClassifier: true,
  needsClasses: "it minimises the entropy of class probabilities",
  measures: adversaryMeasures,
  sharpens: "minimises the entropy of the answers on the target",
  options,
  ingredient(settings) {
    const [domains, smooth] = [dann.ingredient(settings), vat.ingredient(settings)];
    return {
      objective(pass) {
        const entropy = reduceMean(rowEntropy(pass.target.logits()));
        const parts = [domains, smooth].flatMap(({ objective }) => objective?.(pass) ?? []);
        return {
          loss: parts.reduce((sum, { loss }) => add(sum, loss), mul(entropy, settings.entropyWeight)),
          terms: Object.assign({ targetEntropy: entropy }, ...parts.map(({ terms }) => terms)),
        };
      },
    };
  },
};
