/**
 * The one schema of an adaptation: its type, its defaults, what flags may set, the JSON Schema for editors, and what
 * is saved with a run. Each part is defined beside what it configures; this file only puts them together.
 */
import * as z from "zod";
import { networkOptions } from "../dann/networks/options.ts";
import { cacheOption, preprocessOptions, readOptions } from "../data/config.ts";
import { evaluateConfig } from "../evaluate/config.ts";
import { targetValidators } from "../evaluate/validators/registry.ts";
import { combination, isRefinement, isRefusal, refinementNames } from "../methods/combination.ts";
import { methodConfig } from "../methods/config.ts";
import { taskKinds } from "../task.ts";
import { trainConfig } from "../train/config.ts";

const path = z.string().min(1);
const paths = z.union([path, z.array(path).min(1)], "expected a path, or a list of them");

export const dataConfig = z.strictObject({
  source: paths.describe(
    "labelled rows of the source: a file, or a folder of images with a sub-folder a class; or several sources",
  ),
  target: path.describe("unlabelled rows of the target: a file, or a folder of images"),
  sourceLabels: paths
    .optional()
    .describe("labels of the source: a column's name or index, or a file of labels; for several sources one each"),
  targetLabels: path
    .optional()
    .describe("labels of the target, for scoring only: a column, a file of labels, or folder (its sub-folders)"),
  targetLabelled: path
    .optional()
    .describe("a few labelled rows of the target, to train on: they never score (semi-supervised adaptation)"),
  targetLabelledLabels: path
    .optional()
    .describe("labels of these rows; default: the column of the source's, or the sub-folders"),
  sourceTest: path
    .optional()
    .describe("labelled source rows that never train; default: a part of the source is held out"),
  sourceTestLabels: path.optional().describe("labels of the source test rows; default: the column of the source's"),
  targetTest: path.optional().describe("target rows that never train, to score on"),
  targetTestLabels: path.optional().describe("labels of the target test rows; default: the column of the target's"),
  read: readOptions
    .refine((read) => read.labels === undefined, {
      message: "use data.sourceLabels and data.targetLabels",
      path: ["labels"],
    })
    .prefault({})
    .describe("how files are read"),
  preprocess: preprocessOptions.prefault({}).describe("how rows become inputs"),
  cache: cacheOption,
});

export const networkConfig = z.strictObject({
  name: path.default("auto").describe("auto, a network by name, or a module (.js, .mjs, .ts) that makes one"),
  options: networkOptions.prefault({}).describe("options of the network"),
  backbone: z
    .strictObject({
      model: path.describe("a trained network (ONNX) that becomes the first part of the feature extractor"),
      features: path.optional().describe("its tensor that is taken as features; default: what its classifier reads"),
      train: z
        .union([z.enum(["none", "all"]), z.int().positive()])
        .default("none")
        .describe("which of its weights are trained: none, all, or those of the last N blocks"),
      tokenizer: path.optional().describe("tokenizer.json of an encoder of text"),
      maxTokens: z
        .int()
        .min(4)
        .optional()
        .describe("most tokens of a text; default 128, or fewer where the encoder has fewer positions"),
    })
    .optional()
    .describe("a network trained elsewhere, in front of this one"),
});

export const presetNames = ["modern", "paper"] as const;
export type PresetName = (typeof presetNames)[number];

/** A method's name and options, where it trains a model; and where it goes on from a trained one. */
const [training, refining] = [false, true].map((refines) =>
  methodConfig.superRefine(({ name }, context) => {
    const found = combination(name);
    if (isRefusal(found) || isRefinement(found) === refines) return;
    context.addIssue({
      code: "custom",
      path: ["name"],
      message: refines
        ? `expected a refinement (${refinementNames.join(", ")}) with --from, got ${name}`
        : `${name} goes on from a finished run, without its source rows`,
      params: {
        remedy: refines
          ? "Leave --from out: this method trains with source rows."
          : `Name the run: --from RUN --target FILE --method ${name}.`,
      },
    });
  }),
) as [typeof methodConfig, typeof methodConfig];

/** Everything that says how to train and to score, whatever the data: what the library's `adapt` takes as well. */
const recipe = {
  preset: z.enum(presetNames).default("modern").describe("recipe to start from; everything else is laid over it"),
  task: z
    .enum(taskKinds)
    .optional()
    .describe("what labels are: classes (default), two classes by one logit, or numbers"),
  network: networkConfig.prefault({}),
  method: training,
  train: trainConfig,
  evaluate: evaluateConfig.prefault({}),
};

export const recipeConfig = z.strictObject(recipe);
export type RecipeConfig = z.output<typeof recipeConfig>;
export type RecipeInput = z.input<typeof recipeConfig>;

export const runConfig = z.strictObject({
  data: dataConfig.prefault({} as never),
  ...recipe,
  seeds: z
    .array(z.int().nonnegative())
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "each seed once")
    .optional()
    .describe("several seeds: a run folder each and a summary; absent: train.seed alone"),
  out: path.optional().describe("folder of the run; default: a new one in runs/"),
});

/** Validators that look at the target alone, and the last epoch. */
const refineSelects = ["last", ...targetValidators.map(({ name }) => name)] as const;

/** How a finished run is gone on from: what the library's `refine` takes. Training is the run's own where nothing else is said, the network always. */
export const refineRecipe = z.strictObject({
  from: z.strictObject({
    run: path.describe("a finished run whose model is gone on from, with rows of the target alone"),
    model: path.default("chosen").describe("which of its models: chosen, last, source-only, or its method's name"),
  }),
  network: networkConfig,
  method: refining,
  train: trainConfig,
  evaluate: evaluateConfig
    .pick({ sample: true, evaluations: true })
    .extend({
      select: z
        .enum(refineSelects)
        .default("last")
        .describe("what chooses the epoch, without labels: last, or a validator that needs no source rows"),
    })
    .prefault({}),
});
export type RefineRecipe = z.output<typeof refineRecipe>;
export type RefineInput = z.input<typeof refineRecipe>;

const { from, ...refineTraining } = refineRecipe.shape;

/** What `dann adapt --from RUN` reads. */
export const refineConfig = z.strictObject({
  from,
  data: dataConfig.pick({
    ...{ target: true, targetLabels: true, targetTest: true, targetTestLabels: true, cache: true },
    read: true,
  }),
  ...refineTraining,
  out: path.optional().describe("folder of the run; default: a new one in runs/"),
});
export type RefineConfig = z.output<typeof refineConfig>;

export type RunConfig = z.output<typeof runConfig>;
export type DataConfig = z.output<typeof dataConfig>;
