/**
 * CDAN, conditional adversarial domain adaptation (Long et al., NeurIPS 2018): the domain classifier sees features f and
 * predictions g = softmax G_y(f) together, so that it has to be fooled class by class,
 *
 *   L_y + domainWeight L_d(G_d(T(R_lambda(f), g)))
 *   T(f, g) = f (x) g, the multilinear map, F * classes numbers a row               (equation 4)
 *   T(f, g) = (R_f f) o (R_g g) / sqrt(d), R_f and R_g fixed, entries from N(0, 1)  (equation 6)
 *
 * the second, of width d = `randomMapWidth`, where F * classes is above `multilinearLimit` (the paper's 4,096). The
 * matrices are drawn from the run's seed and saved with it. g is a constant to the gradient, as in the authors' release
 * and tllib; the equations do not say. With entropy conditioning (`cdan+e`) it is the paper's CDAN+E.
 */
import { z } from "zod";
import { gradientReversal } from "../dann/gradient-reversal.ts";
import { concat, matmul, mul, reshape, softmax, stopGradient, unsqueeze } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { normal } from "../nn/initialisers.ts";
import type { Scope } from "../nn/layer.ts";
import { adversary, adversaryMeasures } from "./adversary.ts";
import { domainOptions } from "./options.ts";
import type { MethodRow } from "./row.ts";

const options = {
  ...domainOptions,
  multilinearLimit: z
    .int()
    .nonnegative()
    .default(4096)
    .describe("features times classes above which CDAN maps them by fixed random matrices"),
  randomMapWidth: z.int().positive().default(1024).describe("width of CDAN's random map"),
};

export const cdan: MethodRow<typeof options> = {
  name: "cdan",
  description: "an adversarial domain classifier that sees features and predictions together",
  source: "Long et al., Conditional Adversarial Domain Adaptation, NeurIPS 2018",
  role: { kind: "base" },
  strength: { kind: "lambda" },
  trainsDomainClassifier: true,
  needsClasses: "the domain classifier is conditioned on class probabilities",
  measures: adversaryMeasures,
  options,
  ingredient: (settings) => ({
    objective(pass) {
      const { source, target, lambda, scope } = pass;
      const predictions = stopGradient(softmax(concat([source.logits, target.logits()], 0), -1));
      return adversary(
        pass,
        (features) => conditioned(gradientReversal(features, lambda), predictions, settings, scope.child("randomMap")),
        settings,
      );
    },
  }),
};

interface MapOptions {
  readonly multilinearLimit: number;
  readonly randomMapWidth: number;
}

/** T(f, g) of features [N, F] and predictions [N, classes]; see above. */
export function conditioned(features: Var, predictions: Var, options: MapOptions, scope: Scope): Var {
  const [width, classes] = [widthOf(features), widthOf(predictions)];
  if (width * classes <= options.multilinearLimit) return multilinear(features, predictions);
  const { randomMapWidth } = options;
  const matrix = (name: string, rows: number): Var => scope.statistic(name, [rows, randomMapWidth], normal(1));
  const product = mul(matmul(features, matrix("features", width)), matmul(predictions, matrix("predictions", classes)));
  return mul(product, 1 / Math.sqrt(randomMapWidth));
}

/** The outer product of each row's features and predictions, as rows [N, F * classes]. */
function multilinear(features: Var, predictions: Var): Var {
  const product = mul(unsqueeze(features, [2]), unsqueeze(predictions, [1]));
  return reshape(product, [-1, widthOf(features) * widthOf(predictions)]);
}

function widthOf(rows: Var): number {
  const [, width] = rows.type.shape;
  if (typeof width !== "number") throw operatorError("cdan", "rows of a known width [N, D]", rows);
  return width;
}
