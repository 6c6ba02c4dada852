/**
 * G_y (theta_y): features [N, F] to class logits [N, classes], or of a regression to one number [N, 1]. The softmax of
 * the paper's figure is a part of the loss (`energy.ts`) and of what a saved model returns.
 */
import { internalError, usageError } from "../errors.ts";
import { concat, mul } from "../graph/index.ts";
import { type Initialisation, initialisation } from "../nn/initialisers.ts";
import type { Layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { sequential } from "../nn/sequential.ts";
import type { TaskKind } from "../task.ts";

export interface LabelPredictorOptions {
  /** Layers between features and outputs; default none: a linear predictor. */
  readonly hidden?: readonly Layer[];
  /** How the last weights start; default Glorot's uniform, biases zero. */
  readonly initialisation?: Initialisation;
  /** What it predicts; default `classification`. */
  readonly task?: TaskKind | undefined;
}

/** The part named `labelPredictor`. @param outputs a logit a class, at least 2; of a regression 1. */
export function labelPredictor(outputs: number, options: LabelPredictorOptions = {}): Layer {
  const { hidden = [], initialisation: start = initialisation("glorotUniform"), task = "classification" } = options;
  return sequential("labelPredictor", [...hidden, ...last(outputs, task, start)]);
}

function last(outputs: number, task: TaskKind, start: Initialisation): Layer[] {
  const wrong = (expected: string): Error =>
    usageError("classes", `label predictor: expected ${expected}, got ${outputs}`);
  switch (task) {
    case "classification":
      if (outputs < 2) throw wrong("at least 2 classes");
      return [linear(outputs, { name: "logits", initialisation: start })];
    case "binary":
      if (outputs !== 2) throw wrong("2 classes of a binary task");
      return [linear(1, { name: "logit", initialisation: start }), againstZero];
    case "regression":
      if (outputs !== 1) throw wrong("1 output of a regression");
      return [linear(1, { name: "value", initialisation: start })];
    default:
      throw internalError(`no task ${String(task satisfies never)}`);
  }
}

/**
 * One logit z [N, 1] as the logits [0, z] of two classes. Their softmax is [1 - sigmoid(z), sigmoid(z)] and their
 * cross-entropy that of the sigmoid, softplus(z) - y z (the shallow network of JMLR 17, section 4.1, has such an output
 * for two classes): all that reads two columns of logits works on them.
 */
const againstZero: Layer = {
  name: "againstZero",
  description: "[0, logit]",
  mixesRows: false,
  apply: (logit) => concat([mul(logit, 0), logit], 1),
};
