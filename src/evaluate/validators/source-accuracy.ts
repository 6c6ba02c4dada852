/**
 * Accuracy on held-out source rows, 0 to 1, higher is better: blind to the target, but it falls when alignment has broken
 * the classifier. Null without source rows.
 */
import type { Validator } from "../../train/validator.ts";
import { accuracy } from "../metrics.ts";
import { predictions } from "../probabilities.ts";

export const sourceAccuracy: Validator = {
  name: "source-accuracy",
  higherIsBetter: true,
  use: "selection",
  score: ({ sourceLogits, sourceLabels, classes }) =>
    sourceLabels.length === 0
      ? null
      : accuracy(sourceLabels, predictions({ rows: sourceLabels.length, classes, values: sourceLogits })),
};
