/**
 * The losses, and the two ways of writing the objective. All are scalars in nats.
 *
 *   E  = L_y - lambda (L_d of source + L_d of target)          the saddle: G_f, G_y minimise, G_d maximises
 *   E~ = L_y + w L_d(G_d(R_lambda(G_f(x))))                    what one ordinary gradient step minimises
 *
 * (JMLR 17, equations 10 and 18.) L_d is read in two ways, a factor 2 of the reversed gradient apart:
 *
 *   sum:  mean over source + mean over target       the paper's equation
 *   half: half of that                              the Caffe release (mean over a batch of both), tllib
 *
 * and w is `domainWeight`, which unlike lambda scales the domain classifier's own gradient too: the shallow algorithm
 * (JMLR 17, algorithm 1) is lambda 1 and w its lambda; the authors' Office runs had w = .1.
 */
import { type Domain, domainLabel } from "../domain.ts";
import {
  add,
  cast,
  div,
  greater,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softplus,
  sub,
  unsqueeze,
} from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";

/** Whether the domain loss is the sum of the two domains' means, or half of it. */
export type DomainLossReading = "sum" | "half";

export interface LabelLossOptions {
  /** Share s of the label that is spread over all classes, (1 - s) y + s / classes; default 0. */
  readonly smoothing?: number;
  /** A factor [N] of each row's loss, before the mean over all rows; default 1. */
  readonly weights?: Var | undefined;
}

/** Mean cross-entropy of class logits [N, classes], at least 2, with class indices y int64 [N]. */
export function labelLoss(logits: Var, y: Var, options: LabelLossOptions = {}): Var {
  const { smoothing = 0, weights } = options;
  const [, classes] = logits.type.shape;
  // Softmax over one logit is 1 whatever the logit is: a loss of exactly zero that trains nothing.
  if (logits.type.shape.length !== 2 || typeof classes !== "number" || classes < 2)
    throw operatorError("label loss", "class logits [N, classes] with at least 2 classes", logits);
  const logProbabilities = logSoftmax(logits, -1);
  const picked = reduceSum(mul(oneHot(y, classes), logProbabilities), { axes: [1] });
  const hard = neg(reduceMean(weights === undefined ? picked : mul(picked, weights)));
  if (smoothing === 0) return hard;
  const spread = weights === undefined ? logProbabilities : mul(logProbabilities, unsqueeze(weights, [1]));
  return add(mul(hard, 1 - smoothing), mul(neg(reduceMean(spread)), smoothing));
}

/**
 * Domain logits of a batch of each domain, [Ns, 1] and [Nt, 1]. With several sources S a logit for each of them and, last,
 * one for the target, [Ns, S + 1] and [Nt, S + 1]; `sourceOf`, int64 [Ns], says which source each row is from.
 */
export interface DomainLogits {
  readonly sourceLogits: Var;
  readonly targetLogits: Var;
  readonly sourceOf?: Var | undefined;
}

export interface DomainLossOptions {
  /** Default `sum`, the paper's. */
  readonly reading?: DomainLossReading;
  /** Environment label smoothing e: the label is 1 - e for a row's own domain, e in all for the others; default 0. */
  readonly labelSmoothing?: number;
  /** How much each row counts in its domain's mean; default all the same. */
  readonly weights?: RowWeights | undefined;
  /** A factor [Ns] of each source row's loss, before the mean; default 1. Unlike `weights` it is not divided by its sum. */
  readonly sourceImportance?: Var | undefined;
}

/** A weight for each row of a batch of each domain, [Ns] and [Nt]; only their ratios within a domain matter. */
export interface RowWeights {
  readonly source: Var;
  readonly target: Var;
}

/**
 * Cross-entropy of the domain logits with the domain labels, each domain's mean, summed or halved: binary with one source,
 * as in the paper; over S + 1 domains with several. All rows of all sources have one mean.
 */
export function domainLoss(logits: DomainLogits, options: DomainLossOptions = {}): Var {
  const { reading = "sum", labelSmoothing = 0, weights, sourceImportance: importance } = options;
  const losses =
    logits.sourceOf === undefined
      ? {
          source: domainCrossEntropy(logits.sourceLogits, "source", labelSmoothing),
          target: domainCrossEntropy(logits.targetLogits, "target", labelSmoothing),
        }
      : amongSources(logits, logits.sourceOf, labelSmoothing);
  const ofSource =
    importance === undefined ? losses.source : mul(reshape(losses.source, importance.type.shape), importance);
  const sum = add(meanOf(ofSource, weights?.source), meanOf(losses.target, weights?.target));
  switch (reading) {
    case "sum":
      return sum;
    case "half":
      return mul(sum, 0.5);
    default:
      throw operatorError(`domain loss ${String(reading satisfies never)}`, "the reading sum or half");
  }
}

