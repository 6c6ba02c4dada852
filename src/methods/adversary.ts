/** The domain classifier as an adversary: what DANN and the methods that condition or extend it have in common. */
import { parts } from "../dann/classify.ts";
import { type DomainLogits, domainAccuracy, domainLoss, targetLogit } from "../dann/energy.ts";
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
 * domains has. `domainAccuracy`: its share of right answers, .5 by chance. Of several sources both are about the target
 * against all of them together.
 */
export function adversary(pass: Pass, reversed: (features: Var) => Var, options: DomainOptions): Objective {
  const { network, scope, features, apart } = pass;
  const { source, target } = apart(
    network.domainClassifier.apply(reversed(features), scope.child(parts.domainClassifier)),
  );
  const sourceOf = pass.source.of;
  const trained = domainLoss(
    { sourceLogits: source, targetLogits: target, sourceOf },
    {
      reading: options.domainLoss,
      labelSmoothing: options.domainLabelSmoothing,
      weights: pass.rowWeights(),
    },
  );
  const told: DomainLogits =
    sourceOf === undefined
      ? { sourceLogits: source, targetLogits: target }
      : { sourceLogits: targetLogit(source), targetLogits: targetLogit(target) };
  return {
    loss: options.domainWeight === 1 ? trained : mul(trained, options.domainWeight),
    terms: { domainLoss: domainLoss(told, { reading: "half" }), domainAccuracy: domainAccuracy(told) },
  };
}
