/** From data sets to the plan of a session: checks, classes, hold-out, preprocessing, encoding. */
import { checkAugment } from "../data/augment.ts";
import { checkData, requireSound } from "../data/checks.ts";
import type { PreprocessOptions, ReadOptions } from "../data/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { type EncodedRows, encodeRows } from "../data/encode.ts";
import { labelledRows } from "../data/labels.ts";
import { type TokensRequest, textsCut } from "../data/preprocess/tokens.ts";
import { fitPreprocess, type PreprocessSpec } from "../data/preprocess.ts";
import { selectDataset, selectEncoded, selectLabels } from "../data/select.ts";
import { holdOut } from "../data/splits.ts";
import { remembering } from "../data/text/tokenizer.ts";
import { dataError, usageError } from "../errors.ts";
import type { EvaluateConfig } from "../evaluate/config.ts";
import type { MethodConfig } from "../methods/config.ts";
import { makeMethod } from "../methods/make.ts";
import { idleAdversity } from "../methods/strength.ts";
import { random } from "../random.ts";
import { classIndices, type TaskKind } from "../task.ts";
import type { TrainConfig } from "../train/config.ts";
import { weightsByDomain } from "./class-weights.ts";
import { fewTargetRows, refuseFew, refuseOneLabelled } from "./few-rows.ts";
import { type LabelCode, type Labelling, labelling } from "./label-code.ts";
import type { LabelledRows, NetworkSource, ScoredRows, SessionPlan } from "./plan.ts";
import { selectOf } from "./selecting.ts";

/** The data of an adaptation. Labels of `target` and `targetTest`, if there are any, only score. */
export interface AdaptData {
  /** Labelled rows of the source; several sources in one by `poolDatasets`. */
  readonly source: Dataset;
  /** Rows of the target. */
  readonly target: Dataset;
  /** Other rows of the target whose labels are for training: they never score. */
  readonly targetLabelled?: Dataset | undefined;
  /** Labelled source rows that never train. Default: a part of the source is held out. */
  readonly sourceTest?: Dataset | undefined;
  /** Target rows that never train. */
  readonly targetTest?: Dataset | undefined;
}

export interface PrepareOptions {
  /** What the labels are; default `classification`. */
  readonly task?: TaskKind | undefined;
  readonly network: NetworkSource;
  readonly method: MethodConfig;
  readonly train: TrainConfig;
  readonly evaluate: EvaluateConfig;
  readonly preprocess: PreprocessOptions;
  /** As in the plan. */
  readonly cache?: SessionPlan["cache"];
  /** How the files were read, so that names in it that no file has are reported. */
  readonly read?: ReadOptions | undefined;
  /** Where an encoder of text reads the rows. */
  readonly tokens?: TokensRequest | undefined;
}

