/** What validators of the target's predictions start from. */
import type { Validator, ValidatorInput } from "../../train/validator.ts";
import { type Scores, softmaxRows } from "../probabilities.ts";

/** Softmax of the target's logits, [nt, classes]. */
function targetProbabilities({ targetLogits, classes }: ValidatorInput): Scores {
  const rows = targetLogits.length / classes;
  return { rows, classes, values: softmaxRows({ rows, classes, values: targetLogits }) };
}

/** A score of the target's probabilities; null without rows, and with one class, where nothing is to be decided. */
export const onTargetProbabilities =
  (score: (probabilities: Scores) => number | null): Validator["score"] =>
  (input) =>
    input.targetLogits.length === 0 || input.classes < 2 ? null : score(targetProbabilities(input));
