/**
 * Joins G_f, G_y and G_d by the gradient reversal R_lambda (JMLR 17, figure 1):
 *
 *   x -> G_f -> features -> G_y -> class logits
 *                  |
 *                  R_lambda -> G_d -> domain logit
 */
import type { Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";
import { bothDomains } from "./both-domains.ts";
import { type Classifier, parts } from "./classify.ts";
import { gradientReversal } from "./gradient-reversal.ts";

export interface DannParts extends Classifier {
  readonly domainClassifier: Layer;
}

export interface DannBatch {
  /** [Ns, ...] */
  readonly source: Var;
  /** [Nt, ...] */
  readonly target: Var;
  /** Factor of the reversed gradient. */
  readonly lambda: Var | number;
  readonly scope: Scope;
}

export interface DannOutputs {
  /** [Ns, F] */
  readonly sourceFeatures: Var;
  /** [Nt, F] */
  readonly targetFeatures: Var;
  /** Class logits of the source rows, [Ns, classes]; those of the target have no label to be compared with. */
  readonly classLogits: Var;
  /** [Ns, 1] */
  readonly sourceDomainLogits: Var;
  /** [Nt, 1] */
  readonly targetDomainLogits: Var;
}

export interface Dann {
  readonly parts: DannParts;
  forward(batch: DannBatch): DannOutputs;
}

export function dann(network: DannParts): Dann {
  return {
    parts: network,
    forward({ source, target, lambda, scope }) {
      const both = bothDomains(network, { source, target, scope });
      const domainLogits = both.apart(
        network.domainClassifier.apply(gradientReversal(both.features, lambda), scope.child(parts.domainClassifier)),
      );
      return {
        sourceFeatures: both.source.features,
        targetFeatures: both.target.features,
        classLogits: both.source.logits,
        sourceDomainLogits: domainLogits.source,
        targetDomainLogits: domainLogits.target,
      };
    },
  };
}
