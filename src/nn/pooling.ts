/** Pooling over the spatial axes of [N, C, T] and [N, C, H, W], and the way from maps to rows. */

import { maxPoolOfConvolution } from "../graph/gradients/pooled-convolution.ts";
import { averagePool, flatten as flattenRows, globalAveragePool, maxPool } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import type { Layer } from "./layer.ts";

export interface PoolingOptions {
  /** Step of the window; default its size, so that windows do not overlap. */
  readonly stride?: number;
  /** Border on each side, which never wins a maximum and does not count in a mean; default 0. */
  readonly padding?: number;
}

/** The largest value of each window of `kernel` along every spatial axis. */
export const maxPooling = (kernel: number, options: PoolingOptions = {}): Layer =>
  windows("max-pool", largest, kernel, options);

/** Max pooling, fused with the convolution before it where that is faster; the function is the same. */
const largest: typeof maxPool = (x, options) => {
  const { kernel, strides = kernel, pads = [] } = options;
  const halves =
    kernel.length === 2 && [...kernel, ...strides].every((size) => size === 2) && pads.every((p) => p === 0);
  return (halves ? maxPoolOfConvolution(x) : undefined) ?? maxPool(x, options);
};

/** The mean of each window of `kernel` along every spatial axis. */
export const averagePooling = (kernel: number, options: PoolingOptions = {}): Layer =>
  windows("average-pool", averagePool, kernel, options);

function windows(name: string, pool: typeof maxPool, kernel: number, options: PoolingOptions): Layer {
  const { stride = kernel, padding = 0 } = options;
  return {
    name,
    description: `${name} ${kernel}/${stride}${padding === 0 ? "" : ` pad ${padding}`}`,
    mixesRows: false,
    apply(x) {
      const each = (value: number): number[] => x.type.shape.slice(2).map(() => value);
      return pool(x, { kernel: each(kernel), strides: each(stride), pads: [...each(padding), ...each(padding)] });
    },
  };
}

/** [N, C, ...] to [N, C]: the mean over space or time. */
export const globalAveragePooling = (): Layer => ({
  name: "global-average-pool",
  description: "global average pool",
  mixesRows: false,
  apply: (x: Var) => flattenRows(globalAveragePool(x), 1),
});

/** [N, ...] to [N, features], row-major. */
export const flatten = (): Layer => ({
  name: "flatten",
  description: "flatten",
  mixesRows: false,
  apply: (x: Var) => flattenRows(x, 1),
});