/**
 * For each row of one domain -q log sigmoid(z) - (1 - q) log(1 - sigmoid(z)), q the smoothed domain label, written
 * softplus(z) - q z: the same function, but finite for every z, where the logarithm of a sigmoid is not.
 */
function domainCrossEntropy(logits: Var, domain: Domain, smoothing: number): Var {
  const z = requireDomainLogit(logits);
  const q = domainLabel(domain) * (1 - 2 * smoothing) + smoothing;
  return q === 0 ? softplus(z) : sub(softplus(z), mul(z, q));
}

const meanOf = (losses: Var, weights: Var | undefined): Var =>
  weights === undefined
    ? reduceMean(losses)
    : div(reduceSum(mul(reshape(losses, weights.type.shape), weights)), reduceSum(weights));

/** For each row -sum over domains d of q_d log softmax(z)_d, [N]. */
function amongSources(
  { sourceLogits, targetLogits }: DomainLogits,
  sourceOf: Var,
  smoothing: number,
): { readonly source: Var; readonly target: Var } {
  const width = domainsOf(sourceLogits);
  const source = logSoftmax(sourceLogits, -1);
  const target = logSoftmax(targetLogits, -1);
  const others = smoothing / (width - 1);
  const loss = (own: Var, all: Var): Var =>
    neg(smoothing === 0 ? own : add(mul(own, 1 - smoothing - others), mul(reduceSum(all, { axes: [1] }), others)));
  return {
    source: loss(reduceSum(mul(oneHot(sourceOf, width), source), { axes: [1] }), source),
    target: loss(reduceSum(slice(target, { axis: 1, start: width - 1 }), { axes: [1] }), target),
  };
}

/**
 * The logit [N, 1] of "target" against all sources together, of domain logits [N, S + 1]: log p_target - log (1 -
 * p_target) of their softmax. What holds of one source's logit holds of it: a domain loss of ln 2 is that of guessing.
 */
export function targetLogit(logits: Var): Var {
  const width = domainsOf(logits);
  const sources = slice(logits, { axis: 1, start: 0, end: width - 1 });
  const first = (all: Var): Var => slice(all, { axis: 1, start: 0, end: 1 });
  // log sum exp z = z_0 - log softmax(z)_0
  const together = sub(first(sources), first(logSoftmax(sources, -1)));
  return sub(slice(logits, { axis: 1, start: width - 1 }), together);
}

/** Number of domains that logits [N, S + 1] tell apart. */
function domainsOf(logits: Var): number {
  const [, width] = logits.type.shape;
  if (logits.type.shape.length !== 2 || typeof width !== "number" || width < 3)
    throw operatorError("domain loss", "a domain logit for each of several sources and the target, [N, S + 1]", logits);
  return width;
}

/**
 * Share of rows whose domain the classifier tells, the mean of the two domains' shares: .5 for a classifier that says
 * the same of every row, whatever the sizes of the batches. Not differentiable.
 */
export function domainAccuracy({ sourceLogits, targetLogits }: DomainLogits): Var {
  const saysTarget = (logits: Var): Var => reduceMean(cast(greater(requireDomainLogit(logits), 0), "float32"));
  const right = (domain: Domain, share: Var): Var => (domainLabel(domain) === 1 ? share : sub(1, share));
  return mul(add(right("source", saysTarget(sourceLogits)), right("target", saysTarget(targetLogits))), 0.5);
}

/** E, the function whose saddle point is sought (JMLR 17, equation 10). For reports and tests: nothing minimises it. */
export const energy = (labels: Var, domains: Var, lambda: Var | number): Var => sub(labels, mul(domains, lambda));

/** E~, the pseudo-objective that gradient descent minimises: the domain loss must have gone through R_lambda. */
export const pseudoObjective = (labels: Var, reversedDomains: Var, domainWeight = 1): Var =>
  add(labels, domainWeight === 1 ? reversedDomains : mul(reversedDomains, domainWeight));

function requireDomainLogit(logits: Var): Var {
  const [, width] = logits.type.shape;
  if (logits.type.shape.length !== 2 || width !== 1)
    throw operatorError("domain loss", "one domain logit a row, [N, 1]", logits);
  return logits;
}
