/** Accuracy on held-out source rows: blind to the target, but it falls when alignment has broken the classifier. */
import { accuracy } from "../metrics.ts";
import { predictions } from "../probabilities.ts";
import type { Validator } from "./validator.ts";

export const sourceAccuracy: Validator = {
  name: "source-accuracy",
  description: "accuracy on held-out source rows; says nothing of the target by itself",
  score: ({ source }) => accuracy(source.labels, predictions(source.probabilities)),
};
