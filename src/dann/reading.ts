/** How rows become the inputs of an imported model, and what it gives for them one vector a row. */
import { usageError } from "../errors.ts";
import { cast, isFloat, printType, reduceMean, transpose, type Var } from "../graph/index.ts";
import type { ImportedModel } from "../onnx/import.ts";

export interface Reading {
  /** What is read, for descriptions: `image`. */
  readonly name: string;
  /** The model's inputs for rows [N, ...]. */
  inputs(x: Var): Readonly<Record<string, Var>>;
  /** [N, D] from the tensor that is taken as features. */
  vectors(features: Var, x: Var): Var;
  /** How, where the features are tokens, maps or sequences; for descriptions. */
  readonly pooling?: string | undefined;
}

/**
 * A model with one input takes the rows as they are. Maps [N, C, H, W] are averaged over space, sequences over time or
 * tokens.
 * @throws DannError where the model has not one input of floats, or of images.
 */
export function rowReading(model: ImportedModel): Reading {
  const name = onlyInput(model);
  const raw = model.inputs[name]?.dtype === "uint8";
  return {
    name,
    // A model with its preprocessing inside takes pixels as they come, [N, H, W, C].
    inputs: (x) => ({ [name]: raw ? cast(transpose(x, [0, 2, 3, 1]), "uint8") : x }),
    vectors(features, x) {
      const rank = features.type.shape.length;
      if (rank === 2) return features;
      if (rank === 4) return reduceMean(features, { axes: [2, 3], keepDims: false });
      // A network of signals [N, C, T] keeps channels before time; encoders of images have tokens before their width.
      if (rank === 3) return reduceMean(features, { axes: [x.type.shape.length === 3 ? 2 : 1], keepDims: false });
      throw noVectors(features, "2, 3 or 4");
    },
  };
}

export const noVectors = (features: Var, expected: string): Error =>
  usageError(
    "backbone-features",
    `backbone: expected features of rank ${expected}, got ${printType(features.type)}`,
    "Name another tensor with --features; dann inspect lists them.",
  );

function onlyInput({ inputs }: ImportedModel): string {
  const [name, ...others] = Object.keys(inputs);
  const type = inputs[name ?? ""];
  if (name !== undefined && type !== undefined && others.length === 0) {
    if (isFloat(type.dtype) || (type.dtype === "uint8" && type.shape.length === 4)) return name;
  }
  const found = Object.entries(inputs).map(([each, of]) => `${each} ${printType(of)}`);
  throw usageError(
    "backbone-input",
    `backbone: expected a model with one input of floats, or of images uint8 [N,H,W,C], or an encoder of text (input_ids, attention_mask), got ${found.join(", ") || "none"}`,
    "Export the network from its image or signal input to its output alone.",
  );
}
