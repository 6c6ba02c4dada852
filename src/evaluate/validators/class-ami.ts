/**
 * Whether the classes that are predicted are the clusters that are there: adjusted mutual information between the
 * predictions and k-means (k = C, seeded) of the target's features (Robbiano et al. 2021; ClassAMI of Musgrave et al.
 * 2022). About 0 for predictions that have nothing to do with the clusters, or are of one class, 1 for equal ones;
 * higher is better. Looks at a fixed sample, smaller for wider features.
 */
import type { Validator } from "../../train/validator.ts";
import { kMeans } from "../k-means.ts";
import { adjustedMutualInformation } from "../mutual-information.ts";
import { predictions } from "../probabilities.ts";
import { pickRows, sampleRows } from "../sample.ts";

/** Numbers that are clustered. */
const numbers = 80_000;

export const classAmi: Validator = {
  name: "class-ami",
  higherIsBetter: true,
  use: "selection",
  score({ targetLogits, targetFeatures, featureWidth: width, classes }) {
    const rows = targetLogits.length / classes;
    if (rows === 0) return null;
    const most = Math.max(150, Math.min(1000, Math.floor(numbers / Math.max(1, width))));
    const sample = sampleRows(rows, most, "class-ami");
    const predicted = predictions({ rows, classes, values: targetLogits });
    const clusters = kMeans(pickRows({ rows, width, values: targetFeatures }, sample), classes);
    return adjustedMutualInformation(
      sample.map((row) => predicted[row] as number),
      clusters,
    );
  },
};