export function preparePlan(data: AdaptData, options: PrepareOptions): SessionPlan {
  const { train, evaluate, preprocess, read, task = "classification" } = options;
  refuseKeptFeatures(options);
  const { readsTarget } = makeMethod(options.method, task);
  refuseUnread(data, train);
  if (data.targetLabelled !== undefined) refuseOneLabelled(labelledRows(data.targetLabelled));
  refuseUnfit(data, options);
  // The same texts are measured, encoded and scored.
  const tokens = options.tokens && { ...options.tokens, tokenizer: remembering(options.tokens.tokenizer) };
  const findings = checkData({ ...data, read, preprocess, task });
  requireSound(findings);
  const source = labelledRows(data.source);
  const labels = labelling(task, source);
  const parts = data.sourceTest === undefined ? split(source, labels, evaluate.holdout, train.seed) : undefined;
  const training = parts?.train ?? source;
  refuseFew(training, data.target);
  const code = labels.code(training);
  const spec = fitPreprocess(training.rows, data.target.rows, preprocess, tokens);
  checkAugment(train.augment, spec);
  const encode = (dataset: Dataset): LabelledRows => ({
    rows: named(dataset, () => encodeRows(dataset.rows, spec, tokens?.tokenizer)),
    labels: code.encode(dataset),
  });
  const scored = <On extends string>(dataset: Dataset, on: On): ScoredRows<On> => ({
    ...encode(labelledRows(dataset)),
    on,
  });
  const target = named(data.target, () => encodeRows(data.target.rows, spec, tokens?.tokenizer));
  const targetScored = targetScoredOf(data, scored, target, code);
  const targetTraining = evaluate.targetTrained ? targetTrainingOf(data, encode, target, code) : undefined;
  const labelledTarget = data.targetLabelled && encode(labelledRows(data.targetLabelled));
  const sourceRows = encode(training);
  const sourceScored = sourceScoredOf(data, parts?.holdout, scored);
  const others = [labelledTarget, targetScored].flatMap((labelled) => labelled?.rows ?? []);
  const cut = [sourceRows.rows, target, sourceScored.rows, ...others];
  return {
    task: code.task,
    classes: code.classes,
    preprocess: spec,
    network: options.network,
    method: options.method,
    train,
    evaluate,
    source: sourceRows,
    ...(training.sources && { sources: training.sources }),
    target,
    ...(labelledTarget && {
      labelledTarget: { given: "for-training", rows: labelledTarget.rows, labels: classIndices(labelledTarget.labels) },
    }),
    sourceScored,
    ...(targetScored && { targetScored }),
    names: namesOf(data),
    ...(targetTraining && { targetTraining }),
    ...(options.cache !== undefined && { cache: options.cache }),
    warnings: [
      ...findings
        .filter(({ level }) => level === "warning")
        .map(({ message, remedy }) => (remedy === undefined ? message : `${message}. ${remedy}`)),
      ...(readsTarget ? fewTargetRows(data.target, { batch: train.batch.target, classes: code.classes.length }) : []),
      ...truncationOf(new Set(cut), spec),
      ...pooledSources(training, options.method),
      ...weightsByDomain(options.method, options.network, spec),
      ...idleAdversity({ method: options.method, train }),
    ],
  };
}

/** What target rows are called, where they have identifiers, or rows without a label were left out. */
function namesOf({ target, targetTest }: AdaptData): NonNullable<SessionPlan["names"]> {
  const scored = targetTest?.labels === undefined ? target : targetTest;
  const labelled = scored.labels?.includes(undefined)
    ? scored.labels.flatMap((label, row) => (label === undefined ? [] : [scored.ids?.[row] ?? String(row)]))
    : scored.ids;
  return { ...(target.ids && { target: target.ids }), ...(labelled && { scored: labelled }) };
}

/** Refuses to change rows whose features are computed once, unless they are not to be kept. */
export function refuseKeptFeatures({
  network,
  train,
  cache,
}: Pick<PrepareOptions, "network" | "train" | "cache">): void {
  if (train.augment === undefined || network.kind !== "named" || network.backbone?.train !== "none") return;
  if (cache === false) return;
  throw usageError(
    "augment-frozen",
    "train.augment: the backbone is frozen and its features are computed once, of images as they are",
    "Train it with --train-backbone all (or the last N blocks), compute features anew at every step with --no-cache (slow), or leave --augment out.",
  );
}

/** Refuses labelled target rows where nothing knows yet what to make of them. */
function refuseUnfit({ targetLabelled }: AdaptData, { task, evaluate }: PrepareOptions): void {
  if (targetLabelled === undefined) return;
  const refuse = (what: string, remedy: string): Error =>
    usageError("labelled-target", `--target-labelled: expected ${what}`, remedy);
  if (task === "regression") throw refuse("labels that are classes, got --task regression", "Leave it out.");
  if (selectOf({ evaluate }) === "reverse")
    throw refuse(
      "another choice of models than --select reverse, which knows no labels of the target",
      "Use --select auto.",
    );
}

/** Refuses options of labelled target rows where there are none. */
function refuseUnread({ targetLabelled }: AdaptData, { batch, labelledTargetWeight }: TrainConfig): void {
  if (targetLabelled !== undefined) return;
  const key =
    labelledTargetWeight !== undefined
      ? "train.labelledTargetWeight"
      : batch.labelledTarget !== undefined
        ? "train.batch.labelledTarget"
        : undefined;
  if (key === undefined) return;
  throw usageError(
    "labelled-target-unread",
    `${key}: expected labelled rows of the target, got none`,
    "Give them with --target-labelled (in code targetLabelled), or leave it out.",
  );
}

