/** Stochastic gradient descent with momentum, in PyTorch's convention. */
import { usageError } from "../errors.ts";
import { add, mul, sub } from "../graph/index.ts";
import { type Optimizer, slotOf } from "./optimizer.ts";

export interface SgdOptions {
  /** Share m of the last direction that is kept; default 0.9 (JMLR 17, section 5.2.2). 0 keeps no state. */
  readonly momentum?: number;
  /** Look ahead along the momentum (Nesterov 1983, in the form of Sutskever et al. 2013); default false. */
  readonly nesterov?: boolean;
  /** Factor c of the penalty c/2 |w|^2 on weights; default 0. */
  readonly weightDecay?: number;
}

/**
 * g' = g + c w;  v <- m v + g';  w <- w - rate v, or with Nesterov w <- w - rate (g' + m v).
 * The rate is outside the momentum, as in PyTorch: when the rate falls, the whole direction shrinks at once.
 * (Caffe and Sutskever keep it inside, v <- m v + rate g'; with a constant rate the two are the same.)
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, nesterov = false, weightDecay = 0 } = options;
  if (nesterov && momentum === 0)
    throw usageError("nesterov", "nesterov: expected a momentum above 0, got 0", "Set momentum, such as 0.9.");
  return {
    name: "sgd",
    slots: momentum === 0 ? [] : [{ name: "momentum", initial: 0 }],
    update({ value, gradient, slots, rate, decay }) {
      const g = decay && weightDecay !== 0 ? add(gradient, mul(value, weightDecay)) : gradient;
      if (momentum === 0) return { value: sub(value, mul(g, rate)), slots: {} };
      const velocity = add(mul(slotOf(slots, "momentum"), momentum), g);
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return { value: sub(value, mul(direction, rate)), slots: { momentum: velocity } };
    },
  };
}
