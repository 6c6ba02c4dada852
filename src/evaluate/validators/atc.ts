/**
 * Average thresholded confidence (Garg et al., ICLR 2022): the confidence below which as many held-out source rows lie as
 * are wrong; the share of target rows above it estimates the accuracy on the target, 0 to 1, higher is better. Too high
 * for a model that is surer of the target than it should be.
 */
import type { Validator } from "../../train/validator.ts";
import { accuracy } from "../metrics.ts";
import { confidences, predictions, scoresOf } from "../probabilities.ts";

export const atc: Validator = {
  name: "atc",
  higherIsBetter: true,
  use: "selection",
  score({ sourceLogits, sourceLabels, targetLogits, classes }) {
    const rows = sourceLabels.length;
    const target = confidences(scoresOf(targetLogits, classes));
    if (rows === 0 || target.length === 0) return null;
    const source = scoresOf(sourceLogits, classes);
    const right = accuracy(sourceLabels, predictions(source));
    const wrong = rows - Math.round(right * rows);
    const threshold = confidences(source).sort()[wrong] ?? Number.POSITIVE_INFINITY;
    return target.filter((confidence) => confidence >= threshold).length / target.length;
  },
};
