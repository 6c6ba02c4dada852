/**
 * MixVal (Hu et al., NeurIPS 2023): the model on mixtures .55 a + .45 b of target rows, against its own prediction for a,
 * the heavier. Mean of the shares that agree among pairs of one predicted class and among pairs of two: 0 to 1, higher
 * is better, as boundaries lie where no rows are. Null where rows cannot be mixed, and where one class alone is
 * predicted: then there is no boundary to try. (The paper averages the ranks of the two shares over the candidates.)
 */
import type { MixedRows, Validator } from "../../train/validator.ts";
import { accuracy } from "../metrics.ts";
import { predictions } from "../probabilities.ts";

export const mixval: Validator = {
  name: "mixval",
  higherIsBetter: true,
  use: "selection",
  score({ mixtures, classes }) {
    if (mixtures === undefined || mixtures.intra.heavier.length === 0 || mixtures.inter.heavier.length === 0)
      return null;
    const agreed = ({ logits, heavier }: MixedRows): number =>
      accuracy(heavier, predictions({ rows: heavier.length, classes, values: logits }));
    return (agreed(mixtures.intra) + agreed(mixtures.inter)) / 2;
  },
};
