/** The end of a session: how far apart the domains are, the verdict, the chosen model as a file, the result. */
import type { Sources } from "../data/dataset.ts";
import { inUnit } from "../data/number-labels.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { internalError } from "../errors.ts";
import { predictions, scoresOf } from "../evaluate/probabilities.ts";
import { sizeOf } from "../graph/tensor.ts";
import type { Network } from "../methods/method.ts";
import { labelledTargetName } from "../report/run.ts";
import { inferenceGraph } from "../train/inference.ts";
import { inferenceBatch } from "../train/inference-batch.ts";
import { exportModel } from "../train/model.ts";
import type { Prediction } from "../train/predictor.ts";
import type { State } from "../train/state.ts";
import { verifyModel } from "../train/verify.ts";
import { packageVersion } from "../version.ts";
import { apartById } from "./apart-by-id.ts";
import { modelCalibration } from "./calibration.ts";
import { confusedRows } from "./confused.ts";
import { type Embedding, fileOf, lastCheckpoint, type Session } from "./context.ts";
import type { Seen } from "./health.ts";
import type { RisksChoice } from "./judging.ts";
import { lookAt } from "./look.ts";
import type { SessionPlan } from "./plan.ts";
import type { Finished } from "./progress.ts";
import { notApplicable, predictedNumbers } from "./regression-finish.ts";
import type { AdaptResult, ModelRow } from "./result.ts";
import { reverseOf } from "./reverse.ts";
import { selectOf } from "./selecting.ts";
import { type StageId, sourcesApart } from "./stages.ts";
import { timesOf } from "./stopwatch.ts";
import { decodeState, withoutSlots } from "./tracker.ts";

export interface Finish {
  readonly session: Session;
  readonly finished: readonly Finished[];
  writeModel(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface FinishedSession {
  readonly result: AdaptResult;
  readonly model: Uint8Array;
  readonly embedding: Embedding;
}

export async function finish(request: Finish): Promise<FinishedSession> {
  const { session, finished } = request;
  const { plan, described, deployed, backend } = session;
  const of = (id: StageId): Finished | undefined => finished.find((one) => one.id === id);
  const baseline = of("source-only");
  const method = of("method");
  const sourceOnlyState = withoutSlots(lastCheckpoint(session, baseline).state);
  const bothLabels = of("labelled-target");
  const bothLabelsState =
    bothLabels === undefined || bothLabels.diverged !== null
      ? undefined
      : withoutSlots(lastCheckpoint(session, bothLabels).state);
  const selected = method?.selected ?? null;
  const adaptedState = selected === null ? undefined : decodeState(fileOf(session, selected.file), selected.file);

  const reverse = reverseOf(session, finished);
  const looked = await session.stopwatch.during("evaluation", () =>
    lookAt(session, {
      sourceOnly: { finished: baseline, state: sourceOnlyState },
      bothLabels: { finished: bothLabels, state: bothLabelsState },
      method: { finished: method, state: adaptedState },
      risksChose: reverse && risksChoice(reverse, plan.method.name, adaptedState),
    }),
  );
  const { before, after } = looked;
  const { task } = plan;
  const models: ModelRow[] = finished.flatMap(({ rows }) => rows);
  const candidates = {
    "source-only": { name: "source-only", state: sourceOnlyState, selection: "last" },
    "labelled-target": { name: labelledTargetName, state: bothLabelsState, selection: "last" },
    method: { name: plan.method.name, state: adaptedState, selection: "validator" },
  } as const;
  const { verdict } = looked;
  const { state, name, selection } = candidates[looked.chosen];
  const chosen = models.findIndex((row) => row.name === name && row.selection === selection);
  if (chosen < 0 || state === undefined) throw internalError("the chosen model has no row");

  const parts = {
    network: deployed.network,
    preprocess: deployed.preprocess,
    state,
    domain: "target" as const,
    apart: apartById(looked.chosen, plan),
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
      ...(plan.labelledTarget && { labelledTargetRows: plan.labelledTarget.rows.rows }),
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
    domainDistance: looked.distance,
    health: looked.findings,
    ...(task.kind === "regression" && { notApplicable: [...notApplicable] }),
    steps: main?.steps ?? 0,
    ...timesOf(session.stopwatch),
    stepsPerSecond: main?.stepsPerSecond ?? 0,
    device: backend.device,
    threads: plan.train.threads,
    seed: plan.train.seed,
    verification: { difference, rows },
    warnings: [...plan.warnings, ...rowsMissing(finished)],
    version: packageVersion,
  };
  const kept = { state: parts.state, apart: parts.apart };
  const shown =
    task.kind === "regression" ? await predictedNumbers(session, task.scale, kept) : await confusedRows(session, kept);
  return { result, model, embedding: { arrays: { ...featureArrays(session, before, after), ...shown } } };
}

/** The lower risk; of equals source-only, and of a method that left no model. */
const risksChoice = (
  { risks }: NonNullable<AdaptResult["reverseValidation"]>,
  name: string,
  adapted: State | undefined,
): RisksChoice =>
  risks.method < risks.sourceOnly && adapted !== undefined
    ? { kind: "method", name }
    : { kind: "source-only", name: "source-only" };

/** Trained numbers of the classifier as it is used on the target. */
export function parametersOf(network: Network, preprocess: PreprocessSpec): number {
  const { states } = inferenceGraph({ network, preprocess, domain: "target", apart: "statistics" });
  return states.reduce((sum, { kind, type }) => sum + (kind === "parameter" ? sizeOf(type.shape) : 0), 0);
}

/** Rows that are missing because their training diverged; the verdict is about the method's. */
const rowsMissing = (finished: readonly Finished[]): string[] =>
  finished.flatMap(({ id, diverged: stopped }) => {
    if (stopped === null) return [];
    if (id === "target-trained") return ["training on target labels diverged: its row is missing"];
    return id === "labelled-target" ? [`${labelledTargetName} diverged: its row is missing`] : [];
  });

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
    const said = scoresOf(logits, classes);
    return { dims: [said.rows], values: predictions(said) };
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