/** Says how many texts were cut, where any were. */
export function truncationOf(sets: ReadonlySet<EncodedRows>, spec: PreprocessSpec): string[] {
  if (spec.kind !== "table" || spec.tokens === undefined) return [];
  let [cut, all] = [0, 0];
  for (const rows of sets) {
    cut += rows.kind === "table" ? (rows.truncated ?? 0) : 0;
    all += rows.rows;
  }
  return cut === 0 ? [] : [textsCut(cut, all, spec.tokens)];
}

/** Says that a method does not tell several sources apart. */
function pooledSources({ sources }: Dataset, { name, sourceDomains }: MethodConfig): string[] {
  if (sources === undefined || sourceDomains !== undefined || name === "source-only") return [];
  return [`${name} does not tell ${sources.names.length} sources apart: their rows are one domain`];
}

type Scored = <On extends string>(dataset: Dataset, on: On) => ScoredRows<On>;

interface Parts {
  readonly train: Dataset;
  readonly holdout: Dataset;
}

function split(source: Dataset, labels: Labelling, fraction: number, seed: number): Parts {
  const { train, holdout } = holdOut(labels.strata(fraction), random(seed).split("hold-out"), {
    fraction,
    groups: source.groups,
  });
  if (holdout.length === 0) {
    throw dataError(
      "no-holdout",
      `${source.origin}: expected groups that can be held out for scoring, got none: each is too large for ${100 * fraction} % of its class, or the only one of it`,
      "Hold out more (--holdout 0.25), give more groups (recordings), or rows to score on with --source-test.",
    );
  }
  return { train: selectDataset(source, train), holdout: selectDataset(source, holdout) };
}

function sourceScoredOf(data: AdaptData, holdout: Dataset | undefined, scored: Scored): SessionPlan["sourceScored"] {
  if (holdout !== undefined) return scored(holdout, "source-holdout");
  const { sourceTest } = data;
  if (sourceTest?.labels === undefined) {
    throw dataError(
      "no-labels",
      `${sourceTest?.origin}: expected labels for the source test rows, got none`,
      "Name their column, or a file of labels, with --source-test-labels.",
    );
  }
  return scored(sourceTest, "source-test");
}

function targetScoredOf(
  { target, targetTest }: AdaptData,
  scored: Scored,
  encoded: EncodedRows,
  code: LabelCode,
): SessionPlan["targetScored"] {
  if (targetTest?.labels !== undefined) return scored(targetTest, "target-test");
  if (target.labels === undefined) return undefined;
  // The usual case, every row labelled: score the very rows that adapt instead of a copy of them.
  if (!target.labels.includes(undefined)) return { rows: encoded, labels: code.encode(target), on: "target" };
  return scored(target, "target");
}

/** All of the target is adapted and trained on without a copy: through a backbone, each row costs. */
function targetTrainingOf(
  { target }: AdaptData,
  encode: (dataset: Dataset) => LabelledRows,
  encoded: EncodedRows,
  code: LabelCode,
): LabelledRows | undefined {
  if (target.labels === undefined) return undefined;
  if (target.labels.includes(undefined)) return trainable(encode(labelledRows(target)));
  return trainable({ rows: encoded, labels: code.encode(target) });
}

/** Rows of classes that the source has: on others the network cannot be trained. */
function trainable(labelled: LabelledRows): LabelledRows {
  const { labels } = labelled;
  if (labels instanceof Float32Array || !labels.includes(-1)) return labelled;
  const rows = Int32Array.from(labels.keys()).filter((row) => labels[row] !== -1);
  return { rows: selectEncoded(labelled.rows, rows), labels: selectLabels(labels, rows) };
}

/** Runs an encoder, and says which data set its error is about. */
function named<T>(dataset: Dataset, encode: () => T): T {
  try {
    return encode();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== "DannError") throw cause;
    const { code, message, remedy } = cause as Error & { code: string; remedy?: string };
    throw dataError(code, message.startsWith(dataset.origin) ? message : `${dataset.origin}: ${message}`, remedy, {
      cause,
    });
  }
}
