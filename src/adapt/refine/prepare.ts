/** From a configuration and the run that it names to the plan of a refinement. Node only. */
import type { RefineConfig, RefineRecipe } from "../../config/schema.ts";
import { checkAugment } from "../../data/augment.ts";
import { checkValues } from "../../data/checks/values.ts";
import { requireSound } from "../../data/checks.ts";
import type { Dataset, Rows } from "../../data/dataset.ts";
import { type EncodedRows, encodeRows } from "../../data/encode.ts";
import { nodeModules } from "../../data/files.ts";
import { encodeLabels, labelledRows } from "../../data/labels.ts";
import { columnsOf, type PreprocessSpec } from "../../data/preprocess.ts";
import { usageError } from "../../errors.ts";
import { methods } from "../../methods/registry.ts";
import { idleAdversity } from "../../methods/strength.ts";
import { classification } from "../../task.ts";
import type { PartRates } from "../../train/config.ts";
import { tokenizerOf } from "../../train/model-tokenizer.ts";
import { networkSource } from "../adapt.ts";
import { fewTargetRows } from "../few-rows.ts";
import { readForModel } from "../model-rows.ts";
import type { ScoredRows } from "../plan.ts";
import { cacheOf } from "../plan-run.ts";
import { type AdaptData, refuseKeptFeatures, truncationOf } from "../prepare.ts";
import { runFiles } from "../run-folder.ts";
import { modelOfRun, networkOfRun, type SavedRun } from "../saved-run.ts";
import type { RefinePlan, StartModel } from "./plan.ts";

/**
 * What of a run's configuration a refinement goes on with where nothing else is said; but 15 passes over the target, as
 * SHOT's authors have it, at a tenth of the rate: longer and faster ones leave what the model knew.
 */
export function refineBase({ config }: SavedRun): Readonly<Record<string, unknown>> {
  const { id: _i, drop: _d, labels: _l, group, ...read } = config.data?.read ?? {};
  const { augment: _a, steps: _s, labelledTargetWeight: _w, sourceSampling: _o, ...train } = config.train;
  const { labelledTarget: _b, ...batch } = train.batch;
  const { sample, evaluations } = config.evaluate;
  return {
    data: { read: read.window === undefined ? read : { ...read, group } },
    network: config.network,
    train: { ...train, batch, epochs: 15, partRates: tenth(train.partRates) },
    evaluate: { sample, evaluations },
  };
}

const tenth = ({ featureExtractor, labelPredictor, domainClassifier, backbone }: PartRates): PartRates => ({
  ...{ featureExtractor: featureExtractor / 10, labelPredictor: labelPredictor / 10 },
  ...{ domainClassifier: domainClassifier / 10, backbone: backbone / 10 },
});

export interface PlannedRefinement {
  readonly plan: RefinePlan;
  /** The file that the plan's tokens are made with, to be kept with the refined run. */
  readonly tokenizer: Uint8Array | undefined;
}

/** A plan for files. */
export async function planRefinement(config: RefineConfig, run: SavedRun): Promise<PlannedRefinement> {
  const { data } = config;
  const cache = cacheOf(config);
  const reading = { read: data.read, images: { cache: data.cache } };
  const read = (path: string, labels: string | undefined): Promise<Dataset> =>
    readForModel(path, labels, run.metadata.preprocess, reading);
  const target = await read(data.target, data.targetLabels);
  const { targetTest } = data;
  if (targetTest === undefined) return planRefinementOf({ target }, config, run, cache);
  const test = await read(targetTest, data.targetTestLabels ?? data.targetLabels);
  return planRefinementOf({ target, targetTest: test }, config, run, cache);
}

/** The data of a refinement. Labels, if there are any, only score. */
export type RefineData = Pick<AdaptData, "target" | "targetTest">;

