/**
 * Domain-adversarial training (Ganin et al., JMLR 17, 2016): minimises
 *
 *   E~ = L_y + domainWeight L_d(G_d(R_lambda(G_f(x))))
 *
 * `src/dann` has its nouns, and its readings where the papers leave a choice.
 */
import { gradientReversal } from "../dann/gradient-reversal.ts";
import { adversary, adversaryMeasures } from "./adversary.ts";
import { domainOptions } from "./options.ts";
import type { MethodRow } from "./row.ts";

export const dann: MethodRow<typeof domainOptions> = {
  name: "dann",
  description: "aligns the domains' features by an adversarial domain classifier",
  source: "Ganin et al., Domain-Adversarial Training of Neural Networks, JMLR 17 (2016)",
  role: { kind: "base", tellsDomains: true },
  strength: { kind: "lambda" },
  trainsDomainClassifier: true,
  measures: adversaryMeasures,
  options: domainOptions,
  ingredient: (options) => ({
    objective: (pass) => adversary(pass, (features) => gradientReversal(features, pass.lambda), options),
  }),
};
