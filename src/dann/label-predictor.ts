/**
 * G_y (theta_y): features [N, F] to class logits [N, classes]. The softmax of the paper's figure is a part of the loss
 * (`energy.ts`) and of what a saved model returns.
 */
import { usageError } from "../errors.ts";
import { type Initialisation, initialisation } from "../nn/initialisers.ts";
import type { Layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { sequential } from "../nn/sequential.ts";

export interface LabelPredictorOptions {
  /** Layers between features and logits; default none: a linear classifier. */
  readonly hidden?: readonly Layer[];
  /** How the logits' weights start; default Glorot's uniform, biases zero. */
  readonly initialisation?: Initialisation;
}

/** The part named `labelPredictor`. @param classes at least 2: one logit a class. */
export function labelPredictor(classes: number, options: LabelPredictorOptions = {}): Layer {
  const { hidden = [], initialisation: start = initialisation("glorotUniform") } = options;
  if (classes < 2) throw usageError("classes", `label predictor: expected at least 2 classes, got ${classes}`);
  return sequential("labelPredictor", [...hidden, linear(classes, { name: "logits", initialisation: start })]);
}
