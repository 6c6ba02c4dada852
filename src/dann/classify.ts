/** G_y(G_f(x)): what a trained network is used for. The domain classifier has no part in it. */
import type { Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";

/** G_f and G_y. */
export interface Classifier {
  readonly featureExtractor: Layer;
  readonly labelPredictor: Layer;
}

/** Names of the parts' scopes: the first element of every parameter's path. Learning rates by part go by them. */
export const parts = {
  featureExtractor: "featureExtractor",
  labelPredictor: "labelPredictor",
  domainClassifier: "domainClassifier",
} as const satisfies Record<string, string>;

export interface Classified {
  /** [N, F] */
  readonly features: Var;
  /** [N, classes] */
  readonly logits: Var;
}

export function classify(network: Classifier, x: Var, scope: Scope): Classified {
  const features = network.featureExtractor.apply(x, scope.child(parts.featureExtractor));
  return { features, logits: network.labelPredictor.apply(features, scope.child(parts.labelPredictor)) };
}
