/**
 * Batch nuclear norm of the target's predictions, ||P||_* / sqrt(n min(n, C)), the sum of the singular values of P [n, C]
 * (Cui et al., CVPR 2020; as a validator, divided by n: Musgrave et al. 2022). Our divisor takes it from just above 0 to
 * 1, which is "sure of every row, classes evenly used". Higher is better. Decided and varied at once, like information
 * maximisation, and as blind to a model that is sure and wrong.
 */
import type { Validator } from "../../train/validator.ts";
import { singularValues } from "../eigenvalues.ts";
import { onTargetProbabilities } from "./target-probabilities.ts";

export const bnm: Validator = {
  name: "bnm",
  higherIsBetter: true,
  use: "selection",
  score: onTargetProbabilities(({ rows, classes, values }) => {
    const sum = singularValues({ rows, width: classes, values }).reduce((total, value) => total + value, 0);
    return sum / Math.sqrt(rows * Math.min(rows, classes));
  }),
};
