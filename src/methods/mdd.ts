/**
 * MDD, margin disparity discrepancy (Zhang et al., Bridging Theory and Algorithm for Domain Adaptation, ICML 2019): a
 * second label predictor f' of the same form is the adversary. It learns to agree with the predictions y^ of the first
 * on the source and to disagree on the target, and the features learn, by the reversal, that it cannot:
 *
 *   L_y + disparityWeight ( margin E_S[-log p'_y^] + E_T[-log(1 - p'_y^)] ),  p' = softmax f'(R_(reversal lambda)(G_f(x)))
 *
 * (equations 26 to 30; `margin` is the paper's gamma, 4). The first predictor gets no gradient from its predictions.
 * `reversal` is .1, because the authors' runs end at that where lambda ends at 1. The adversary's parameters are
 * `marginPredictor/...`; only the first predictor is used afterwards.
 */
import { z } from "zod";
import { predictBoth } from "../dann/both-domains.ts";
import { labelLoss } from "../dann/energy.ts";
import { gradientReversal } from "../dann/gradient-reversal.ts";
import {
  add,
  argMax,
  exp,
  log,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceMax,
  reduceMean,
  reduceSum,
  stopGradient,
  sub,
} from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { classWeightOptions } from "./class-weights.ts";
import type { MethodRow } from "./row.ts";

const options = {
  margin: z.number().positive().default(4).describe("MDD's factor of the source's part (gamma)"),
  reversal: z.number().positive().default(0.1).describe("factor of lambda in MDD's reversal"),
  disparityWeight: z.number().nonnegative().default(1).describe("factor of MDD's margin disparity"),
  ...classWeightOptions,
};

export const mdd: MethodRow<typeof options> = {
  name: "mdd",
  description: "a second label predictor as the adversary: agrees on the source, disagrees on the target",
  source: "Zhang et al., Bridging Theory and Algorithm for Domain Adaptation, ICML 2019",
  role: { kind: "base" },
  strength: { kind: "lambda" },
  needsClasses: "its disparity is that of predicted classes",
  sharpens: "pushes the target away from the boundaries of its classifier",
  options,
  ingredient: ({ margin, reversal, disparityWeight }) => ({
    objective({ network, scope, features, apart, source, target, lambda, classWeights }) {
      const second = predictBoth(
        network.labelPredictor,
        gradientReversal(features, mul(lambda, reversal)),
        apart,
        scope.child("marginPredictor"),
      );
      const agrees = labelLoss(second.source, argMax(source.logits, { axis: 1 }), { weights: classWeights });
      const disagrees = disagreement(second.target(), argMax(target.logits(), { axis: 1 }));
      const disparity = add(mul(agrees, margin), disagrees);
      return { loss: mul(disparity, disparityWeight), terms: { marginDisparity: disparity } };
    },
  }),
};

/**
 * Mean over rows of -log(1 - p_y), p = softmax of class logits [N, K], y int64 [N]: the logarithm of the other classes'
 * sum, finite also where p_y is 1 in float32.
 */
export function disagreement(logits: Var, y: Var): Var {
  const [, classes] = logits.type.shape;
  if (typeof classes !== "number" || classes < 2)
    throw operatorError("mdd", "class logits [N, classes] with at least 2 classes", logits);
  const taken = oneHot(y, classes);
  // exp(-1e4) is 0 in any float.
  const others = sub(logSoftmax(logits, -1), mul(taken, 1e4));
  const largest = stopGradient(reduceMax(others, { axes: [1], keepDims: true }));
  const sum = reduceSum(exp(sub(others, largest)), { axes: [1], keepDims: true });
  return neg(reduceMean(add(log(sum), largest)));
}
