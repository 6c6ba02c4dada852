/** The documents of `--json` of the smaller commands. Their JSON Schemas are in `schemas/`. */
import * as z from "zod";
import { metricsSchema, modelRow, regressionSchema } from "../adapt/result.ts";

const count = z.int().nonnegative();

const chosen = modelRow
  .pick({ name: true, selection: true, epoch: true })
  .extend({ why: z.string().describe("what chose it, half a sentence for people") })
  .nullable()
  .describe("which of the run's models answers; null of a model.onnx by itself");

export const predictDocument = z.object({
  schema: z.literal(1),
  model: z.string().describe("path of the ONNX file"),
  chosen,
  data: z.string(),
  out: z.string().describe("the file with id, label and probabilities"),
  format: z.enum(["csv", "jsonl", "npz"]),
  rows: count,
  classes: z.record(z.string(), count).describe("rows given each label; empty of a regression"),
  probabilities: z
    .enum(["calibrated", "raw"])
    .nullable()
    .describe("raw: the network's own, asked for or of a model without a temperature; null of a regression"),
  value: z
    .object({ min: z.number(), max: z.number(), mean: z.number() })
    .optional()
    .describe("of a regression with rows: the predicted numbers"),
  abstained: z
    .object({ below: z.number(), rows: count.describe("rows without a label") })
    .nullable()
    .describe("--abstain-below: rows whose highest probability is below it have no label; null where it was not given"),
  seconds: z.number().nonnegative(),
});
export type PredictDocument = z.output<typeof predictDocument>;

export const evaluateDocument = z.object({
  schema: z.literal(1),
  model: z.string().describe("path of the ONNX file"),
  chosen,
  data: z.string(),
  unknownClasses: count.describe("rows of classes that the model does not know; they count as wrong"),
  metrics: metricsSchema.nullable().describe("null of a regression, which has errors"),
  errors: regressionSchema.optional().describe("of a regression, in the label's unit"),
});
export type EvaluateDocument = z.output<typeof evaluateDocument>;

const declaredTensors = z.array(
  z.object({
    name: z.string(),
    dtype: z.string(),
    shape: z.array(z.union([z.string(), count])).describe("N is the batch, of any size"),
  }),
);
const device = z.enum(["cpu", "wasm"]);

export const reportDocument = z.object({
  schema: z.literal(1),
  run: z.string(),
  out: z.string().describe("the page, one HTML file"),
  bytes: count,
});
export type ReportDocument = z.output<typeof reportDocument>;

export const exportDocument = z.object({
  schema: z.literal(1),
  run: z.string(),
  out: z.string().describe("the ONNX file"),
  bytes: count,
  model: z.object({
    name: z.string(),
    selection: z.enum(["last", "validator"]),
    epoch: z.number().nonnegative(),
  }),
  classes: z.array(z.string()).describe("in the order of the logits"),
  opset: count,
  inputs: declaredTensors,
  outputs: declaredTensors,
  metadata: z.array(z.string()).describe("keys of the texts in the file"),
  tolerance: z.number().describe("largest difference that is accepted"),
  verification: z
    .array(
      z.union([
        z.object({
          device,
          engine: z.string(),
          rows: z.enum(["held-out", "random"]).describe("rows of the run that did not train, or made-up ones"),
          count,
          outputs: z
            .record(z.string(), z.number())
            .describe(
              "largest difference from the float64 reference, relative to the largest value above 1, by output",
            ),
        }),
        z.object({ device, absent: z.string().describe("why this engine did not verify") }),
      ]),
    )
    .describe("an entry an engine and set of rows"),
  withoutData: z.string().nullable().describe("why rows of the run were not used; null where they were"),
  parameters: z.object({ path: z.string(), tensors: count }).nullable(),
  tokenizer: z.string().nullable().describe("where the tokenizer of a model of texts was copied to; null of others"),
});
export type ExportDocument = z.output<typeof exportDocument>;

const numbers = { min: z.number(), max: z.number(), mean: z.number(), deviation: z.number() };

const column = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("number"),
    name: z.string(),
    missing: count,
    min: z.number().optional(),
    max: z.number().optional(),
    mean: z.number().optional(),
    deviation: z.number().optional(),
  }),
  z.object({
    kind: z.literal("category"),
    name: z.string(),
    missing: count,
    categories: count,
    top: z.array(z.object({ word: z.string(), rows: count })).readonly(),
  }),
  z.object({ kind: z.literal("text"), name: z.string(), missing: count, example: z.string().optional() }),
]);

const dataset = z.object({
  origin: z.string(),
  kind: z.enum(["table", "dense", "sparse", "image", "signal"]),
  rows: count,
  shape: z.array(count).readonly().describe("of one row"),
  columns: z.array(column).readonly().optional(),
  values: z.object({ ...numbers, notFinite: count }).optional(),
  density: z.number().optional().describe("share of entries that are stored, for sparse rows"),
  classes: z
    .array(z.object({ name: z.string(), rows: count }))
    .readonly()
    .optional(),
  labels: z
    .object({ ...numbers, notFinite: count })
    .optional()
    .describe("with --task regression, in the place of classes"),
  unlabelled: count.optional(),
  groups: count.optional(),
  folder: z
    .object({
      sizes: z
        .object({
          different: count,
          smallest: z.string(),
          largest: z.string(),
          commonest: z.object({ size: z.string(), images: count }),
        })
        .describe("HEIGHTxWIDTH of the images as they stand upright"),
      channels: z.object({ grey: count, colour: count }),
      formats: z.object({ jpeg: count, png: count, webp: count }),
      turned: count.describe("images that EXIF's orientation turns"),
      bad: z
        .array(z.object({ id: z.string(), reason: z.string() }))
        .readonly()
        .describe("images that cannot be read"),
      lookedAt: z.string().describe("the size at which the pixels were looked at"),
    })
    .optional()
    .describe("for folders of images"),
});

