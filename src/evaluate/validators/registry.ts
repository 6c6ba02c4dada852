/** One row a validator: what training, results, `--select` and the contract tests iterate over. */
import type { Validator, ValidatorInput } from "../../train/validator.ts";
import { atc } from "./atc.ts";
import { bnm } from "./bnm.ts";
import { classAmi } from "./class-ami.ts";
import { diversity } from "./diversity.ts";
import { predictionEntropy } from "./entropy.ts";
import { informationMaximisation } from "./information-maximisation.ts";
import { mixval } from "./mixval.ts";
import { rankme } from "./rankme.ts";
import { snd } from "./snd.ts";
import { sourceAccuracy } from "./source-accuracy.ts";
import { dev, devn, iwcv } from "./weighted-risk.ts";

export const validators: readonly Validator[] = [
  sourceAccuracy,
  iwcv,
  dev,
  devn,
  predictionEntropy,
  diversity,
  informationMaximisation,
  bnm,
  snd,
  classAmi,
  mixval,
  atc,
  rankme,
];

/** Those that choose, and look at no source row. */
export const targetValidators: readonly Validator[] = validators.filter(
  (validator) => validator.use === "selection" && ![sourceAccuracy, iwcv, dev, devn, atc].includes(validator),
);

/** Scores of all validators by name; one that can say nothing of these rows is left out (and a number that is none). */
export const scoreAll = (input: ValidatorInput): Record<string, number> =>
  Object.fromEntries(
    validators.flatMap((validator) => {
      const score = validator.score(input);
      return score === null || !Number.isFinite(score) ? [] : [[validator.name, score] as const];
    }),
  );
