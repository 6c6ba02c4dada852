/** Domain-adversarial training (Ganin et al., JMLR 17, 2016). */
import { dann } from "../dann/dann.ts";
import { domainAccuracy, domainLoss, labelLoss, pseudoObjective } from "../dann/energy.ts";
import { internalError } from "../errors.ts";
import type { MethodConfig } from "./config.ts";
import type { Method } from "./method.ts";

/**
 * Minimises E~ = L_y + domainWeight L_d(G_d(R_lambda(G_f(x)))).
 *
 * Terms: `labelLoss` as trained. `domainLoss` for people and for comparison: always (mean over source + mean over
 * target) / 2 with hard domain labels, without the weight, whatever the reading that is trained; ln 2 = .693 is what a
 * classifier that cannot tell the domains has. `domainAccuracy`: its share of right answers, .5 by chance.
 */
export function dannMethod(config: Omit<MethodConfig, "name">): Method {
  return {
    name: "dann",
    readsTarget: true,
    objective({ network, source, target, lambda, scope }) {
      if (target === undefined) throw internalError("dann was given no target batch");
      const outputs = dann(network).forward({ source: source.x, target: target.x, lambda, scope });
      const logits = { sourceLogits: outputs.sourceDomainLogits, targetLogits: outputs.targetDomainLogits };
      const labels = labelLoss(outputs.classLogits, source.y, { smoothing: config.labelSmoothing });
      const domains = domainLoss(logits, {
        reading: config.domainLoss,
        labelSmoothing: config.domainLabelSmoothing,
      });
      return {
        loss: pseudoObjective(labels, domains, config.domainWeight),
        terms: {
          labelLoss: labels,
          domainLoss: domainLoss(logits, { reading: "half" }),
          domainAccuracy: domainAccuracy(logits),
        },
      };
    },
  };
}
