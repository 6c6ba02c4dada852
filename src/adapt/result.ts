/**
 * The result of an adaptation: what `--json` prints and `result.json` holds. Stable and versioned; its JSON Schema is
 * in `schemas/`. Fields may be added under the same version, never changed or taken away.
 */
import * as z from "zod";
import { dataError } from "../errors.ts";
import { findingCodes } from "../evaluate/health/finding.ts";
import { selectNames } from "../evaluate/selection.ts";
import { labelledTargetName } from "../report/run.ts";
import { taskKinds } from "../task.ts";
import { calibrationBases } from "../train/metadata.ts";
import { verdictCodes } from "./verdict.ts";

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

export const classMetrics = z.object({
  class: z.string().describe("the class as the data name it"),
  precision: share,
  recall: share,
  f1: share,
  support: count.describe("rows that are of this class"),
});

export const metricsSchema = z.object({
  rows: count.describe("rows scored"),
  accuracy: share,
  balancedAccuracy: share.describe("mean recall over the classes that occur"),
  macroF1: share,
  perClass: z.array(classMetrics).readonly(),
  confusion: z.array(z.array(count).readonly()).readonly().describe("counts, confusion[truth][prediction]"),
});

/** Of a regression. Its scores have their own names: none of them is an accuracy. */
export const regressionSchema = z.object({
  rows: count.describe("rows scored"),
  mae: z.number().nonnegative().describe("mean absolute error, in the label's unit"),
  rmse: z.number().nonnegative().describe("root of the mean squared error, in the label's unit"),
  r2: z.number().nullable().describe("1 - squared error / that of the rows' own mean; null where all labels are one"),
});

const change = z.object({ before: share, after: share });

const bins = z
  .array(z.object({ rows: count, confidence: share, accuracy: share }))
  .readonly()
  .optional()
  .describe("rows by their highest probability after the temperature, from unsure to sure: how often they are right");

/** ECE: expected calibration error, 15 bins of equal width; before: the network's own probabilities. */
const calibrationSchema = z.object({
  temperature: z.number().positive().describe("probabilities are softmax(logits / temperature)"),
  basis: z
    .enum(calibrationBases)
    .describe("what it was found from: held-out source rows weighted to the target, or as they are; none: it is 1"),
  why: z.string().nullable().describe("why there is no better basis; null of weighted"),
  source: z.object({
    rows: count.describe("held-out source rows that were looked at"),
    temperature: z.number().positive().nullable().describe("of the lowest negative log-likelihood of these rows"),
    ece: change.describe("expected calibration error of these rows"),
    bins,
  }),
  weighted: z.object({
    overlap: z
      .number()
      .nonnegative()
      .describe("mean density ratio target / source of the rows: 1 where they cover the target, 0 where not at all"),
    effectiveRows: z.number().nonnegative().describe("rows that they are worth when weighted by it"),
    clipped: count.describe("rows whose weight was cut at ten times the mean"),
    temperature: z.number().positive().nullable(),
  }),
  estimatedTargetEce: change
    .nullable()
    .describe("of the target, estimated without its labels by the weighted rows; null where they do not stand for it"),
  target: z
    .object({ rows: count, ece: change, bins })
    .nullable()
    .describe("of the target by its labels, where they were given: they score, and choose nothing"),
});

export const modelRow = z.object({
  name: z
    .string()
    .describe(
      `source-only, adabn, ${labelledTargetName} (trained on all labels given, adapted to nothing), the method's name, or target-trained; of a refinement first the model it began with`,
    ),
  method: z.string().describe("the method that trained it"),
  selection: z
    .enum(["last", "validator", "oracle", "target-trained"])
    .describe(
      "how the epoch was taken: the last, without target labels, by target labels, or trained on target labels",
    ),
  selectable: z.boolean().describe("false where target labels were used: a bound, not a model to use"),
  epoch: z.number().nonnegative().describe("passes over the source"),
  metrics: z.object({
    source: metricsSchema
      .nullable()
      .describe("on source rows that did not train; null of a refinement, which has none, and of a regression"),
    target: metricsSchema.nullable().describe("null unless target labels were given, and of a regression"),
  }),
  errors: z
    .object({
      source: regressionSchema.describe("on source rows that did not train"),
      target: regressionSchema.nullable().describe("null unless target labels were given"),
    })
    .optional()
    .describe("of a regression, in the place of metrics"),
  scoredOn: z.object({
    source: z.enum(["source-test", "source-holdout"]).nullable(),
    target: z
      .enum(["target-test", "target", "target-holdout"])
      .nullable()
      .describe("target: the adapted rows; target-holdout: rows kept from the row that trains on target labels"),
  }),
  validators: z
    .record(z.string(), z.number())
    .describe("scores without target labels, by name; one that can say nothing of these rows is missing"),
  classWeights: z
    .array(z.number().nonnegative())
    .optional()
    .describe("with method.classWeights: what rows of each class weighed in the end, in the order of task.classes"),
  calibration: calibrationSchema.optional().describe("missing of models that cannot be chosen"),
});