export const inspectDocument = z.object({
  schema: z.literal(1),
  datasets: z.array(dataset).describe("in the order of the command line"),
  findings: z
    .array(
      z.object({
        level: z.enum(["error", "warning"]),
        code: z.string(),
        message: z.string(),
        remedy: z.string().optional(),
      }),
    )
    .describe("what the checks before training say"),
});
export type InspectDocument = z.output<typeof inspectDocument>;

export const buildDocument = z.object({
  schema: z.literal(1),
  built: z.literal("mnist-m"),
  seed: count,
  decoder: z.enum(["sharp", "javascript"]).nullable().describe("what decoded the photographs; null with --patches"),
  files: z.array(z.object({ path: z.string(), bytes: count })),
});
export type BuildDocument = z.output<typeof buildDocument>;

export const convertDocument = z.object({
  schema: z.literal(1),
  input: z.string(),
  out: z.string(),
  format: z.enum(["folder", "idx", "npy", "npz"]),
  images: count,
  shape: z.array(count).readonly().describe("of one image: height, width, channels"),
  classes: z
    .array(
      z.object({
        name: z.string().describe("the sub-folder of a folder"),
        number: count.describe("what stands for it in the labels of arrays"),
        images: count,
      }),
    )
    .readonly()
    .nullable()
    .describe("null without labels"),
  groups: count.nullable().describe("null without --group"),
  files: z
    .array(z.object({ path: z.string(), bytes: count }))
    .readonly()
    .describe("of a folder the folder itself, with the bytes of all its images"),
  notes: z.array(z.string()).readonly().describe("what was left out, and why"),
});
export type ConvertDocument = z.output<typeof convertDocument>;

const tensorShape = z.array(z.union([count, z.string()])).readonly();
const namedType = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: tensorShape.describe("a name stands for a size that the data give"),
});
const feature = z.object({
  name: z.string(),
  operator: z.string(),
  place: z.string(),
  shape: tensorShape.describe("of one row"),
  why: z.string(),
});

export const modelDocument = z.object({
  schema: z.literal(1),
  model: z.string(),
  producer: z.string(),
  opset: count,
  inputs: z.array(namedType).readonly(),
  outputs: z.array(namedType).readonly(),
  operators: z.array(z.object({ operator: z.string(), count, imported: z.boolean() })).readonly(),
  problem: z.string().nullable().describe("why the model cannot be imported; what follows is then null"),
  parameters: z.object({ tensors: count, count, bytes: count.describe("as float32") }).nullable(),
  features: z.object({ candidates: z.array(feature).readonly(), chosen: feature.nullable() }).nullable(),
  gradients: z
    .object({
      tensor: z.string(),
      parameters: count.describe("weights on the way to the tensor"),
      unreached: z.array(z.string()).readonly().describe("weights that no gradient reaches"),
      problem: z.string().nullable().describe("why there is no gradient"),
    })
    .nullable(),
  asBackbone: z.string().nullable().describe("what images become in front of it by default; null for other inputs"),
  batchNorm: z
    .object({
      kept: count,
      folded: z.array(z.string()).readonly().describe("convolutions into which one looks folded"),
    })
    .nullable(),
  check: z
    .object({
      rows: count,
      gradient: z.number(),
      difference: z.number(),
      error: z.number().describe("relative difference of the two slopes along one random direction, in float64"),
      ok: z.boolean(),
    })
    .nullable()
    .describe("with --check"),
});
export type ModelDocument = z.output<typeof modelDocument>;

export const doctorDocument = z.object({
  schema: z.literal(1),
  dann: z.string(),
  node: z.object({ version: z.string(), endOfLife: z.string().nullable().describe("date, where it is known") }),
  platform: z.string(),
  cpus: count,
  memory: count.describe("bytes of the machine"),
  devices: z.array(
    z.object({
      device: z.string(),
      available: z.boolean(),
      version: z.string().optional(),
      reason: z.string(),
      remedy: z.string().optional(),
    }),
  ),
  chosen: z.string().nullable().describe("what --device auto takes"),
  benchmark: z
    .array(
      z.object({
        device: z.string(),
        threads: count,
        milliseconds: z.number().describe("median of one DANN step of the paper's MNIST network, 64 + 64 rows"),
      }),
    )
    .describe("empty where no engine works"),
  parity: z
    .array(
      z.object({
        device: z.string(),
        difference: z.number().describe("largest relative difference from the float64 reference"),
        ok: z.boolean(),
      }),
    )
    .describe("one step of a small network against the float64 reference"),
  advice: z.array(z.string()),
});
export type DoctorDocument = z.output<typeof doctorDocument>;
