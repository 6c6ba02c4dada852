/** One row a validator: what training, results and the contract tests iterate over. */
import type { Validator, ValidatorInput } from "../../train/validator.ts";
import { informationMaximisation } from "./information-maximisation.ts";
import { sourceAccuracy } from "./source-accuracy.ts";

export const validators: readonly Validator[] = [sourceAccuracy, informationMaximisation];

/** Scores of all validators by name. */
export const scoreAll = (input: ValidatorInput): Record<string, number> =>
  Object.fromEntries(validators.map((validator) => [validator.name, validator.score(input)]));
