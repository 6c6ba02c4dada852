/** The trainings of one adaptation, in order. Each has the same network, seed and budget. */
import { movedStatistics } from "../dann/moved-statistics.ts";
import type { Sources } from "../data/dataset.ts";
import { labelStrata } from "../data/number-labels.ts";
import { asSource } from "../data/preprocess/domains.ts";
import { inputShape, type PreprocessSpec } from "../data/preprocess.ts";
import { selectEncoded, selectLabels } from "../data/select.ts";
import { holdOut } from "../data/splits.ts";
import { input } from "../graph/index.ts";
import { sourceOnlyOf } from "../methods/config.ts";
import { makeMethod } from "../methods/make.ts";
import type { Network } from "../methods/method.ts";
import { random } from "../random.ts";
import { labelledTargetName } from "../report/run.ts";
import { outputsOf } from "../task.ts";
import type { TrainConfig } from "../train/config.ts";
import type { LabelledTarget, TrainJob } from "../train/job.ts";
import type { LabelledRows, ScoredRows, SessionPlan } from "./plan.ts";
import { reverseStages } from "./reverse.ts";
import { selectOf } from "./selecting.ts";

/** Models that a reverse training may judge. */
export type Forward = "source-only" | "method";
export type StageId = Forward | "adabn" | "labelled-target" | "target-trained" | `reverse-${Forward}`;

export interface Stage {
  readonly id: StageId;
  /** Its row's name in the result. */
  readonly name: string;
  readonly job: TrainJob;
  /** Whether epochs are evaluated and checkpoints written. The others are short or only bounds. */
  readonly tracked: boolean;
  /** Preprocessing with which its model is scored. */
  readonly preprocess: PreprocessSpec;
  /** Rows that score it, where they are not those of the plan. */
  readonly targetScored?: ScoredRows<"target-holdout">;
  /** Of a reverse training: the model whose answers are its labels, which its job has not got yet. */
  readonly labelledBy?: Forward;
}

/** Trainings that a plan asks for. */
export function stagesOf(plan: SessionPlan, network: Network): Stage[] {
  const adapts = makeMethod(plan.method).readsTarget;
  const stages = [sourceOnly(plan, network)];
  // As a method it is a row already.
  if (adapts && plan.method.name !== "adabn" && plan.evaluate.adabn && hasStatistics(plan, network))
    stages.push(adabn(plan, network));
  if (plan.labelledTarget !== undefined) stages.push(bothLabels(plan, network, plan.labelledTarget));
  if (adapts) {
    const { source, target, labelledTarget, preprocess, method, train } = plan;
    const sources = sourcesApart(plan);
    stages.push({
      id: "method",
      name: method.name,
      job: {
        network,
        method,
        ...headOf(plan),
        preprocess,
        source: source.rows,
        labels: source.labels,
        ...(sources && { sources }),
        target,
        ...(labelledTarget && { labelledTarget }),
        config: train,
      },
      tracked: true,
      preprocess,
    });
  }
  const bound = targetTrained(plan, network);
  const forward = [...stages, ...(bound === undefined ? [] : [bound])];
  return selectOf(plan) === "reverse" ? [...forward, ...reverseStages(stages)] : forward;
}

/** Several sources, where the method's domain classifier tells them apart. */
export const sourcesApart = ({ sources, method }: Pick<SessionPlan, "sources" | "method">): Sources | undefined =>
  method.sourceDomains === "apart" ? sources : undefined;

/** What a job is told of G_y and its labels. */
export const headOf = ({
  task,
  classes,
}: Pick<SessionPlan, "task" | "classes">): Pick<TrainJob, "task" | "classes"> => ({
  task: task.kind,
  classes: outputsOf(task, classes),
});

/** Training on labels alone, of whichever rows: what source-only is, and every bound. */
const labelsJob = (
  plan: SessionPlan,
  network: Network,
  rows: Pick<TrainJob, "preprocess" | "source" | "labels" | "config">,
): TrainJob => ({ network, method: sourceOnlyOf(plan.method), ...headOf(plan), ...rows });

