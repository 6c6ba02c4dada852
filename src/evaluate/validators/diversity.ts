/**
 * Entropy of the target's mean prediction, H(mean_i p_i) / ln C (Wu et al. 2020; Musgrave et al. 2022): from 0, every row
 * is the same class, to 1, all classes are used alike. Higher is better. It falls when classes are lost; a model that
 * knows nothing scores best, so it never decides alone.
 */
import type { Validator } from "../../train/validator.ts";
import { entropy, meanProbability } from "../probabilities.ts";
import { onTargetProbabilities } from "./target-probabilities.ts";

export const diversity: Validator = {
  name: "diversity",
  higherIsBetter: true,
  use: "selection",
  score: onTargetProbabilities((p) => entropy(meanProbability(p)) / Math.log(p.classes)),
};
