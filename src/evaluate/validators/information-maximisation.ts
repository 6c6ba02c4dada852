/**
 * Information maximisation on the target: H(mean p) - mean H(p), the mutual information between row and predicted
 * class under the model (Bridle et al. 1991; as a validator: Musgrave et al. 2022). High when every row is decided
 * and all classes are used. A model that is sure and wrong scores high too, so it never decides alone.
 *
 * Divided by ln C, so that 0 is "says the same of every row" and 1 "sure of every row, classes evenly used".
 */
import type { Validator } from "../../train/validator.ts";
import { entropy, meanEntropy, meanProbability } from "../probabilities.ts";
import { onTargetProbabilities } from "./target-probabilities.ts";

export const informationMaximisation: Validator = {
  name: "information-maximisation",
  higherIsBetter: true,
  use: "selection",
  score: onTargetProbabilities((p) => (entropy(meanProbability(p)) - meanEntropy(p)) / Math.log(p.classes)),
};
