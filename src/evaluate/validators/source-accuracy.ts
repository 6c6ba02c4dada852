/** Accuracy on held-out source rows: blind to the target, but it falls when alignment has broken the classifier. */
import type { Validator } from "../../train/validator.ts";
import { accuracy } from "../metrics.ts";
import { predictions } from "../probabilities.ts";

export const sourceAccuracy: Validator = {
  name: "source-accuracy",
  higherIsBetter: true,
  score: ({ sourceLogits, sourceLabels, classes }) =>
    accuracy(sourceLabels, predictions({ rows: sourceLabels.length, classes, values: sourceLogits })),
};
