/**
 * Effective rank of the target's features, exp(-sum p_k ln p_k) with p_k = s_k / sum s + 1e-7, s the singular values
 * (RankMe: Garrido et al., ICML 2023): from 1, all features lie on one line, up to their width, or the number of rows
 * looked at, a fixed sample of 256. A low value tells a collapse; above that a higher one is not a better one, so it is
 * an alarm. Null where all features are zero.
 */
import type { Validator } from "../../train/validator.ts";
import { singularValues } from "../eigenvalues.ts";
import type { Matrix } from "../logistic.ts";
import { pickRows, sampleRows } from "../sample.ts";

export const rankme: Validator = {
  name: "rankme",
  higherIsBetter: true,
  use: "alarm",
  score: ({ targetFeatures, targetLogits, featureWidth: width, classes }) =>
    effectiveRank({ rows: targetLogits.length / classes, width, values: targetFeatures }),
};

export function effectiveRank(features: Matrix): number | null {
  const values = singularValues(pickRows(features, sampleRows(features.rows, 256, "rankme")));
  const sum = values.reduce((total, value) => total + value, 0);
  if (!(sum > 0)) return null;
  return Math.exp(
    -values.reduce((total, value) => {
      const share = value / sum + 1e-7;
      return total + share * Math.log(share);
    }, 0),
  );
}
