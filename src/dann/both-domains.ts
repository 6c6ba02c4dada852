/**
 * A batch of each domain through G_f and G_y. Rows of both go through G_f as one batch, source first; a batch
 * normalisation that keeps the domains apart knows from the scope's mode which rows are whose.
 */
import { concat, slice } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";
import { type Classifier, parts } from "./classify.ts";

export interface BothBatches {
  /** [Ns, ...] */
  readonly source: Var;
  /** [Nt, ...] */
  readonly target: Var;
  readonly scope: Scope;
}

export interface BothDomains {
  /** [Ns + Nt, F], the source's rows first. */
  readonly features: Var;
  readonly source: {
    /** [Ns, F] */
    readonly features: Var;
    /** [Ns, classes] */
    readonly logits: Var;
  };
  readonly target: {
    /** [Nt, F] */
    readonly features: Var;
    /** [Nt, classes]. Made when first asked for: many methods have no use for them. */
    readonly logits: () => Var;
  };
  /** Cuts what was made of all rows into the two domains' parts. */
  readonly apart: (all: Var) => { readonly source: Var; readonly target: Var };
}

export function bothDomains(network: Classifier, { source, target, scope }: BothBatches): BothDomains {
  const rows = rowsOf(source);
  const apart = (all: Var): { source: Var; target: Var } => ({
    source: slice(all, { axis: 0, start: 0, end: rows }),
    target: slice(all, { axis: 0, start: rows }),
  });
  const features = network.featureExtractor.apply(concat([source, target], 0), scope.child(parts.featureExtractor));
  const own = apart(features);
  const logits = predictBoth(network.labelPredictor, features, apart, scope.child(parts.labelPredictor));
  return {
    features,
    source: { features: own.source, logits: logits.source },
    target: { features: own.target, logits: logits.target },
    apart,
  };
}

/**
 * Class logits of both domains by one predictor. One with batch normalisation sees all rows: the target's running
 * statistics, with which it will be used, have to be learnt. Any other sees the source's rows, and the target's when
 * they are asked for: the result is the same, and half the work where they are not.
 */
export function predictBoth(
  predictor: Layer,
  features: Var,
  apart: BothDomains["apart"],
  scope: Scope,
): { readonly source: Var; readonly target: () => Var } {
  if (predictor.mixesRows) {
    const all = apart(predictor.apply(features, scope));
    return { source: all.source, target: () => all.target };
  }
  const own = apart(features);
  let later: Var | undefined;
  return {
    source: predictor.apply(own.source, scope),
    target() {
      later ??= predictor.apply(own.target, scope);
      return later;
    },
  };
}

function rowsOf(source: Var): number {
  const [rows] = source.type.shape;
  if (typeof rows !== "number") throw operatorError("dann", "a source batch with a number of rows", source);
  return rows;
}
