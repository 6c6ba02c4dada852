/**
 * Weights of the source's classes, for targets in which they have other shares or some do not occur. A domain classifier
 * that fools itself over both domains as they are moves rows of one class onto another until the shares are alike;
 * weighted source rows have the target's shares already:
 *
 *   L_y = 1/Ns sum w_y L_y(x, y),   mean_source L_d = 1/Ns sum w_y L_d(x)
 *
 *   label-shift  w_j = q_j / p_j, q the target's shares (`target-shares.ts`), p the source's: IWDAN, IWCDAN (Tachet des
 *                Combes et al., NeurIPS 2020). Their release also divides L_y by K p_y, which is 1 where classes are
 *                evenly frequent.
 *   partial      w_j ~ mean over target rows of the predicted probability of j: PADA (Cao et al., ECCV 2018). Classes
 *                that are in the source alone fade out. The paper makes the largest 1; here the mean over source rows is
 *                1, so that both domains count as much in L_d (the releases do it there by weights of the target).
 *
 * They begin as 1. Each estimate, from all training rows as the network sees them between two steps, moves them by
 * 1 - `classWeightsDecay` (the first paper's moving average, .5). Of several sources the rows of all together count.
 */
import { z } from "zod";
import { mul, oneHot, reduceSum, stopGradient } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";
import { ones } from "../nn/initialisers.ts";
import type { Scope } from "../nn/layer.ts";
import { softmaxRows } from "../softmax-rows.ts";
import type { BothSeen, ClassWeighting } from "./method.ts";
import type { OptionValues } from "./row.ts";
import { targetShares } from "./target-shares.ts";

const kinds = ["none", "label-shift", "partial"] as const;

export const classWeightOptions = {
  classWeights: z
    .enum(kinds)
    .default("none")
    .describe(
      "weights of source rows by class, estimated from predictions: for classes of other shares, or missing ones",
    ),
  classWeightsEvery: z
    .int()
    .positive()
    .default(1)
    .describe("passes over the larger domain between two estimates of the class weights"),
  classWeightsDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.5)
    .describe("share of the class weights so far in the next ones"),
};

export type ClassWeightOptions = {
  readonly [K in keyof OptionValues<typeof classWeightOptions>]?:
    | OptionValues<typeof classWeightOptions>[K]
    | undefined;
};

/** The state [classes] that holds them. */
export const classWeightsName = "classWeights";

/** How they are estimated; undefined: not at all. */
export function classWeighting(options: ClassWeightOptions): ClassWeighting | undefined {
  const { classWeights = "none", classWeightsEvery: every = 1, classWeightsDecay: decay = 0.5 } = options;
  if (classWeights === "none") return undefined;
  return {
    every,
    weigh: (seen, before) =>
      estimateOf(classWeights, seen).map((weight, j) => decay * (before[j] ?? 1) + (1 - decay) * weight),
  };
}

function estimateOf(kind: Exclude<(typeof kinds)[number], "none">, seen: BothSeen): number[] {
  switch (kind) {
    case "label-shift":
      return labelShiftWeights(seen);
    case "partial":
      return partialWeights(seen);
    default:
      throw operatorError(`class weights ${String(kind satisfies never)}`, "label-shift or partial");
  }
}

/** q / p of the classes that are drawn; 1 of those that are not, which weigh nothing. */
export function labelShiftWeights({ classes, source, target }: BothSeen): number[] {
  const drawn = source.drawn.flatMap((share, j) => (share > 0 ? [j] : []));
  const said = softmaxRows(source.logits, classes);
  const rowsOf = drawn.map((j) => Array.from(source.labels.keys()).filter((row) => source.labels[row] === j));
  const shares = targetShares(
    {
      ofClass: rowsOf.map((rows) => meanOf(said, classes, rows)),
      ofTarget: meanOf(softmaxRows(target.logits, classes), classes),
    },
    drawn.map((j) => source.drawn[j] ?? 0),
  );
  const weights = Array.from({ length: classes }, () => 1);
  drawn.forEach((j, at) => {
    weights[j] = (shares[at] ?? 0) / (source.drawn[j] ?? 1);
  });
  return weights;
}

/** Mean predicted probabilities of the target's rows, scaled so that the mean over source rows is 1. */
export function partialWeights({ classes, source, target }: BothSeen): number[] {
  const said = meanOf(softmaxRows(target.logits, classes), classes);
  const mean = said.reduce((sum, share, j) => sum + share * (source.drawn[j] ?? 0), 0);
  return said.map((share) => share / mean);
}

/** Mean of rows [rows, width]; default: of all of them. */
function meanOf(values: Float64Array, width: number, rows?: readonly number[]): number[] {
  const mean = new Float64Array(width);
  const count = rows?.length ?? values.length / width;
  for (let i = 0; i < count; i++) {
    const start = (rows?.[i] ?? i) * width;
    for (let j = 0; j < width; j++) mean[j] = (mean[j] as number) + (values[start + j] as number) / count;
  }
  return Array.from(mean);
}

/** The weight of each source row [Ns], by its label: a constant to the gradient. Class logits [Ns, classes] give the classes. */
export function weightsOfRows(y: Var, logits: Var, scope: Scope): Var {
  const [, classes] = logits.type.shape;
  if (typeof classes !== "number") throw operatorError("class weights", "class logits [N, classes]", logits);
  const weights = scope.statistic(classWeightsName, [classes], ones);
  return stopGradient(reduceSum(mul(oneHot(y, classes), weights), { axes: [1] }));
}
