/**
 * Deep CORAL (Sun and Saenko, ECCV Workshops 2016): class logits of the domains should have one covariance,
 *
 *   L_y + covarianceWeight |C_s - C_t|_F^2 / (4 K^2),   C of the class logits [N, K]
 *
 * The paper chooses the weight so that both losses are about equal at the end of training; the default is 1.
 */
import { z } from "zod";
import { mul } from "../graph/index.ts";
import { covarianceDistance } from "./discrepancy/covariance.ts";
import type { MethodRow } from "./row.ts";

const options = {
  covarianceWeight: z.number().nonnegative().default(1).describe("factor of Deep CORAL's distance of covariances"),
};

export const deepCoral: MethodRow<typeof options> = {
  name: "deep-coral",
  description: "class logits of both domains have one covariance; no adversary",
  source: "Sun and Saenko, Deep CORAL: Correlation Alignment for Deep Domain Adaptation, ECCV Workshops 2016",
  role: { kind: "base" },
  strength: { kind: "option", option: "covarianceWeight" },
  options,
  ingredient: ({ covarianceWeight }) => ({
    objective({ source, target }) {
      const distance = covarianceDistance(source.logits, target.logits());
      return { loss: mul(distance, covarianceWeight), terms: { covarianceDistance: distance } };
    },
  }),
};
