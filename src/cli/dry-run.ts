/** `--dry-run`: what a run would be, without a step of training. The data are read and checked all the same. */
import * as z from "zod";
import { networkOfPlan } from "../adapt/network.ts";
import type { ScoredRows, SessionPlan } from "../adapt/plan.ts";
import { isRefinePlan, type RefinePlan } from "../adapt/refine/plan.ts";
import { refineStage } from "../adapt/refine/session.ts";
import { stagesOf } from "../adapt/stages.ts";
import { describeAugment } from "../data/augment.ts";
import { describePixels } from "../data/preprocess/image.ts";
import { inputShape } from "../data/preprocess.ts";
import { internalError } from "../errors.ts";
import { sizeOf } from "../graph/tensor.ts";
import { taskKinds } from "../task.ts";
import { checkedMethod, stepsOf } from "../train/job.ts";
import { stepOf } from "../train/prepare.ts";
import type { Output } from "./output.ts";
import { formatBytes } from "./render/progress.ts";

export const dryRunDocument = z.object({
  schema: z.literal(1),
  dryRun: z.literal(true),
  run: z.string().describe("where the run would be written"),
  from: z
    .object({ run: z.string(), model: z.string() })
    .optional()
    .describe("of a refinement (adapt --from): the run that it would go on from, and its model"),
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
    sourceScoredOn: z.string().nullable().describe("null of a refinement, which has no source"),
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

/** Says what would be done, and does nothing. */
export async function showDryRun(plan: SessionPlan | RefinePlan, run: string, output: Output): Promise<void> {
  const document = await dryRun(plan, run);
  output.document(document);
  output.result(renderDryRun(document));
}

export async function dryRun(plan: SessionPlan | RefinePlan, run: string): Promise<DryRun> {
  const { network, description, why } = await networkOfPlan(plan);
  const { train } = plan;
  const [adapts, refines] = isRefinePlan(plan) ? [undefined, plan] : [plan, undefined];
  const trainings = isRefinePlan(plan) ? [refineStage(plan, network)] : stagesOf(plan, network);
  const main = trainings.find(({ id }) => id === "method") ?? trainings[0];
  if (main === undefined) throw internalError("a run without a training");
  const step = stepOf(main.job, network, checkedMethod(main.job));
  const encoded = [
    adapts?.source.rows,
    plan.target,
    adapts?.labelledTarget?.rows,
    adapts?.sourceScored.rows,
    plan.targetScored?.rows,
  ];
  const bytes = [...new Set(encoded)].reduce((sum, rows) => sum + (rows === undefined ? 0 : bytesOf(rows)), 0);
  return {
    schema: 1,
    dryRun: true,
    run,
    ...(refines && { from: { run: refines.run, model: refines.start.name } }),
    task: {
      kind: plan.task.kind,
      classes: [...plan.classes],
      sourceRows: adapts?.source.rows.rows ?? 0,
      targetRows: plan.target.rows,
      ...(adapts?.labelledTarget && { labelledTargetRows: adapts.labelledTarget.rows.rows }),
      inputShape: [...inputShape(plan.preprocess)],
      pixels: plan.preprocess.kind === "image" ? describePixels(plan.preprocess) : null,
      sourceScoredOn: adapts === undefined ? null : scoredOn(adapts.sourceScored),
      targetScoredOn: plan.targetScored === undefined ? null : scoredOn(plan.targetScored),
    },
    network: { name: network.name, description, why, parameters: step.parameters },
    augmentation: train.augment === undefined ? null : describeAugment(train.augment),
    trainings: trainings.map(({ name, job }) => ({ name, steps: stepsOf(job) })),
    memory: { data: bytes, state: 4 * step.carried.reduce((sum, { dims }) => sum + sizeOf(dims), 0) },
    warnings: [...plan.warnings],
  };
}

const scoredOn = ({ on, rows }: ScoredRows<string>): string => `${on}: ${rows.rows} rows`;

const bytesOf = (rows: object): number =>
  Object.values(rows).reduce<number>((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0);

export function renderDryRun({ task, network, augmentation, trainings, memory, run, from, warnings }: DryRun): string {
  return [
    ...warnings.map((text) => `warning: ${text}\n`),
    `rows       ${task.sourceScoredOn === null ? "" : `${task.sourceRows} source (scored on ${task.sourceScoredOn}), `}${task.targetRows} target${task.labelledTargetRows === undefined ? "" : ` and ${task.labelledTargetRows} labelled ones`} (${task.targetScoredOn === null ? "not scored" : `scored on ${task.targetScoredOn}`})\n`,
    ...(from === undefined ? [] : [`from       ${from.model} of ${from.run}, without its source rows\n`]),
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
