/** The domain classifier as an adversary: what DANN and the methods that condition or extend it have in common. */
import { parts } from "../dann/classify.ts";
import { type DomainLogits, domainAccuracy, domainLoss } from "../dann/energy.ts";
import { mul } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Objective } from "./method.ts";
import type { domainOptions } from "./options.ts";
import type { OptionValues, Pass } from "./row.ts";

export type DomainOptions = OptionValues<typeof domainOptions>;

/**
 * domainWeight L_d(G_d(...)), L_d of what `reversed` makes of the features: it has the reversal R_lambda in it.
 *
 * Terms: `domainLoss` for people and for comparison: always (mean over source + mean over target) / 2 with hard domain
 * labels, without weights, whatever the reading that is trained; ln 2 = .693 is what a classifier that cannot tell the
 * domains has. `domainAccuracy`: its share of right answers, .5 by chance.
 */
export function adversary(pass: Pass, reversed: (features: Var) => Var, options: DomainOptions): Objective {
  const { network, scope, features, apart } = pass;
  const { source, target } = apart(
    network.domainClassifier.apply(reversed(features), scope.child(parts.domainClassifier)),
  );
  const logits: DomainLogits = { sourceLogits: source, targetLogits: target };
  const trained = domainLoss(logits, {
    reading: options.domainLoss,
    labelSmoothing: options.domainLabelSmoothing,
    weights: pass.rowWeights(),
  });
  return {
    loss: options.domainWeight === 1 ? trained : mul(trained, options.domainWeight),
    terms: { domainLoss: domainLoss(logits, { reading: "half" }), domainAccuracy: domainAccuracy(logits) },
  };
}
