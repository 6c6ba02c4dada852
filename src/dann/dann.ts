/**
 * Joins G_f, G_y and G_d by the gradient reversal R_lambda (JMLR 17, figure 1):
 *
 *   x -> G_f -> features -> G_y -> class logits
 *                  |
 *                  R_lambda -> G_d -> domain logit
 *
 * Rows of both domains go through G_f as one batch, source first; a batch normalisation that keeps the domains apart
 * knows from the scope's mode which rows are whose.
 */
import { concat, slice } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";
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
      const rows = rowsOf(source);
      const own = (all: Var): Var => slice(all, { axis: 0, start: 0, end: rows });
      const others = (all: Var): Var => slice(all, { axis: 0, start: rows });
      const features = network.featureExtractor.apply(concat([source, target], 0), scope.child(parts.featureExtractor));
      const domainLogits = network.domainClassifier.apply(
        gradientReversal(features, lambda),
        scope.child(parts.domainClassifier),
      );
      return {
        sourceFeatures: own(features),
        targetFeatures: others(features),
        classLogits: classLogits(network.labelPredictor, features, own, scope.child(parts.labelPredictor)),
        sourceDomainLogits: own(domainLogits),
        targetDomainLogits: others(domainLogits),
      };
    },
  };
}

/**
 * A label predictor with batch normalisation sees the rows of both domains: the target's running statistics, with which
 * it will be used, have to be learnt. Any other sees the source's rows alone: the result is the same and half the work.
 */
const classLogits = (predictor: Layer, features: Var, own: (all: Var) => Var, scope: Scope): Var =>
  predictor.mixesRows ? own(predictor.apply(features, scope)) : predictor.apply(own(features), scope);

function rowsOf(source: Var): number {
  const [rows] = source.type.shape;
  if (typeof rows !== "number") throw operatorError("dann", "a source batch with a number of rows", source);
  return rows;
}
