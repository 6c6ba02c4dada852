/** What convolutional networks are made of: convolution, pooling, batch norm where asked for, activation. */
import { type ActivationName, activation } from "../../nn/activations.ts";
import { conv } from "../../nn/conv.ts";
import type { Layer } from "../../nn/layer.ts";
import { maxPooling } from "../../nn/pooling.ts";
import { biased, normalised, startOf } from "./assemble.ts";
import type { SettledOptions } from "./options.ts";

export interface Stage {
  readonly name: string;
  readonly filters: number;
  /** Taps along each axis. */
  readonly kernel: number;
  /** Zeros on each side; default 0, "valid". */
  readonly padding?: number;
  /** Default none. */
  readonly pool?: Layer;
  /** Where the options name none; default relu. */
  readonly activation?: ActivationName;
}

/**
 * Pooling stands before the activation, where the papers' figures have it behind: a maximum and a monotone function
 * change places freely, the result is the same and the activation works on a quarter. (Gelu, silu and hardSwish are not
 * monotone: with those it is another, equally good, function.)
 */
export const stage = (plan: Stage, options: SettledOptions): Layer[] => [
  conv(plan.filters, plan.kernel, {
    name: plan.name,
    padding: plan.padding ?? 0,
    bias: biased(options),
    initialisation: startOf(options),
  }),
  ...(plan.pool === undefined ? [] : [plan.pool]),
  ...normalised(options),
  activation(options.activation ?? plan.activation ?? "relu"),
];

/** Max-pooling over pairs. */
export const halved = (): Layer => maxPooling(2);
