/** The end of a session: how far apart the domains are, the verdict, the chosen model as a file, the result. */
import type { Sources } from "../data/dataset.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { internalError } from "../errors.ts";
import { accuracy } from "../evaluate/metrics.ts";
import { predictions } from "../evaluate/probabilities.ts";
import { sizeOf } from "../graph/tensor.ts";
import { makeMethod } from "../methods/make.ts";
import type { Network } from "../methods/method.ts";
import { inferenceGraph } from "../train/inference.ts";
import { inferenceBatch } from "../train/inference-batch.ts";
import { exportModel } from "../train/model.ts";
import type { Prediction } from "../train/predictor.ts";
import { verifyModel } from "../train/verify.ts";
import { packageVersion } from "../version.ts";
import { modelCalibration } from "./calibration.ts";
import { confusedRows } from "./confused.ts";
import { type Embedding, fileOf, lastCheckpoint, type Session } from "./context.ts";
import { healthOf, type Seen } from "./health.ts";
import { inputDistance } from "./input-distance.ts";
import type { SessionPlan } from "./plan.ts";
import type { Evaluated, Finished } from "./progress.ts";
import { inUnit, notApplicable, predictedNumbers, regressionVerdict } from "./regression-finish.ts";
import type { AdaptResult, ModelRow } from "./result.ts";
import { reverseOf } from "./reverse.ts";
import { distanceOf, seenBy } from "./seen.ts";
import { selectOf } from "./selecting.ts";
import { type Stage, type StageId, sourcesApart } from "./stages.ts";
import { decodeState, withoutSlots } from "./tracker.ts";
import {
  diverged,
  judge,
  type LabelFreeScores,
  nothingAdapted,
  usesAdapted,
  type Verdict,
  type VerdictEvidence,
} from "./verdict.ts";

