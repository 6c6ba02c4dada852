/**
 * Self-training with confidence, as FixMatch does it (Sohn et al., NeurIPS 2020, equations 3 and 4): target rows of which
 * the network is sure are taken for the class that it says, and a strongly changed view of them should be that class too,
 *
 *   consistencyWeight 1/Nt sum_i [max_k p_ik >= confidence] CE(argmax_k p_ik, p(strong(x_i))),   p = softmax G_y(G_f(x))
 *
 * p_i and the class are constants. Paper: confidence .95, weight 1. The weak view is the batch as it comes, with what
 * `train.augment` changes of images; the strong one is made of it inside the step, on preprocessed rows, whatever they
 * are: (x + strongNoise n) m, n normal and each entry of the mask m 0 with probability `strongDropout` (an image's or a
 * signal's at a place in all channels at once). The paper's strong view is RandAugment, which needs images. Strong rows
 * leave the running statistics alone.
 *
 * It believes what it is sure of. Where that is wrong it gets worse: moons, 300 points, seeds 100, 101 and 102, target
 * accuracy at the last step: source-only .867 .800 .793, fixmatch .693 .703 .650, dann .987 .963 .963, dann+fixmatch
 * .710 .720 .683 (dann benchmark moons --tasks moons-300 --seeds 100,101,102 --methods dann,fixmatch,dann+fixmatch).
 */
import { z } from "zod";
import { classify } from "../dann/classify.ts";
import { usageError } from "../errors.ts";
import {
  add,
  argMax,
  cast,
  concat,
  greaterOrEqual,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceMax,
  reduceMean,
  reduceSum,
  softmax,
  stopGradient,
} from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { isFloat, isStatic, printType } from "../graph/tensor.ts";
import { keepingStatistics } from "../nn/scope.ts";
import type { MethodRow, Pass } from "./row.ts";

const share = z.number().min(0).lt(1);
const options = {
  confidence: share.default(0.95).describe("probability from which FixMatch takes a target row for its class"),
  consistencyWeight: z.number().nonnegative().default(1).describe("factor of FixMatch's loss of strong views"),
  strongNoise: z.number().nonnegative().default(0.2).describe("deviation of the noise in FixMatch's strong view"),
  strongDropout: share.default(0.1).describe("share of entries that are 0 in FixMatch's strong view"),
};

export const fixmatch: MethodRow<typeof options> = {
  name: "fixmatch",
  description: "target rows of which the network is sure are taken for their class, under strong changes; no adversary",
  source: "Sohn et al., FixMatch, NeurIPS 2020",
  role: { kind: "term", alone: true, bases: "all" },
  strength: { kind: "option", option: "consistencyWeight" },
  needsClasses: "its pseudo-labels are classes",
  measures: ["confidentShare"],
  sharpens: "learns its own surest answers on the target as labels",
  options,
  ingredient: ({ confidence, consistencyWeight, strongNoise, strongDropout }) => ({
    objective(pass) {
      const weak = softmax(pass.target.logits(), -1);
      const sure = stopGradient(cast(greaterOrEqual(reduceMax(weak, { axes: [1] }), confidence), "float32"));
      const logs = logSoftmax(strongLogits(pass, { strongNoise, strongDropout }), -1);
      const taken = oneHot(argMax(weak, { axis: 1 }), classesOf(weak));
      const losses = neg(reduceSum(mul(taken, logs), { axes: [1] }));
      const consistency = reduceMean(mul(losses, sure));
      return {
        loss: mul(consistency, consistencyWeight),
        terms: { consistency, confidentShare: reduceMean(sure) },
      };
    },
  }),
};

interface StrongView {
  readonly strongNoise: number;
  readonly strongDropout: number;
}

/** Class logits of the target's rows, changed. */
function strongLogits({ network, source, target, scope, apart }: Pass, view: StrongView): Var {
  const { x } = target;
  const { shape } = x.type;
  if (!isFloat(x.type.dtype))
    throw usageError(
      "fixmatch-input",
      `fixmatch: expected rows of numbers, got ${printType(x.type)}`,
      "Tokens cannot be changed a little: use another method, or features of a frozen backbone.",
    );
  if (!isStatic(shape)) throw operatorError("fixmatch", "a batch of a known size", x);
  const own = scope.child("fixmatch");
  const [rows = 0, first = 1, ...places] = shape;
  const mask = places.length === 0 ? [rows, first] : [rows, 1, ...places];
  const noisy = add(x, mul(own.noise("noise", { kind: "normal", shape }), view.strongNoise));
  const kept = own.noise("kept", { kind: "bernoulli", probability: 1 - view.strongDropout, shape: mask });
  // Normalisation over a batch wants it whole: the source's rows go along as they are.
  const all = concat([source.x, mul(noisy, kept)], 0);
  return apart(classify(network, all, keepingStatistics(scope)).logits).target;
}

function classesOf(logits: Var): number {
  const [, classes] = logits.type.shape;
  if (typeof classes !== "number") throw operatorError("fixmatch", "class logits [N, classes]", logits);
  return classes;
}