function sourceOnly(plan: SessionPlan, network: Network): Stage {
  const { source, preprocess, train: config } = plan;
  const job = labelsJob(plan, network, { preprocess, source: source.rows, labels: source.labels, config });
  return { id: "source-only", name: "source-only", job, tracked: true, preprocess };
}

/**
 * S+T (Saito et al., ICCV 2019): the labels of both domains without any adaptation. What labelled target rows are worth by
 * themselves is no merit of a method.
 */
function bothLabels(plan: SessionPlan, network: Network, labelledTarget: LabelledTarget): Stage {
  const { job, ...stage } = sourceOnly(plan, network);
  return { ...stage, id: "labelled-target", name: labelledTargetName, job: { ...job, labelledTarget } };
}

/** Steps are enough when the running statistics, which forget a tenth a step, have seen many batches. */
const adabnSteps = 100;

/**
 * AdaBN (Li et al. 2017): source-only's weights with the statistics of the target. It is source-only's training step
 * on target rows with every learning rate at zero: labels have no effect, so they are all given as 0.
 */
function adabn(plan: SessionPlan, network: Network): Stage {
  const { target, preprocess, train } = plan;
  // Statistics are for rows as they are: nothing learns here that changed images could teach.
  const { epochs: _e, augment: _a, ...rest } = train;
  const config: TrainConfig = {
    ...rest,
    steps: adabnSteps,
    batch: { source: train.batch.target, target: train.batch.target },
    partRates: { featureExtractor: 0, labelPredictor: 0, domainClassifier: 0, backbone: 0 },
  };
  const labels = plan.task.kind === "regression" ? new Float32Array(target.rows) : new Int32Array(target.rows);
  const job = labelsJob(plan, network, { preprocess: asSource(preprocess), source: target, labels, config });
  return { id: "adabn", name: "adabn", job, tracked: false, preprocess };
}

/** The bound that needs what an adaptation does not have: training on labels of the target. */
function targetTrained(plan: SessionPlan, network: Network): Stage | undefined {
  const { targetTraining, targetScored, evaluate, train: config } = plan;
  if (!evaluate.targetTrained || targetTraining === undefined || targetScored === undefined) return undefined;
  const own = targetScored.on === "target-test" ? undefined : keepSome(targetTraining, evaluate.holdout, config.seed);
  const rows = own?.train ?? targetTraining;
  if (rows.rows.rows === 0) return undefined;
  const preprocess = asSource(plan.preprocess);
  const job = labelsJob(plan, network, { preprocess, source: rows.rows, labels: rows.labels, config });
  const stage: Stage = { id: "target-trained", name: "target-trained", job, tracked: false, preprocess };
  return own === undefined ? stage : { ...stage, targetScored: { ...own.kept, on: "target-holdout" } };
}

function keepSome(labelled: LabelledRows, fraction: number, seed: number): { train: LabelledRows; kept: LabelledRows } {
  const { labels } = labelled;
  const parts = labels instanceof Float32Array ? labelStrata(labels, fraction) : labels;
  const split = holdOut(parts, random(seed).split("target-trained"), { fraction });
  const pick = (indices: Int32Array): LabelledRows => ({
    rows: selectEncoded(labelled.rows, indices),
    labels: selectLabels(labels, indices),
  });
  return { train: pick(split.train), kept: pick(split.holdout) };
}

/** Whether batches move statistics: those of frozen features, which are carried as well, are what they are. */
function hasStatistics({ preprocess }: SessionPlan, network: Network): boolean {
  const x = input("x", { dtype: "float32", shape: [2, ...inputShape(preprocess)] });
  return movedStatistics(network, x, { kind: "training", segments: [{ domain: "source", rows: 2 }] }).length > 0;
}