export interface Finish {
  readonly session: Session;
  readonly stages: readonly Stage[];
  readonly finished: readonly Finished[];
  seconds(): number;
  writeModel(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface FinishedSession {
  readonly result: AdaptResult;
  readonly model: Uint8Array;
  readonly embedding: Embedding;
}

export async function finish(request: Finish): Promise<FinishedSession> {
  const { session, stages, finished } = request;
  const { plan, described, deployed, backend } = session;
  const of = (id: StageId): Finished | undefined => finished.find((one) => one.id === id);
  const baseline = of("source-only");
  const method = of("method");
  const sourceOnlyState = withoutSlots(lastCheckpoint(session, baseline).state);
  const selected = method?.selected ?? null;
  const adaptedState = selected === null ? undefined : decodeState(fileOf(session, selected.file), selected.file);

  const before = await seenBy(session, sourceOnlyState, false);
  const after = adaptedState === undefined ? undefined : await seenBy(session, adaptedState, true);
  const seed = plan.train.seed;
  const sourceOnly = distanceOf(before, seed);
  const distance = {
    before: await inputDistance(session),
    sourceOnly,
    after: after === undefined ? sourceOnly : distanceOf(after, seed),
  };

  const trainedOn = (seen: Seen): number => trainingAccuracy(session, seen.source);
  const { task } = plan;
  const verdict =
    task.kind === "regression"
      ? regressionVerdict(session, task.scale, method, { before, after }, distance)
      : verdictOf(baseline, method, {
          distance,
          training: { sourceOnly: trainedOn(before), adapted: after === undefined ? 0 : trainedOn(after) },
          rows: { heldOut: session.samples.source.rows.rows, training: session.samples.training.rows.rows },
        });
  const models: ModelRow[] = finished.flatMap(({ rows }) => rows);
  const reverse = reverseOf(session, finished);
  const better = reverse === undefined ? usesAdapted(verdict.code) : reverse.risks.method < reverse.risks.sourceOnly;
  const adapts = better && adaptedState !== undefined;
  const chosen = adapts
    ? models.findIndex(({ name, selection }) => name === plan.method.name && selection === "validator")
    : models.findIndex(({ name }) => name === "source-only");
  if (chosen < 0) throw internalError("the chosen model has no row");

  const parts = {
    network: deployed.network,
    preprocess: deployed.preprocess,
    state: adapts ? adaptedState : sourceOnlyState,
    domain: "target" as const,
    readsTarget: adapts && makeMethod(plan.method).readsTarget,
    calibration: modelCalibration(models[chosen]),
    task,
  };
  const model = await request.writeModel(exportModel({ ...parts, classes: plan.classes }));
  const { difference, rows } = await verifyModel(model, parts, deployed.rows, {
    backend,
    // Of large rows fewer: they are run twice, and memory would grow for this alone.
    rows: Math.min(256, inferenceBatch(deployed.preprocess)),
  });

  const main = method?.diverged === null ? method : baseline;
  const result: AdaptResult = {
    schema: 1,
    run: null,
    task: {
      kind: task.kind,
      classes: [...plan.classes],
      ...(task.kind === "regression" && { labels: task.scale }),
      sourceRows: plan.source.rows.rows,
      ...(plan.sources && { sources: sourcesOf(plan, plan.sources) }),
      targetRows: plan.target.rows,
      inputShape: [...inputShape(deployed.preprocess)],
    },
    network: {
      name: described.network.name,
      description: described.description,
      why: described.why,
      parameters: parametersOf(described.network, plan.preprocess),
    },
    models,
    select: selectOf(plan),
    ...(reverse && { reverseValidation: reverse }),
    chosen,
    verdict: { ...verdict, remedies: [...verdict.remedies] },
    domainDistance: distance,
    health:
      selected === null || after === undefined
        ? []
        : healthOf({
            ...{ session, sourceOnly: before, adapted: after, distance },
            domainAccuracy: method?.domainAccuracy ?? null,
            terms: method?.terms ?? {},
            validators: { sourceOnly: baseline?.last?.validators ?? {}, adapted: selected.validators },
          }),
    ...(task.kind === "regression" && { notApplicable: [...notApplicable] }),
    steps: main?.steps ?? 0,
    seconds: request.seconds(),
    stepsPerSecond: main?.stepsPerSecond ?? 0,
    device: backend.device,
    threads: plan.train.threads,
    seed,
    verification: { difference, rows },
    warnings: [...plan.warnings, ...boundMissing(stages, finished)],
    version: packageVersion,
  };
  const kept = { state: parts.state, readsTarget: parts.readsTarget };
  const looked =
    task.kind === "regression" ? await predictedNumbers(session, task.scale, kept) : await confusedRows(session, kept);
  return { result, model, embedding: { arrays: { ...featureArrays(session, before, after), ...looked } } };
}

/** Trained numbers of the classifier as it is used on the target. */
export function parametersOf(network: Network, preprocess: PreprocessSpec): number {
  const { states } = inferenceGraph({ network, preprocess, domain: "target", statistics: "target" });
  return states.reduce((sum, { kind, type }) => sum + (kind === "parameter" ? sizeOf(type.shape) : 0), 0);
}

const boundMissing = (stages: readonly Stage[], finished: readonly Finished[]): string[] =>
  finished.some(({ id, diverged: stopped }) => id === "target-trained" && stopped !== null) && stages.length > 0
    ? ["training on target labels diverged: its row is missing"]
    : [];

interface Measured {
  readonly distance: NonNullable<AdaptResult["domainDistance"]>;
  readonly training: { readonly sourceOnly: number; readonly adapted: number };
  readonly rows: VerdictEvidence["rows"];
}

function verdictOf(baseline: Finished | undefined, method: Finished | undefined, measured: Measured): Verdict {
  if (method === undefined) return nothingAdapted;
  if (method.diverged !== null) return diverged(method.diverged.reason, method.diverged.remedy);
  if (baseline?.last == null || method.selected === null) throw internalError("a training ended without an evaluation");
  const { distance, training, rows } = measured;
  return judge({
    sourceOnly: labelFree(baseline.last, training.sourceOnly, distance.sourceOnly),
    adapted: labelFree(method.selected, training.adapted, distance.after),
    rows,
  });
}

const labelFree = ({ validators }: Evaluated, training: number, distance: number): LabelFreeScores => ({
  sourceAccuracy: validators["source-accuracy"] ?? 0,
  trainingAccuracy: training,
  information: validators["information-maximisation"] ?? 0,
  estimated: validators.atc,
  diversity: validators.diversity ?? 0,
  distance,
});

/** Accuracy on the sampled source rows that trained. */
function trainingAccuracy({ plan, samples }: Session, { logits }: Prediction): number {
  const { labels } = samples.training;
  return accuracy(labels, predictions({ rows: labels.length, classes: plan.classes.length, values: logits }));
}

function featureArrays({ plan, samples }: Session, before: Seen, after: Seen | undefined): Embedding["arrays"] {
  const classes = plan.classes.length;
  const features = ({ features: values, featureWidth }: Prediction): Embedding["arrays"][string] => ({
    dims: [values.length / featureWidth, featureWidth],
    values,
  });
  const { task } = plan;
  /** Classes as their numbers; numbers in the label's unit. */
  const classOf = ({ logits }: Prediction): Embedding["arrays"][string] => {
    if (task.kind === "regression") return { dims: [logits.length], values: inUnit(logits, task.scale) };
    const rows = logits.length / classes;
    return { dims: [rows], values: predictions({ rows, classes, values: logits }) };
  };
  return {
    source_labels: {
      dims: [samples.training.labels.length],
      values: task.kind === "regression" ? inUnit(samples.training.labels, task.scale) : samples.training.labels,
    },
    source_only_source: features(before.source),
    source_only_target: features(before.target),
    source_only_target_predictions: classOf(before.target),
    ...(after && {
      adapted_source: features(after.source),
      adapted_target: features(after.target),
      adapted_target_predictions: classOf(after.target),
    }),
  };
}

/** Several sources as the result has them. */
function sourcesOf(plan: SessionPlan, { names, of }: Sources): AdaptResult["task"]["sources"] {
  const apart = sourcesApart(plan) !== undefined;
  return names.map((name, number) => ({
    name,
    rows: of.reduce((sum, one) => sum + (one === number ? 1 : 0), 0),
    apart,
  }));
}
