/** What a session's models tell about its health: evidence from the sampled rows, no target label among it. */
import { domainDistance, proxyDistance } from "../evaluate/domain-distance.ts";
import { type FeatureSpread, varianceShare } from "../evaluate/health/collapse.ts";
import type { Finding } from "../evaluate/health/finding.ts";
import type { TermSizes } from "../evaluate/health/growth.ts";
import { health } from "../evaluate/health/health.ts";
import { type LabelShiftEvidence, sameClasses } from "../evaluate/health/label-shift.ts";
import { type Probe, probeDomains } from "../evaluate/health/probe.ts";
import type { BothMatrices } from "../evaluate/leading.ts";
import type { Matrix } from "../evaluate/logistic.ts";
import { predictions, type Scores, scoresOf } from "../evaluate/probabilities.ts";
import { effectiveRank } from "../evaluate/validators/rankme.ts";
import { classIndices } from "../task.ts";
import type { Prediction } from "../train/predictor.ts";
import type { Session } from "./context.ts";
import { sampleFor } from "./input-distance.ts";
import type { AdaptResult } from "./result.ts";
import { matrixOf } from "./scoring.ts";

/** A model on the samples of both domains. */
export interface Seen {
  /** Source rows that trained. */
  readonly source: Prediction;
  /** Source rows that did not. */
  readonly heldOut: Prediction;
  readonly target: Prediction;
  /** Features of these rows in the directions in which they vary (`evaluate/leading.ts`). */
  readonly leading: BothMatrices & { readonly heldOut: Matrix };
}

export interface HealthRequest {
  readonly session: Session;
  readonly sourceOnly: Seen;
  readonly adapted: Seen;
  readonly distance: NonNullable<AdaptResult["domainDistance"]>;
  /** The most that G_d got right in training; null where it was never asked. */
  readonly domainAccuracy: number | null;
  /** Between which sizes the terms of the method's loss went. */
  readonly terms: TermSizes;
  /** Scores without target labels, by name. */
  readonly validators: Readonly<Record<"sourceOnly" | "adapted", Readonly<Record<string, number>>>>;
}

export function healthOf({
  session,
  sourceOnly,
  adapted,
  distance,
  domainAccuracy,
  terms,
  validators,
}: HealthRequest): Finding[] {
  const { plan } = session;
  const { classes, task } = plan;
  const { seed } = plan.train;
  const live = liveAccuracy(adapted);
  const probe = ({ leading, source: { featureWidth } }: Seen, known: number): Probe =>
    probeDomains(leading.source, leading.target, { seed, sample: sampleFor(featureWidth), distance: known });
  const before = probe(sourceOnly, distance.sourceOnly);
  const ofClasses = task.kind === "regression" ? undefined : classEvidence(session, { sourceOnly, adapted });
  return health({
    distance: {
      ...distance,
      probe: before,
      information: ofClasses === undefined ? undefined : (validators.adapted["information-maximisation"] ?? 0),
    },
    discriminator:
      live === undefined
        ? undefined
        : { live, best: domainAccuracy ?? live, fresh: probe(adapted, distance.after), sourceOnly: before },
    features: {
      adapted: spreadOf(adapted.target),
      sourceOnly: spreadOf(sourceOnly.target),
      classes: ofClasses && classes.length,
    },
    predictions: ofClasses?.predictions,
    labels: ofClasses && { ...ofClasses.labels, trust: validators.sourceOnly.atc ?? 0 },
    openClasses: ofClasses && { ...ofClasses.openClasses, distance: distance.after },
    growth: { terms, classes: ofClasses && classes.length },
  });
}

/** What predicted classes tell. */
function classEvidence(
  { plan: { classes, method }, samples }: Session,
  { sourceOnly, adapted }: Pick<HealthRequest, "sourceOnly" | "adapted">,
) {
  const saidOf = ({ logits }: Prediction): Scores => scoresOf(logits, classes.length);
  const predicted = (seen: Prediction): Int32Array => predictions(saidOf(seen));
  const shift = ({ heldOut, target }: Seen): LabelShiftEvidence => ({
    classes,
    sourceLabels: classIndices(samples.source.labels),
    sourcePredictions: predicted(heldOut),
    targetPredictions: predicted(target),
  });
  const sharesOf = (indices: Int32Array): number[] =>
    classes.map((_, c) => indices.filter((index) => index === c).length / Math.max(1, indices.length));
  return {
    predictions: {
      adapted: sharesOf(predicted(adapted.target)),
      sourceOnly: sharesOf(predicted(sourceOnly.target)),
      labels: sharesOf(classIndices(samples.training.labels)),
    },
    labels: {
      adapted: shift(adapted),
      sourceOnly: shift(sourceOnly),
      within: distanceWithin(sourceOnly.leading, {
        source: predicted(sourceOnly.source),
        target: predicted(sourceOnly.target),
      }),
      classWeights: method.classWeights,
    },
    openClasses: {
      known: { features: adapted.leading.source, labels: classIndices(samples.training.labels) },
      heldOut: { features: adapted.leading.heldOut, logits: saidOf(adapted.heldOut) },
      target: { features: adapted.leading.target, logits: saidOf(adapted.target) },
    },
  };
}

/** Proxy A-distance of the domains where predictions are the same; the most there is where too few rows share them. */
function distanceWithin(features: BothMatrices, predictions: Parameters<typeof sameClasses>[1]): number {
  const { source, target } = sameClasses(features, predictions);
  return source.rows < fewest ? proxyDistance(0) : domainDistance(source, target, { sample: sampleFor(source.width) });
}
const fewest = 20;

/** Mean over the domains of the share that G_d gets right; undefined where it was not asked. */
function liveAccuracy({ source, target }: Seen): number | undefined {
  const [own, others] = [source.domainLogits, target.domainLogits];
  if (own === undefined || others === undefined) return undefined;
  const right = (logits: Float32Array, isTarget: boolean): number =>
    logits.filter((logit) => logit > 0 === isTarget).length / logits.length;
  return (right(own, false) + right(others, true)) / 2;
}

const spreadOf = (seen: Prediction): FeatureSpread => ({
  rank: effectiveRank(matrixOf(seen)),
  variance: varianceShare(seen.features, seen.featureWidth),
});
