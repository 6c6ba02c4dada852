/** How long, how fast and with what: everything about training that is neither data, network nor method. */
import * as z from "zod";
import { type LambdaSchedule, lambdaSchedule, type RateSchedule, rateSchedule } from "../dann/schedules.ts";
import { type Augment, type AugmentInput, augmentConfig } from "../data/augment.ts";
import { epochEnd } from "../data/batches.ts";
import type { Domain } from "../domain.ts";
import { type OptimizerConfig, optimizerConfig } from "../optim/config.ts";

/** The learning rate of each part of the network, relative to the schedule's. A part at 0 is frozen. */
export interface PartRates {
  readonly featureExtractor: number;
  readonly labelPredictor: number;
  readonly domainClassifier: number;
  /** Weights of an imported network inside G_f, which were trained before. */
  readonly backbone: number;
}

/** Settings with every default filled in; defaults are in the schema. Either `steps` or `epochs` is given. */
export interface TrainConfig {
  readonly steps?: number | undefined;
  /** Passes over the source. */
  readonly epochs?: number | undefined;
  /**
   * Rows of each domain in a batch, and labelled rows of the target beside them (default: half as many as target rows, or
   * all where there are fewer).
   */
  readonly batch: Readonly<Record<Domain, number>> & { readonly labelledTarget?: number | undefined };
  readonly optimizer: OptimizerConfig;
  /** Learning rate over progress. */
  readonly rate: RateSchedule;
  readonly partRates: PartRates;
  /** Factor on the reversed gradient over progress. */
  readonly lambda: LambdaSchedule;
  /** Largest norm of all gradients together; undefined: no clipping. */
  readonly gradientClip?: number | undefined;
  /** Changes of training images, of each domain by draws of its own; undefined: none. */
  readonly augment?: Augment | undefined;
  /** Radius of sharpness-aware minimisation of the label loss (`train/sharpness.ts`); undefined: none. */
  readonly sharpness?: number | undefined;
  /** Decay of an average of the weights that is evaluated and exported in their place; undefined: the last weights. */
  readonly weightAverage?: number | undefined;
  /** How source rows come into batches: every row once a pass, or every class equally often. */
  readonly sourceSampling: "shuffled" | "balanced";
  /** Factor of the label loss of labelled target rows; default 1. Read where such rows were given. */
  readonly labelledTargetWeight?: number | undefined;
  /** Decides initial values, order of rows, noise and augmentation. */
  readonly seed: number;
  readonly device: "auto" | "cpu" | "wasm";
  /** Threads inside one operator. Results are repeatable for a given count. */
  readonly threads: number;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
  /** Steps between two reports of the loss. */
  readonly logEvery: number;
}

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a person writes: what is left out takes its default. */
export interface TrainConfigInput
  extends Optional<Omit<TrainConfig, "batch" | "optimizer" | "rate" | "partRates" | "lambda" | "augment">> {
  /** Default 64 of each. */
  readonly batch?: Optional<TrainConfig["batch"]> | undefined;
  readonly optimizer: z.input<typeof optimizerConfig>;
  readonly rate: z.input<typeof rateSchedule>;
  /** Default 1 each, but 0.1 for `backbone`. */
  readonly partRates?: Optional<PartRates> | undefined;
  readonly lambda: z.input<typeof lambdaSchedule>;
  /** Default: none. */
  readonly augment?: AugmentInput | undefined;
}

const count = z.int().positive();
const partRate = z.number().nonnegative().default(1);

const batch = z.strictObject({
  source: count.default(64).describe("source rows in a batch"),
  target: count.default(64).describe("target rows in a batch"),
  labelledTarget: count
    .optional()
    .describe("labelled target rows beside them; default: half as many, or all where there are fewer"),
});

const partRates = z.strictObject({
  featureExtractor: partRate.describe("factor on the learning rate of G_f; 0 freezes it"),
  labelPredictor: partRate.describe("factor on the learning rate of G_y; 0 freezes it"),
  domainClassifier: partRate.describe("factor on the learning rate of G_d; 0 freezes it"),
  backbone: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe("factor on the learning rate of an imported network's weights; 0 freezes them"),
});

export const trainConfig: z.ZodType<TrainConfig, TrainConfigInput> = z
  .strictObject({
    steps: count.optional().describe("steps to train; give either steps or epochs"),
    epochs: count.optional().describe("passes over the source to train; give either steps or epochs"),
    batch: batch.prefault({}),
    optimizer: optimizerConfig,
    rate: rateSchedule.describe("learning rate over progress"),
    partRates: partRates.prefault({}),
    lambda: lambdaSchedule.describe("factor on the reversed gradient over progress"),
    gradientClip: z.number().positive().optional().describe("largest norm of all gradients together; absent: no limit"),
    augment: augmentConfig.describe("changes of training images; absent: none"),
    sharpness: z
      .number()
      .positive()
      .optional()
      .describe("radius within which the label loss should be flat, such as 0.05; absent: none, and half the time"),
    weightAverage: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe("decay of an average of the weights that is used in their place, such as 0.99; absent: none"),
    sourceSampling: z
      .enum(["shuffled", "balanced"])
      .default("shuffled")
      .describe("how source rows come into batches: every row once a pass, or every class equally often"),
    labelledTargetWeight: z
      .number()
      .nonnegative()
      .optional()
      .describe("factor of the label loss of labelled target rows (data.targetLabelled); default 1"),
    seed: z.int().nonnegative().default(0).describe("decides initial values, order of rows, noise and augmentation"),
    device: z.enum(["auto", "cpu", "wasm"]).default("auto").describe("engine to train on"),
    threads: count.default(1).describe("threads inside one operator"),
    checkpointEvery: count.default(500).describe("steps between checkpoints"),
    logEvery: count.default(50).describe("steps between two reports of the loss"),
  })
  .refine(({ steps, epochs }) => (steps === undefined) !== (epochs === undefined), {
    message: "expected either steps or epochs",
    path: ["steps"],
  });

/** Steps to train. An epoch is one pass over the source (design 2). */
export const stepsToTrain = (config: TrainConfig, sourceRows: number): number =>
  config.steps ?? epochEnd(config.epochs ?? 1, sourceRows, config.batch.source);
