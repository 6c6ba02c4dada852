/** Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), in PyTorch's convention. */
import { add, div, mul, sqrt, square, sub, tanh } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { type Optimizer, slotOf } from "./optimizer.ts";

export interface AdamOptions {
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
  /** Adam: factor c of the penalty c/2 |w|^2, part of the gradient. AdamW: share of w, times the rate, taken off. Default 0. */
  readonly weightDecay?: number;
}

/** Weight decay goes through the moments, as a part of the gradient. */
export const adam = (options: AdamOptions = {}): Optimizer => adamLike("adam", options);

/** Weight decay acts on the weight itself: w <- w - rate c w, beside Adam's step. */
export const adamw = (options: AdamOptions = {}): Optimizer => adamLike("adamw", options);

/**
 * m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;
 * w <- w - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
 */
function adamLike(name: "adam" | "adamw", options: AdamOptions): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    name,
    slots: [
      { name: "firstMoment", initial: 0 },
      { name: "secondMoment", initial: 0 },
    ],
    update({ value, gradient, slots, rate, step, decay }) {
      const decays = decay && weightDecay !== 0;
      const g = decays && name === "adam" ? add(gradient, mul(value, weightDecay)) : gradient;
      const first = add(mul(slotOf(slots, "firstMoment"), beta1), mul(g, 1 - beta1));
      const second = add(mul(slotOf(slots, "secondMoment"), beta2), mul(square(g), 1 - beta2));
      // sqrt(v / c) + epsilon = (sqrt(v) + epsilon sqrt(c)) / sqrt(c): the corrections stay scalars, and passes over whole
      // tensors few.
      const rootCorrection = sqrt(biasCorrection(beta2, step));
      const stepSize = mul(rate, div(rootCorrection, biasCorrection(beta1, step)));
      const root = add(sqrt(second), mul(rootCorrection, epsilon));
      const kept = decays && name === "adamw" ? sub(value, mul(value, mul(rate, weightDecay))) : value;
      return {
        value: sub(kept, div(mul(first, stepSize), root)),
        slots: { firstMoment: first, secondMoment: second },
      };
    },
  };
}

/**
 * 1 - beta^t without cancellation: in float32, 1 - 0.999^1 has lost four digits, while
 * 1 - exp(-x) = 2 tanh(x/2) / (1 + tanh(x/2)) with x = -t log(beta) keeps them all. beta 0 needs no correction.
 */
function biasCorrection(beta: number, step: Var): Var {
  const half = tanh(mul(step, -Math.log(Math.max(beta, 1e-30)) / 2));
  return div(mul(half, 2), add(half, 1));
}