export const adaptResult = z.object({
  schema: z.literal(1),
  run: z.string().nullable().describe("the run's folder; null where nothing was written"),
  task: z.object({
    kind: z.enum(taskKinds).describe("binary: two classes by one logit"),
    classes: z.array(z.string()).describe("empty of a regression"),
    labels: z
      .object({ mean: z.number(), deviation: z.number() })
      .optional()
      .describe("of a regression: of the source rows that trained, in the label's unit"),
    sourceRows: count.describe("labelled source rows that trained; 0 of a refinement"),
    sources: z
      .array(z.object({ name: z.string(), rows: count.describe("that trained"), apart: z.boolean() }))
      .optional()
      .describe("several sources; apart: the domain classifier has a class for each"),
    targetRows: count.describe("target rows that trained, without labels"),
    labelledTargetRows: count
      .optional()
      .describe("other target rows, that trained with labels given for it; missing where there were none"),
    inputShape: z.array(count).describe("of one row after preprocessing"),
  }),
  network: z.object({
    name: z.string(),
    description: z.string(),
    why: z.string().describe("for auto: what in the data decided"),
    parameters: count,
  }),
  models: z.array(modelRow).describe("the rows of the table, source-only first"),
  select: z
    .enum(selectNames)
    .optional()
    .describe("what chose the epoch of the row whose selection is validator: auto, last, or a validator by name"),
  reverseValidation: z
    .object({
      rows: count.describe("held-out source rows that the risks are of"),
      risks: z.object({ sourceOnly: share, method: share }),
    })
    .optional()
    .describe(
      "of select reverse: the share of held-out source rows that a model gets wrong which learned from the target as the named model labels it; the lower one is chosen, source-only of equals",
    ),
  chosen: count.describe("index into models; target labels have no say in it. model.onnx is this model"),
  from: z
    .object({ run: z.string(), model: z.string().describe("as its result names it") })
    .optional()
    .describe("of a refinement: the run whose model it goes on from"),
  verdict: z.object({
    code: z.enum(verdictCodes),
    text: z.string(),
    remedies: z.array(z.string()),
  }),
  domainDistance: z
    .object({
      before: z.number().describe("proxy A-distance (0 to 2) between the preprocessed rows"),
      sourceOnly: z.number().describe("between source-only's features"),
      after: z.number().describe("between the adapted model's features"),
    })
    .nullable()
    .describe("how well a fresh linear classifier tells the domains apart; null of a refinement"),
  health: z
    .array(
      z.object({
        code: z.enum(findingCodes),
        level: z.enum(["warning", "note"]).describe("a note is no fault"),
        text: z.string(),
        numbers: z.record(z.string(), z.number()).readonly().describe("what the finding rests on, by name"),
        remedies: z.array(z.string()).readonly(),
      }),
    )
    .readonly()
    .optional()
    .describe("what a look at the adapted model found without target labels, faults first; empty: nothing"),
  notApplicable: z
    .array(z.string())
    .optional()
    .describe("of a regression: what reads class probabilities, and is therefore not looked at"),
  steps: count.describe("training steps of each model"),
  seconds: z.number().nonnegative().describe("all training and scoring, over all sittings of a resumed run"),
  spent: z
    .object({
      training: z.number().nonnegative().describe("of all models, from compiling their step to its last run"),
      evaluation: z.number().nonnegative().describe("validators at every evaluation, distances, probe and health"),
      rest: z
        .number()
        .nonnegative()
        .describe("scoring all rows, calibration, checkpoints, export, features of a backbone"),
    })
    .optional()
    .describe("what the seconds went into; missing in results of older versions"),
  stepsPerSecond: z.number().nonnegative().describe("of the method's training"),
  device: z.string(),
  threads: count,
  seed: count,
  verification: z
    .object({ difference: z.number(), rows: count })
    .describe("largest relative difference between the written model.onnx and the trained network, and rows compared"),
  warnings: z.array(z.string()),
  version: z.string().describe("of dann"),
});

export type ModelRow = z.output<typeof modelRow>;
export type AdaptResult = z.output<typeof adaptResult>;

export function parseResult(text: string, origin: string): AdaptResult {
  try {
    return adaptResult.parse(JSON.parse(text));
  } catch {
    throw dataError("run-result", `${origin}: not the result of a run of this version of dann`);
  }
}
