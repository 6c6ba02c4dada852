/** One row a validator: what training, results and the contract tests iterate over. */
import { informationMaximisation } from "./information-maximisation.ts";
import { sourceAccuracy } from "./source-accuracy.ts";
import type { Evidence, Validator } from "./validator.ts";

export const validators: readonly Validator[] = [sourceAccuracy, informationMaximisation];

/** Scores of all validators by name. */
export const scoreAll = (evidence: Evidence): Record<string, number> =>
  Object.fromEntries(validators.map((validator) => [validator.name, validator.score(evidence)]));
