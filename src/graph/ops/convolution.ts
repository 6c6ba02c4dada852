/** Convolution over one or two (or more) spatial axes; the rank of the input decides. */
import { apply, type Var } from "../node.ts";

export interface ConvOptions {
  /** Steps of the window along each spatial axis; default 1. */
  readonly strides?: readonly number[];
  /** Zeros around the input in ONNX order: before every axis, then after every axis; default 0. */
  readonly pads?: readonly number[];
  /** Distances between the taps of the kernel; default 1. */
  readonly dilations?: readonly number[];
  /** Channel groups that do not see each other; the number of channels makes it depthwise. Default 1. */
  readonly group?: number;
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows added after each spatial axis of the result, for sizes that a stride makes ambiguous; default 0. */
  readonly outputPadding?: readonly number[];
}

const attributes = (w: Var, options: ConvOptions): Record<string, number | readonly number[]> => {
  const { strides, pads, dilations, group } = options;
  return {
    kernel_shape: w.type.shape.slice(2).map(Number),
    ...(strides === undefined ? {} : { strides }),
    ...(pads === undefined ? {} : { pads }),
    ...(dilations === undefined ? {} : { dilations }),
    ...(group === undefined || group === 1 ? {} : { group }),
  };
};

/** Cross-correlation of x [N, C, spatial...] with w [M, C/group, kernel...], plus b [M]. */
export const conv = (x: Var, w: Var, b?: Var, options: ConvOptions = {}): Var =>
  apply("Conv", b === undefined ? [x, w] : [x, w, b], attributes(w, options));

/** The adjoint of `conv`: x [N, C, spatial...] with w [C, M/group, kernel...], plus b [M]. */
export const convTranspose = (x: Var, w: Var, b?: Var, options: ConvTransposeOptions = {}): Var =>
  apply("ConvTranspose", b === undefined ? [x, w] : [x, w, b], {
    ...attributes(w, options),
    ...(options.outputPadding?.some((extra) => extra !== 0) ? { output_padding: options.outputPadding } : {}),
  });
