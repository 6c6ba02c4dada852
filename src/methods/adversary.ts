/** The domain classifier as an adversary: what DANN and the methods that condition or extend it have in common. */
import { parts } from "../dann/classify.ts";
import { type DomainLogits, domainAccuracy, domainLoss, targetLogit } from "../dann/energy.ts";
import { usageError } from "../errors.ts";
import { add, gradients, mul, reduceMean, reduceSum, square, stopGradient } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Scope } from "../nn/layer.ts";
import { keepingStatistics } from "../nn/scope.ts";
import { spectrallyNormalised } from "../nn/spectral-norm.ts";
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
 * against all of them together. `domainSteepness`: what `domainGradientPenalty` keeps small, where it is asked for.
 */
export function adversary(pass: Pass, reversed: (features: Var) => Var, options: DomainOptions): Objective {
  const { scope, features, apart } = pass;
  const own = scope.child(parts.domainClassifier);
  const place = options.domainSpectralNorm ? spectrallyNormalised(own) : own;
  const seen = reversed(features);
  const { source, target } = apart(pass.network.domainClassifier.apply(seen, place));
  const sourceOf = pass.source.of;
  const trained = domainLoss(
    { sourceLogits: source, targetLogits: target, sourceOf },
    {
      reading: options.domainLoss,
      labelSmoothing: options.domainLabelSmoothing,
      weights: pass.rowWeights(),
      sourceImportance: pass.classWeights,
    },
  );
  const told: DomainLogits =
    sourceOf === undefined
      ? { sourceLogits: source, targetLogits: target }
      : { sourceLogits: targetLogit(source), targetLogits: targetLogit(target) };
  const weighted = options.domainWeight === 1 ? trained : mul(trained, options.domainWeight);
  const terms = { domainLoss: domainLoss(told, { reading: "half" }), domainAccuracy: domainAccuracy(told) };
  if (options.domainGradientPenalty === 0) return { loss: weighted, terms };
  const domainSteepness = steepness(pass, stopGradient(seen), place);
  return {
    loss: add(weighted, mul(domainSteepness, options.domainGradientPenalty / 2)),
    terms: { ...terms, domainSteepness },
  };
}

/** What of its terms is no loss. */
export const adversaryMeasures = ["domainAccuracy"] as const;

/**
 * Mean squared length of the gradient of G_d's logit (of several sources: the target's against theirs) by what it sees, at rows [N, D] of both domains: the zero-centred
 * penalty of Mescheder et al. (ICML 2018, R1 and R2), which lets adversarial training converge. It teaches G_d alone.
 */
function steepness({ network, source }: Pass, rows: Var, place: Scope): Var {
  if (network.domainClassifier.mixesRows)
    throw usageError(
      "gradient-penalty",
      "domainGradientPenalty: expected a domain classifier that takes each row by itself, got one with batch normalisation",
      "Leave batch normalisation out of the domain classifier, or the penalty.",
    );
  // Rows do not mix: the gradient of the sum is each row's own.
  const all = network.domainClassifier.apply(rows, keepingStatistics(place));
  const logit = source.of === undefined ? all : targetLogit(all);
  const [slopes] = gradients(reduceSum(logit), [rows]) as [Var];
  return reduceMean(reduceSum(square(slopes), { axes: [1] }));
}
