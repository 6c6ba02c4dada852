/** Gradients of the normalisations. */
import type { Var } from "../node.ts";
import type { NormalisationOp } from "../operator-names.ts";
import { add, div, mul, neg, pow, reciprocal, sqrt, square, sub } from "../ops/elementwise.ts";
import { reshape } from "../ops/layout.ts";
import { reduceMean } from "../ops/reduction.ts";
import type { Backward, InputGradient, Rules } from "./rule.ts";
import { sumPerChannel } from "./sums.ts";

const epsilonOf = ({ attributes }: Backward): number => (attributes.epsilon as number | undefined) ?? 1e-5;

/** x standardised over axes: the value, and the factor 1 / sqrt(variance + epsilon). */
function standardise(x: Var, axes: readonly number[], epsilon: number): { value: Var; factor: Var } {
  const centred = sub(x, reduceMean(x, { axes, keepDims: true }));
  const variance = reduceMean(square(centred), { axes, keepDims: true });
  const factor = reciprocal(sqrt(add(variance, epsilon)));
  return { value: mul(centred, factor), factor };
}

/** factor (g - mean g - value mean(g value)): what is left of g after the mean and the scale were taken out. */
function throughStandardise({ value, factor }: { value: Var; factor: Var }, g: Var, axes: readonly number[]): Var {
  const mean = (x: Var): Var => reduceMean(x, { axes, keepDims: true });
  return mul(factor, sub(sub(g, mean(g)), mul(value, mean(mul(g, value)))));
}

function layer(backward: Backward): readonly InputGradient[] {
  const { g, input, attributes } = backward;
  const [x, scale] = [input(0), input(1)];
  const rank = x.type.shape.length;
  const first = (attributes.axis as number | undefined) ?? -1;
  const axes = [...x.type.shape.keys()].slice(first < 0 ? first + rank : first);
  const standard = standardise(x, axes, epsilonOf(backward));
  return [() => throughStandardise(standard, mul(g, scale), axes), () => mul(g, standard.value), () => g];
}

/** A vector [C] against [N, C, spatial...]. */
const perChannel = (vector: Var, like: Var): Var =>
  reshape(vector, [vector.type.shape[0] ?? 1, ...like.type.shape.slice(2).map(() => 1)]);

function instance(backward: Backward): readonly InputGradient[] {
  const { g, input } = backward;
  const x = input(0);
  const axes = [...x.type.shape.keys()].slice(2);
  const standard = standardise(x, axes, epsilonOf(backward));
  return [
    () => throughStandardise(standard, mul(g, perChannel(input(1), x)), axes),
    () => sumPerChannel(mul(g, standard.value)),
    () => sumPerChannel(g),
  ];
}

/** The inference form: mean and variance are operands like the others. */
function batch(backward: Backward): readonly InputGradient[] {
  const { g, input } = backward;
  const [x, scale, mean, variance] = [input(0), input(1), input(3), input(4)];
  const shifted = add(variance, epsilonOf(backward));
  const factor = div(scale, sqrt(shifted));
  const centred = (): Var => sumPerChannel(mul(g, sub(x, perChannel(mean, x))));
  return [
    () => mul(g, perChannel(factor, x)),
    () => div(centred(), sqrt(shifted)),
    () => sumPerChannel(g),
    () => neg(mul(sumPerChannel(g), factor)),
    () => mul(centred(), mul(mul(scale, -0.5), pow(shifted, -1.5))),
  ];
}

export const normalisationRules: Rules<NormalisationOp> = {
  LayerNormalization: layer,
  BatchNormalization: batch,
  InstanceNormalization: instance,
};
