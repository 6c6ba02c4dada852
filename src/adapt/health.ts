/** What a session's models tell about its health: evidence from the sampled rows, no target label among it. */
import { domainDistance, proxyDistance } from "../evaluate/domain-distance.ts";
import { type FeatureSpread, varianceShare } from "../evaluate/health/collapse.ts";
import type { Finding } from "../evaluate/health/finding.ts";
import type { TermSizes } from "../evaluate/health/growth.ts";
import { health } from "../evaluate/health/health.ts";
import { inputWords } from "../evaluate/health/input-words.ts";
import {
  type LabelShiftEvidence,
  labelShift,
  type ShiftEstimates,
  sameClasses,
} from "../evaluate/health/label-shift.ts";
import { type Probe, probeDomains } from "../evaluate/health/probe.ts";
import type { BothMatrices } from "../evaluate/leading.ts";
import type { Matrix } from "../evaluate/logistic.ts";
import { predictions, type Scores, scoresOf } from "../evaluate/probabilities.ts";
import { effectiveRank } from "../evaluate/validators/rankme.ts";
import { weaker } from "../methods/strength.ts";
import { classIndices, classShares } from "../task.ts";
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
  /** Undefined of a regression. */
  readonly shift: ShiftEstimates | undefined;
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
  shift,
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
    labels: shift && { ...shift, classes },
    openClasses: ofClasses && { ...ofClasses.openClasses, distance: distance.after },
    growth: { terms, classes: ofClasses && classes.length },
    weaker: weaker(plan),
    words: inputWords(session.deployed.preprocess),
  });
}

/** What predicted classes tell. */
function classEvidence(
  { plan: { classes }, samples }: Session,
  { sourceOnly, adapted }: Pick<HealthRequest, "sourceOnly" | "adapted">,
) {
  const saidOf = ({ logits }: Prediction): Scores => scoresOf(logits, classes.length);
  return {
    predictions: {
      adapted: classShares(predictedBy(adapted.target, classes), classes.length),
      sourceOnly: classShares(predictedBy(sourceOnly.target, classes), classes.length),
      labels: classShares(classIndices(samples.training.labels), classes.length),
    },
    openClasses: {
      known: { features: adapted.leading.source, labels: classIndices(samples.training.labels) },
      heldOut: { features: adapted.leading.heldOut, logits: saidOf(adapted.heldOut) },
      target: { features: adapted.leading.target, logits: saidOf(adapted.target) },
    },
  };
}

type Classes = readonly string[];

const predictedBy = ({ logits }: Prediction, classes: Classes): Int32Array =>
  predictions(scoresOf(logits, classes.length));

/** @param trust accuracy of source-only on the target as estimated without labels (`validators/atc.ts`). */
export function shiftEstimates(
  { plan: { classes, method, task }, samples }: Session,
  { sourceOnly, adapted }: Pick<HealthRequest, "sourceOnly" | "adapted">,
  trust: number,
): ShiftEstimates | undefined {
  if (task.kind === "regression") return undefined;
  const evidence = ({ heldOut, target }: Seen): LabelShiftEvidence => ({
    classes,
    sourceLabels: classIndices(samples.source.labels),
    sourcePredictions: predictedBy(heldOut, classes),
    targetPredictions: predictedBy(target, classes),
  });
  return {
    adapted: labelShift(evidence(adapted)),
    sourceOnly: labelShift(evidence(sourceOnly)),
    trust,
    within: distanceWithin(sourceOnly.leading, {
      source: predictedBy(sourceOnly.source, classes),
      target: predictedBy(sourceOnly.target, classes),
    }),
    predicted: classShares(predictedBy(adapted.target, classes), classes.length),
    classWeights: method.classWeights,
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
