/**
 * Mean entropy of the target's predictions, mean_i H(p_i) / ln C (Morerio et al. 2018): from 0, sure of every row, to 1,
 * unsure of all. Lower is better. Blind to a collapse: the same sure answer to every row scores best.
 */
import type { Validator } from "../../train/validator.ts";
import { meanEntropy } from "../probabilities.ts";
import { onTargetProbabilities } from "./target-probabilities.ts";

export const predictionEntropy: Validator = {
  name: "entropy",
  higherIsBetter: false,
  use: "selection",
  score: onTargetProbabilities((p) => meanEntropy(p) / Math.log(p.classes)),
};
