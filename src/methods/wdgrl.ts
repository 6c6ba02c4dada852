/**
 * WDGRL, Wasserstein distance guided representation learning (Shen et al., AAAI 2018): the domain classifier's logit is
 * a critic f, made 1-Lipschitz by a penalty on its gradient; its mean difference between the domains is their distance.
 *
 *   W = mean_source f(h) - mean_target f(h),  h = G_f(x)
 *   `criticUpdates` times (5):  f minimises  -W + gradientPenalty mean (|df/dh| - 1)^2        (algorithm 1)
 *   then G_f and G_y minimise   L_y + lambda W
 *
 * The penalty is taken at the features of both domains and at random points on the lines between pairs of them (as many
 * pairs as the smaller batch has rows). lambda is the schedule's; the paper has a constant. No reversal: the critic's
 * updates come before the objective and are its alone.
 */
import { z } from "zod";
import { parts } from "../dann/classify.ts";
import { usageError } from "../errors.ts";
import {
  add,
  concat,
  div,
  gradients,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
} from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { classWeightOptions } from "./class-weights.ts";
import type { MethodRow, Pass } from "./row.ts";

const options = {
  criticUpdates: z.int().positive().default(5).describe("updates of the critic in a step of WDGRL"),
  gradientPenalty: z
    .number()
    .nonnegative()
    .default(10)
    .describe("factor of the penalty that keeps WDGRL's critic 1-Lipschitz"),
  ...classWeightOptions,
};

const isCritic = (parameter: string): boolean => parameter.startsWith(`${parts.domainClassifier}/`);

export const wdgrl: MethodRow<typeof options> = {
  name: "wdgrl",
  description: "brings the domains' features together by their Wasserstein distance, told by a critic",
  source: "Shen et al., Wasserstein Distance Guided Representation Learning, AAAI 2018",
  role: { kind: "base" },
  strength: { kind: "lambda" },
  trainsDomainClassifier: true,
  options,
  ingredient: ({ criticUpdates, gradientPenalty }) => ({
    before: Array.from({ length: criticUpdates }, () => ({
      moves: isCritic,
      loss(pass: Pass) {
        const held = stopGradient(pass.features);
        const penalty = lipschitzPenalty(pass, held);
        return sub(mul(penalty, gradientPenalty), distance(pass, held));
      },
    })),
    moves: (parameter) => !isCritic(parameter),
    objective(pass) {
      const wasserstein = distance(pass, pass.features);
      return { loss: mul(wasserstein, pass.lambda), terms: { wasserstein } };
    },
  }),
};

/** Keeps the root differentiable where the critic is flat, and a batch whose rows all weigh nothing from 0 / 0. */
const tiny = 1e-12;

const critic = ({ network, scope }: Pass, features: Var): Var =>
  network.domainClassifier.apply(features, scope.child(parts.domainClassifier));

/** W of features [Ns + Nt, F]. */
function distance(pass: Pass, features: Var): Var {
  const { source, target } = pass.apart(critic(pass, features));
  return sub(meanOfSource(source, pass.classWeights), reduceMean(target));
}

/** Divided by the batch's weights: a distance must not see a constant that is added to the critic. */
const meanOfSource = (logits: Var, weights: Var | undefined): Var =>
  weights === undefined
    ? reduceMean(logits)
    : div(reduceSum(mul(reshape(logits, weights.type.shape), weights)), add(reduceSum(weights), tiny));

/** Mean over points of (|df/dh| - 1)^2, for features [Ns + Nt, F] that are constants. */
function lipschitzPenalty(pass: Pass, features: Var): Var {
  if (pass.network.domainClassifier.mixesRows)
    throw usageError(
      "wdgrl-critic",
      "wdgrl: expected a domain classifier that takes each row by itself, got one with batch normalisation",
      "Leave batch normalisation out of the domain classifier.",
    );
  const { source, target } = pass.apart(features);
  const pairs = Math.min(Number(source.type.shape[0]), Number(target.type.shape[0]));
  const [a, b] = [source, target].map((rows) => slice(rows, { axis: 0, start: 0, end: pairs })) as [Var, Var];
  const mix = pass.scope.child("gradientPenalty").noise("mix", { kind: "uniform", shape: [pairs, 1] });
  const points = concat([features, add(a, mul(sub(b, a), mix))], 0);
  // Rows do not mix: the gradient of the sum is each row's own.
  const [slopes] = gradients(reduceSum(critic(pass, points)), [points]) as [Var];
  const lengths = sqrt(add(reduceSum(square(slopes), { axes: [1] }), tiny));
  return reduceMean(square(sub(lengths, 1)));
}
