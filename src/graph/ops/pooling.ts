/** Pooling over the spatial axes of [N, C, spatial...]. */
import { apply, type Var } from "../node.ts";

export interface PoolOptions {
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Steps of the window; default 1. */
  readonly strides?: readonly number[];
  /** Padding in ONNX order, smaller than the kernel; default 0. */
  readonly pads?: readonly number[];
  /** Also take a last window that reaches past the end; default false. */
  readonly ceil?: boolean;
}

export interface MaxPoolOptions extends PoolOptions {
  /** Distances between the taps of the window; default 1. */
  readonly dilations?: readonly number[];
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts as zeros in the mean; default false: the mean of what lies inside the input. */
  readonly countIncludePad?: boolean;
}

const attributes = (options: PoolOptions): Record<string, number | readonly number[]> => ({
  kernel_shape: options.kernel,
  ...(options.strides === undefined ? {} : { strides: options.strides }),
  ...(options.pads === undefined ? {} : { pads: options.pads }),
  ...(options.ceil === true ? { ceil_mode: 1 } : {}),
});

/** The largest element of each window. */
export const maxPool = (x: Var, options: MaxPoolOptions): Var =>
  apply("MaxPool", [x], {
    ...attributes(options),
    ...(options.dilations === undefined ? {} : { dilations: options.dilations }),
  });

/** The mean of each window. */
export const averagePool = (x: Var, options: AveragePoolOptions): Var =>
  apply("AveragePool", [x], {
    ...attributes(options),
    ...(options.countIncludePad === true ? { count_include_pad: 1 } : {}),
  });

/** [N, C, spatial...] to [N, C, 1...]: the mean. */
export const globalAveragePool = (x: Var): Var => apply("GlobalAveragePool", [x]);

/** [N, C, spatial...] to [N, C, 1...]: the largest. */
export const globalMaxPool = (x: Var): Var => apply("GlobalMaxPool", [x]);
