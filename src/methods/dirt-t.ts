/**
 * DIRT-T, decision-boundary iterative refinement training with a teacher (Shu et al., ICLR 2018, equation 11): goes on from
 * a trained VADA (or any other) model with rows of the target alone. Predictions should be certain and not change under
 * small changes of the rows, and no step may go far from the model as it was,
 *
 *   dirtWeight (mean H(p) + VAT_target) + teacherWeight mean KL(teacher(x) || p),   p = softmax G_y(G_f(x))
 *
 * The teacher is the model as it was at most `teacherEvery` passes ago: at the start the one that it goes on from. Paper:
 * both weights 1e-2, a new teacher every 500 to 5,000 steps, which is an average of the student's weights; here it is the
 * student's weights as they are. VAT as in `vat.ts`, of the target alone.
 */
import { z } from "zod";
import { classify } from "../dann/classify.ts";
import { add, exp, logSoftmax, mul, reduceMean, reduceSum, stopGradient, sub } from "../graph/index.ts";
import { frozenCopy } from "../nn/frozen-copy.ts";
import { rowEntropy } from "./probabilities.ts";
import type { MethodRow } from "./row.ts";
import { vat, virtualAdversarial } from "./vat.ts";

const options = {
  vatRadius: vat.options.vatRadius,
  dirtWeight: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe("factor of DIRT-T's entropy and virtual adversarial loss on the target"),
  teacherWeight: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe("factor of the divergence of DIRT-T's predictions from its teacher's"),
  teacherEvery: z
    .int()
    .positive()
    .default(10)
    .describe("passes over the target after which DIRT-T's teacher is the model as it is then"),
};

export const dirtT: MethodRow<typeof options> = {
  name: "dirt-t",
  description: "goes on from a trained model without source rows: certain, smooth predictions near those of a teacher",
  source: "Shu et al., A DIRT-T Approach to Unsupervised Domain Adaptation, ICLR 2018",
  role: { kind: "refinement" },
  options,
  ingredient: ({ vatRadius, dirtWeight, teacherWeight, teacherEvery }) => ({
    copies: { every: teacherEvery },
    refine({ network, scope, target: { x, logits } }) {
      const teacher = stopGradient(logSoftmax(classify(network, x, frozenCopy(scope)).logits, -1));
      const own = logSoftmax(logits, -1);
      const teacherDivergence = reduceMean(reduceSum(mul(exp(teacher), sub(teacher, own)), { axes: [1] }));
      const targetEntropy = reduceMean(rowEntropy(logits));
      const vatTarget = reduceMean(virtualAdversarial({ network, scope, x, logits }, vatRadius));
      const smooth = mul(add(targetEntropy, vatTarget), dirtWeight);
      return {
        loss: add(smooth, mul(teacherDivergence, teacherWeight)),
        terms: { targetEntropy, vatTarget, teacherDivergence },
      };
    },
  }),
};
