/** Scores of a state: on fixed samples during training, on all rows in the end. */

import type { EncodedRows } from "../data/encode.ts";
import { mixRows, type Pairs } from "../data/mix.ts";
import { selectEncoded, selectLabels } from "../data/select.ts";
import type { Domain } from "../domain.ts";
import { internalError } from "../errors.ts";
import type { Matrix } from "../evaluate/logistic.ts";
import { accuracy, type Metrics, metrics } from "../evaluate/metrics.ts";
import { heavierShare, mixturePairs } from "../evaluate/mixture-pairs.ts";
import { type LabelledLogits, predictions, type Scores, scoresOf } from "../evaluate/probabilities.ts";
import { type RegressionMetrics, regressionMetrics } from "../evaluate/regression-metrics.ts";
import { weightedAccuracy } from "../evaluate/target-evidence.ts";
import { scoreAll } from "../evaluate/validators/registry.ts";
import { regressionScores } from "../evaluate/validators/regression.ts";
import { drawRows, random } from "../random.ts";
import { classIndices, type LabelScale, outputsOf } from "../task.ts";
import type { Prediction, PredictOptions } from "../train/predictor.ts";
import type { MixedRows, Mixtures } from "../train/validator.ts";
import type { Answers, LabelledRows, SessionPlan } from "./plan.ts";

/** Runs the model that is scored. */
export type Predict = (rows: EncodedRows, domain: Domain, options?: PredictOptions) => Promise<Prediction>;

/** The rows that evaluations during training look at: the same for every epoch and every model. */
export interface EvaluatedRows {
  /** Held-out source rows; undefined for a refinement, which has no source. */
  readonly source: LabelledRows | undefined;
  readonly target: EncodedRows;
  /** Labelled target rows, where there are any: for the oracle alone. */
  readonly scored: LabelledRows | undefined;
  /** Numbers of the sampled target rows in the plan. */
  readonly numbers: { readonly target: Int32Array; readonly scored: Int32Array | undefined };
}

export interface Samples extends EvaluatedRows {
  readonly source: LabelledRows;
  /** Source rows that trained: the distance of the domains is measured on training rows, as in the paper. */
  readonly training: LabelledRows;
}

export function samplesOf(plan: SessionPlan): Samples {
  const chance = random(plan.train.seed).split("evaluation");
  const most = plan.evaluate.sample;
  return {
    ...targetSamples(plan),
    source: take(plan.sourceScored, drawRows(plan.sourceScored.rows.rows, most, chance.split("source"))),
    training: take(plan.source, drawRows(plan.source.rows.rows, most, chance.split("training"))),
  };
}

/** What a refinement is evaluated on. */
export function targetSamples({
  train,
  evaluate: { sample: most },
  target: all,
  targetScored,
}: Pick<SessionPlan, "train" | "target" | "targetScored"> & {
  readonly evaluate: Pick<SessionPlan["evaluate"], "sample">;
}): EvaluatedRows {
  const chance = random(train.seed).split("evaluation");
  const target = drawRows(all.rows, most, chance.split("target"));
  const scored = targetScored && drawRows(targetScored.rows.rows, most, chance.split("scored"));
  return {
    source: undefined,
    target: selectEncoded(all, target),
    scored: targetScored && scored && take(targetScored, scored),
    numbers: { target, scored },
  };
}

const take = ({ rows, labels }: LabelledRows, indices: Int32Array): LabelledRows => ({
  rows: selectEncoded(rows, indices),
  labels: selectLabels(labels, indices),
});

export interface SampleScores {
  readonly validators: Record<string, number>;
  /**
   * Accuracies, or of a regression roots of the mean squared error in the label's unit; the target's is there only where
   * labels were given, and chooses nothing but the oracle's row.
   */
  readonly scores: { source?: number; target?: number; sourceAtTargetShares?: number };
}

/** The features of predicted rows. */
export const matrixOf = ({ features, featureWidth }: Prediction): Matrix => ({
  rows: features.length / featureWidth,
  width: featureWidth,
  values: features,
});

/** Labelled rows of classes with what a model says of them. */
export const labelledLogits = ({ labels }: LabelledRows, { logits }: Prediction, classes: number): LabelledLogits => ({
  labels: classIndices(labels),
  logits: scoresOf(logits, classes),
});

