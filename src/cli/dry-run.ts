/** `--dry-run`: what a run would be, without a step of training. The data are read and checked all the same. */
import * as z from "zod";
import { networkOfPlan } from "../adapt/network.ts";
import type { SessionPlan } from "../adapt/plan.ts";
import { stagesOf } from "../adapt/stages.ts";
import { describeAugment } from "../data/augment.ts";
import { describePixels } from "../data/preprocess/image.ts";
import { inputShape } from "../data/preprocess.ts";
import { sizeOf } from "../graph/tensor.ts";
import { makeMethod } from "../methods/make.ts";
import { makeOptimizer } from "../optim/config.ts";
import { taskKinds } from "../task.ts";
import { labelledBatchOf, stepsOf } from "../train/job.ts";
import { trainingStep } from "../train/step.ts";
import { formatBytes } from "./render/progress.ts";

export const dryRunDocument = z.object({
  schema: z.literal(1),
  dryRun: z.literal(true),
  run: z.string().describe("where the run would be written"),
  task: z.object({
    kind: z.enum(taskKinds),
    classes: z.array(z.string()),
    sourceRows: z.int(),
    targetRows: z.int(),
    labelledTargetRows: z
      .int()
      .optional()
      .describe("of them none: other rows, whose labels train; missing: there are none"),
    inputShape: z.array(z.int()),
    pixels: z.string().nullable().describe("what pixels of images become; null for other rows"),
    sourceScoredOn: z.string(),
    targetScoredOn: z.string().nullable(),
  }),
  network: z.object({ name: z.string(), description: z.string(), why: z.string(), parameters: z.int() }),
  augmentation: z.string().nullable().describe("how images of training batches are changed; null: not at all"),
  trainings: z.array(z.object({ name: z.string(), steps: z.int() })),
  memory: z.object({
    data: z.int().describe("bytes of the rows in memory"),
    state: z.int().describe("bytes of parameters, statistics and the optimiser"),
  }),
  warnings: z.array(z.string()),
});

export type DryRun = z.output<typeof dryRunDocument>;

export async function dryRun(plan: SessionPlan, run: string): Promise<DryRun> {
  const { network, description, why } = await networkOfPlan(plan);
  const { train } = plan;
  const step = trainingStep({
    network,
    method: makeMethod(plan.method, plan.task.kind),
    preprocess: plan.preprocess,
    batch: train.batch,
    labelledTarget: labelledBatchOf({ labelledTarget: plan.labelledTarget, config: train }),
    optimizer: makeOptimizer(train.optimizer),
    partRates: train.partRates,
    gradientClip: train.gradientClip,
  });
  const encoded = [
    plan.source.rows,
    plan.target,
    plan.labelledTarget?.rows,
    plan.sourceScored.rows,
    plan.targetScored?.rows,
  ];
  const bytes = [...new Set(encoded)].reduce((sum, rows) => sum + (rows === undefined ? 0 : bytesOf(rows)), 0);
  return {
    schema: 1,
    dryRun: true,
    run,
    task: {
      kind: plan.task.kind,
      classes: [...plan.classes],
      sourceRows: plan.source.rows.rows,
      targetRows: plan.target.rows,
      ...(plan.labelledTarget && { labelledTargetRows: plan.labelledTarget.rows.rows }),
      inputShape: [...inputShape(plan.preprocess)],
      pixels: plan.preprocess.kind === "image" ? describePixels(plan.preprocess) : null,
      sourceScoredOn: `${plan.sourceScored.on}: ${plan.sourceScored.rows.rows} rows`,
      targetScoredOn:
        plan.targetScored === undefined ? null : `${plan.targetScored.on}: ${plan.targetScored.rows.rows} rows`,
    },
    network: { name: network.name, description, why, parameters: step.parameters },
    augmentation: train.augment === undefined ? null : describeAugment(train.augment),
    trainings: stagesOf(plan, network).map(({ name, job }) => ({ name, steps: stepsOf(job) })),
    memory: { data: bytes, state: 4 * step.carried.reduce((sum, { dims }) => sum + sizeOf(dims), 0) },
    warnings: [...plan.warnings],
  };
}

const bytesOf = (rows: object): number =>
  Object.values(rows).reduce<number>((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0);

export function renderDryRun({ task, network, augmentation, trainings, memory, run, warnings }: DryRun): string {
  return [
    ...warnings.map((text) => `warning: ${text}\n`),
    `rows       ${task.sourceRows} source (scored on ${task.sourceScoredOn}), ${task.targetRows} target${task.labelledTargetRows === undefined ? "" : ` and ${task.labelledTargetRows} labelled ones`} (${task.targetScoredOn === null ? "not scored" : `scored on ${task.targetScoredOn}`})\n`,
    task.kind === "regression"
      ? "labels     numbers (regression)\n"
      : `classes    ${task.classes.length}: ${task.classes.slice(0, 12).join(", ")}${task.classes.length > 12 ? ", …" : ""}\n`,
    `input      [${task.inputShape.join(", ")}]${task.pixels === null ? "" : `, ${task.pixels}`}\n`,
    `network    ${network.name} (${network.why}), ${network.parameters} parameters\n`,
    ...network.description.split("\n").map((line) => `           ${line}\n`),
    ...(augmentation === null ? [] : [`augmented  ${augmentation}\n`]),
    `trainings  ${trainings.map(({ name, steps }) => `${name} ${steps} steps`).join(", ")}\n`,
    `memory     rows ${formatBytes(memory.data)}, parameters and optimiser ${formatBytes(memory.state)}, and the engine's\n`,
    `run        ${run}\n`,
    "nothing was trained or written (--dry-run)\n",
  ].join("");
}
