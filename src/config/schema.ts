/**
 * The one schema of an adaptation: its type, its defaults, what flags may set, the JSON Schema for editors, and what
 * is saved with a run. Each part is defined beside what it configures; this file only puts them together.
 */
import * as z from "zod";
import { networkOptions } from "../dann/networks/options.ts";
import { cacheOption, preprocessOptions, readOptions } from "../data/config.ts";
import { evaluateConfig } from "../evaluate/config.ts";
import { methodConfig } from "../methods/config.ts";
import { trainConfig } from "../train/config.ts";

const path = z.string().min(1);
const paths = z.union([path, z.array(path).min(1)]);

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

/** Everything that says how to train and to score, whatever the data: what the library's `adapt` takes as well. */
const recipe = {
  preset: z.enum(presetNames).default("modern").describe("recipe to start from; everything else is laid over it"),
  network: networkConfig.prefault({}),
  method: methodConfig,
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

export type RunConfig = z.output<typeof runConfig>;
export type DataConfig = z.output<typeof dataConfig>;