/** What can be said of a model from the samples. `classWeights`: by class, the target's share over the source's. */
export const scoreSamples = (
  predict: Predict,
  samples: EvaluatedRows,
  { task, classes }: Answers,
  classWeights?: readonly number[],
): Promise<SampleScores> =>
  task.kind === "regression"
    ? scoreNumbers(predict, samples, task.scale)
    : scoreClasses(predict, samples, classes.length, classWeights);

/** A regression has a source: refinements begin with classes. */
async function scoreNumbers(
  predict: Predict,
  { source, target, scored }: EvaluatedRows,
  scale: LabelScale,
): Promise<SampleScores> {
  if (source === undefined) throw internalError("a regression was scored without rows of the source");
  const own = await predict(source.rows, "source");
  const other = await predict(target, "target");
  const scores: SampleScores["scores"] = { source: regressionMetrics(source.labels, own.logits, scale).rmse };
  if (scored !== undefined) {
    const { logits } = await predict(scored.rows, "target", { features: false });
    scores.target = regressionMetrics(scored.labels, logits, scale).rmse;
  }
  return {
    validators: regressionScores({
      labels: source.labels,
      predictions: own.logits,
      source: matrixOf(own),
      target: matrixOf(other),
    }),
    scores,
  };
}

async function scoreClasses(
  predict: Predict,
  samples: EvaluatedRows,
  classes: number,
  classWeights: readonly number[] | undefined,
): Promise<SampleScores> {
  const source = samples.source && (await predict(samples.source.rows, "source"));
  const target = await predict(samples.target, "target");
  const shareRight = (logits: Float32Array, { labels }: LabelledRows): number =>
    accuracy(labels, predictions({ rows: labels.length, classes, values: logits }));
  const scores: SampleScores["scores"] = {};
  if (samples.source && source) {
    scores.source = shareRight(source.logits, samples.source);
    if (classWeights !== undefined)
      scores.sourceAtTargetShares = weightedAccuracy(labelledLogits(samples.source, source, classes), classWeights);
  }
  if (samples.scored !== undefined) {
    const scored = await predict(samples.scored.rows, "target", { features: false });
    scores.target = shareRight(scored.logits, samples.scored);
  }
  return {
    validators: scoreAll({
      classes,
      sourceLogits: source?.logits ?? new Float32Array(0),
      sourceLabels: classIndices(samples.source?.labels ?? new Int32Array(0)),
      targetLogits: target.logits,
      sourceFeatures: source?.features ?? new Float32Array(0),
      targetFeatures: target.features,
      featureWidth: target.featureWidth,
      mixtures: await mixtures(predict, samples.target, target.logits, classes),
    }),
    scores,
  };
}

/** Pairs of each kind: a share that is exact to two points is enough, and each pair is a row that is run. */
const mostPairs = 500;

/**
 * The model on mixtures of target rows, paired by its own predictions; undefined where rows cannot be mixed. Behind a
 * frozen backbone the rows are its features.
 */
async function mixtures(
  predict: Predict,
  rows: EncodedRows,
  logits: Float32Array,
  classes: number,
): Promise<Mixtures | undefined> {
  const predicted = predictions({ rows: rows.rows, classes, values: logits });
  const mixed = async (pairs: Pairs): Promise<MixedRows | undefined> => {
    const made = mixRows(rows, pairs, heavierShare);
    if (made === undefined) return undefined;
    const answer = await predict(made, "target", { features: false });
    return { logits: answer.logits, heavier: pairs.first.map((row) => predicted[row] ?? 0) };
  };
  const pairs = mixturePairs(predicted, mostPairs);
  const [intra, inter] = [await mixed(pairs.intra), await mixed(pairs.inter)];
  return intra && inter && { intra, inter };
}

/** Labelled rows as a model sees them. */
export interface ScoredLogits {
  /** Null of a regression, which has `errors`. */
  readonly metrics: Metrics | null;
  readonly errors: RegressionMetrics | null;
  readonly logits: Scores;
}

/** Metrics on labelled rows, all of them. */
export async function scoreRows(
  predict: Predict,
  { rows, labels }: LabelledRows,
  domain: Domain,
  { task, classes }: Answers,
): Promise<ScoredLogits> {
  const { logits: values } = await predict(rows, domain, { features: false });
  const logits = { rows: rows.rows, classes: outputsOf(task, classes), values };
  if (task.kind === "regression")
    return { metrics: null, errors: regressionMetrics(labels, values, task.scale), logits };
  return { metrics: metrics(labels, predictions(logits), classes), errors: null, logits };
}
