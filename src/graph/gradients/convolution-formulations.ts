/**
 * How the gradients of a convolution are written with ordinary operators. Several formulations give the same numbers
 * at very different speed; which one is taken for which shape is decided here and nowhere else.
 */

import { addDims, subtractDims } from "../dims.ts";
import type { Var } from "../node.ts";
import { operatorError } from "../operator-error.ts";
import { type ConvOptions, conv, convTranspose } from "../ops/convolution.ts";
import { reshape, slice, transpose } from "../ops/layout.ts";

/** Gradient of the input x, given the weights w and the gradient g of the result: the transposed convolution. */
export function convolutionInput(x: Var, w: Var, g: Var, options: Required<ConvOptions>): Var {
  const { strides, pads, dilations } = options;
  const spatial = x.type.shape.slice(2);
  // Rows at the end that no window reaches: the transposed convolution must be told, it cannot see them in g.
  const outputPadding = spatial.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    if (stride === 1) return 0;
    const reach = (dilations[axis] ?? 1) * (Number(w.type.shape[axis + 2]) - 1) + 1;
    const room = addDims(size, (pads[axis] ?? 0) + (pads[axis + spatial.length] ?? 0) - reach);
    if (typeof room === "number") return room % stride;
    throw operatorError("Conv", "spatial sizes in numbers for the gradient of a stride", x);
  });
  return convTranspose(g, w, undefined, { ...options, outputPadding });
}

/** Gradient of the weights w, given the input x and the gradient g of the result. */
export function convolutionWeight(x: Var, w: Var, g: Var, options: Required<ConvOptions>): Var {
  return byConvolution(x, w, g, options);
}

/**
 * The general form: dw[m, c, k] = sum over n, o of g[n, m, o] x[n, c, o stride + k dilation - pad] is a convolution
 * whose channels are the rows n, whose kernel is g, and which has stride and dilation exchanged.
 */
function byConvolution(x: Var, w: Var, g: Var, { strides, pads, dilations, group }: Required<ConvOptions>): Var {
  const [rows, channels] = [x.type.shape[0] ?? 1, Number(w.type.shape[1])];
  const spatial = x.type.shape.slice(2);
  const axes = [...spatial.keys()].map((axis) => axis + 2);
  // [N, G C, ...] to [C, G N, ...]: group by group, the rows become channels.
  const asInput =
    group === 1
      ? transpose(x, [1, 0, ...axes])
      : reshape(
          transpose(reshape(x, [rows, group, channels, ...spatial]), [2, 1, 0, ...axes.map((axis) => axis + 1)]),
          [channels, typeof rows === "number" ? group * rows : -1, ...spatial],
        );
  const asKernel = transpose(g, [1, 0, ...axes]);
  const found = conv(asInput, asKernel, undefined, { strides: dilations, dilations: strides, pads, group });
  // [C, G M, K...] to [G M, C, K...]; a stride that does not divide leaves taps beyond the kernel.
  return axes.reduce(
    (held, axis) => {
      const [size, wanted] = [held.type.shape[axis] ?? 1, Number(w.type.shape[axis])];
      return subtractDims(size, wanted) === 0 ? held : slice(held, { axis, end: wanted });
    },
    transpose(found, [1, 0, ...axes]),
  );
}