/** A plan for rows, which become inputs by the preprocessing, the tokenizer and the backbone of the run. */
export async function planRefinementOf(
  { target, targetTest }: RefineData,
  config: RefineRecipe,
  run: SavedRun,
  cache: RefinePlan["cache"],
): Promise<PlannedRefinement> {
  if (run.metadata.task?.kind === "regression")
    throw usageError(
      "from-regression",
      `--from: ${run.path} is a regression: ${config.method.name} goes on from class probabilities, and has no meaning for numbers`,
      "Adapt with rows of the source: dann adapt --task regression --source FILE --target FILE.",
    );
  refuseLabelled(config);
  if (JSON.stringify(config.network) !== JSON.stringify(run.config.network))
    throw usageError(
      "from-network",
      "network: expected the one that the run was trained with, got another",
      "Leave it out.",
    );
  const { classes, preprocess, task = classification } = run.metadata;
  const network = networkSource(config);
  refuseKeptFeatures({ network, train: config.train, cache });
  checkAugment(config.train.augment, preprocess);
  // A module of the user's that has changed is told here, before any training.
  await networkOfRun(run);
  const findings = [target, ...(targetTest === undefined ? [] : [targetTest])].flatMap((dataset) =>
    checkValues(asRead(dataset, preprocess)),
  );
  requireSound(findings);
  const tokenizer = await tokenizerOf(run.metadata, nodeModules().path.join(run.path, runFiles.model), undefined);
  const encode = (rows: Rows): EncodedRows => encodeRows(rows, preprocess, tokenizer);
  const encoded = encode(target.rows);
  const targetScored = scored(target, encoded, targetTest, classes, encode);
  const read = new Set([encoded, targetScored?.rows ?? encoded]);
  const plan: RefinePlan = {
    ...{ task, classes, preprocess, network, method: config.method, train: config.train },
    ...{ evaluate: config.evaluate, run: run.path, start: await startOf(run, config.from.model) },
    target: encoded,
    ...(targetScored && { targetScored }),
    ...(cache !== undefined && { cache }),
    warnings: [
      ...findings
        .filter(({ level }) => level === "warning")
        .map(({ message, remedy }) => (remedy === undefined ? message : `${message}. ${remedy}`)),
      ...fewTargetRows(target, { batch: config.train.batch.target, classes: classes.length }),
      ...truncationOf(read, preprocess),
      ...unsmoothedStart(config.method.name, run.config.method),
      ...idleAdversity(config, {
        lambda: run.config.train.lambda,
        partRates: tenth(run.config.train.partRates),
      }),
    ],
  };
  return { plan, tokenizer: tokenizer?.bytes };
}

/** Options of labelled rows mean nothing where no label and no source row is read. */
function refuseLabelled({ train: { batch, labelledTargetWeight, sourceSampling } }: Pick<RefineConfig, "train">): void {
  if (sourceSampling === "balanced")
    throw usageError("from", "train.sourceSampling: a refinement reads no source rows, got balanced", "Leave it out.");
  const given = labelledTargetWeight ?? batch.labelledTarget;
  if (given === undefined) return;
  const key = labelledTargetWeight === undefined ? "train.batch.labelledTarget" : "train.labelledTargetWeight";
  throw usageError("from", `${key}: a refinement reads no labels, got ${given}`, "Leave it out.");
}

/** A surer model than the method was made for; of a refined one it is not known how its labels were. */
function unsmoothedStart(refinement: string, { labelSmoothing }: SavedRun["config"]["method"]): string[] {
  const wanted = methods.find(({ name }) => name === refinement)?.smoothedStart;
  if (wanted === undefined || labelSmoothing === undefined || labelSmoothing > 0) return [];
  return [
    `${refinement} is made for a model that was trained with smoothed labels, which this was not: train with --set method.labelSmoothing=${wanted} first`,
  ];
}

/** Without columns that the model does not read: what is in them does not matter. */
function asRead(dataset: Dataset, preprocess: PreprocessSpec): Dataset {
  if (dataset.rows.kind !== "table") return dataset;
  const known = columnsOf(preprocess);
  return { ...dataset, rows: { ...dataset.rows, columns: dataset.rows.columns.filter(({ name }) => name in known) } };
}

async function startOf(run: SavedRun, word: string): Promise<StartModel> {
  const { name, selection, epoch, state, apart } = await modelOfRun(run, word);
  const { config } = run;
  const method = name === config.method.name ? name : "source-only";
  return { name, selection, epoch, state, apart, method };
}

function scored(
  target: Dataset,
  encoded: EncodedRows,
  test: Dataset | undefined,
  classes: readonly string[],
  encode: (rows: Rows) => EncodedRows,
): RefinePlan["targetScored"] {
  const rowsOf = <On extends string>(dataset: Dataset, on: On): ScoredRows<On> => {
    const known = labelledRows(dataset);
    const rows = known === target ? encoded : encode(known.rows);
    return { rows, labels: encodeLabels(known.labels ?? [], classes), on };
  };
  if (test?.labels !== undefined) return rowsOf(test, "target-test");
  return target.labels === undefined ? undefined : rowsOf(target, "target");
}
