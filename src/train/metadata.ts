/** What a saved model says about itself, beside its graph: JSON texts in the metadata of the ONNX file. */
import * as z from "zod";
import { type PreprocessSpec, preprocessSpec } from "../data/preprocess.ts";
import type { Domain } from "../domain.ts";
import { dataError } from "../errors.ts";
import type { Task } from "../task.ts";

/** What a temperature rests on: source rows weighted to the target, source rows as they are, or nothing (T = 1). */
export const calibrationBases = ["weighted", "source", "none"] as const;

/** By what the logits are divided before they become probabilities (Guo et al., ICML 2017), and what it was found from. */
export interface ModelCalibration {
  readonly temperature: number;
  readonly basis: (typeof calibrationBases)[number];
}

export interface ModelMetadata {
  /** Version of this description. */
  readonly schema: 1;
  /** Name of each class, in the order of the logits; none of a regression. */
  readonly classes: readonly string[];
  /** How rows become raw inputs: columns, vocabularies, sizes. The arithmetic itself is in the graph. */
  readonly preprocess: PreprocessSpec;
  /** Whose rows the model is for. */
  readonly domain: Domain;
  readonly network: string;
  /** Missing in models that were not calibrated: their probabilities are the softmax of the logits. */
  readonly calibration?: ModelCalibration | undefined;
  /** Missing in classifiers with a logit a class. */
  readonly task?: Task | undefined;
  /** Version of dann that wrote the file. */
  readonly version: string;
}

const schemas: { readonly [K in keyof Required<ModelMetadata>]: z.ZodType<ModelMetadata[K]> } = {
  schema: z.literal(1),
  classes: z.array(z.string()),
  preprocess: preprocessSpec,
  domain: z.enum(["source", "target"]),
  network: z.string(),
  calibration: z.object({ temperature: z.number().positive(), basis: z.enum(calibrationBases) }).optional(),
  task: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.enum(["classification", "binary"]) }),
      z.object({
        kind: z.literal("regression"),
        scale: z.object({ mean: z.number(), deviation: z.number().positive() }),
      }),
    ])
    .optional(),
  version: z.string(),
};

const exportAgain = "Export the model again with this version of dann.";

/** Each field as JSON under `dann.<field>`; `extra` texts are written as they are. */
export const encodeMetadata = (
  metadata: ModelMetadata,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(metadata)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`dann.${key}`, JSON.stringify(value)]),
  ),
  ...extra,
});

/** Reads it back; refuses an ONNX file that dann did not write. */
export function decodeMetadata(texts: Readonly<Record<string, string>>, origin: string): ModelMetadata {
  if (texts["dann.schema"] === undefined)
    throw dataError(
      "model-foreign",
      `${origin}: an ONNX model, but not one that dann wrote`,
      "Give the model.onnx of a run.",
    );
  const found: Partial<Record<keyof ModelMetadata, unknown>> = {};
  for (const key of Object.keys(schemas) as (keyof ModelMetadata)[]) {
    const parsed = schemas[key].safeParse(parseJson(texts[`dann.${key}`]));
    if (!parsed.success)
      throw dataError(
        "model-metadata",
        `${origin}: dann.${key} in its metadata is missing or not of this version`,
        exportAgain,
      );
    found[key] = parsed.data;
  }
  const metadata = found as ModelMetadata;
  if (metadata.classes.length === 0 && metadata.task?.kind !== "regression")
    throw dataError("model-metadata", `${origin}: dann.classes in its metadata names no class`, exportAgain);
  return metadata;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
