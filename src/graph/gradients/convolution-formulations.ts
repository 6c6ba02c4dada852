/**
 * How the gradients of a convolution are written with ordinary operators. Several formulations give the same numbers
 * at very different speed; which one is taken for which shape is decided here and nowhere else.
 */

import { addDims, subtractDims } from "../dims.ts";
import type { Var } from "../node.ts";
import { operatorError } from "../operator-error.ts";
import { ints } from "../ops/constants.ts";
import { type ConvOptions, conv, convTranspose } from "../ops/convolution.ts";
import { concat, gather, pad, reshape, reshapeLike, slice, transpose } from "../ops/layout.ts";
import { reduceSum } from "../ops/reduction.ts";
import { isStatic, sizeOf } from "../tensor.ts";
import {
  type ImageConvolution,
  inputByColumns,
  inputSuitsColumns,
  weightByColumns,
  weightSuitsColumns,
} from "./batch-innermost.ts";

/** Gradient of the input x, given the weights w and the gradient g of the result: the transposed convolution. */
export function convolutionInput(x: Var, w: Var, g: Var, options: Required<ConvOptions>): Var {
  const planes = planesOf(x, w, g, options);
  if (planes !== undefined && inputSuitsColumns(planes)) return reshapeLike(inputByColumns(w, planes.g, planes), x);
  const { strides, pads, dilations } = options;
  const spatial = x.type.shape.slice(2);
  const around = paddingOfFlipped(x, w, g, options);
  if (around !== undefined) return conv(g, flipped(w), undefined, { pads: around, dilations });
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

/**
 * Padding under which the convolution of g with the flipped kernel is the gradient of x, where it pays: the result is as
 * large as x, so that no product is made for the padding. The transposed convolution adds up columns on one thread:
 * 3x3, 64 rows, 32 -> 32 on 32x32 23 ms instead of 28, 64 -> 64 on 16x16 19 instead of 21. (5x5 without padding, 32 -> 48
 * on 12x12: 23 instead of 9.)
 */
function paddingOfFlipped(x: Var, w: Var, g: Var, options: Required<ConvOptions>): readonly number[] | undefined {
  const { strides, pads, dilations, group } = options;
  const [xs, ws, gs] = [x, w, g].map(({ type }) => type.shape.slice(2));
  const same = gs?.every((size, axis) => size === xs?.[axis]);
  if (group !== 1 || !same || strides.some((stride) => stride !== 1) || !isStatic(w.type.shape)) return undefined;
  const reach = dilations.map((dilation, axis) => dilation * (Number(ws?.[axis]) - 1));
  return pads.map((padding, at) => (reach[at % reach.length] ?? 0) - padding);
}

/** [M, C, kernel...] to [C, M, kernel...], the kernel from its end. */
function flipped(w: Var): Var {
  const [m = 1, c = 1, ...kernel] = w.type.shape.map(Number);
  const taps = sizeOf(kernel);
  const backwards = ints(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
  return reshape(transpose(gather(reshape(w, [m, c, taps]), backwards, 2), [1, 0, 2]), [c, m, ...kernel]);
}

/** Gradient of the weights w, given the input x and the gradient g of the result. */
export function convolutionWeight(x: Var, w: Var, g: Var, options: Required<ConvOptions>): Var {
  const planes = planesOf(x, w, g, options);
  if (planes === undefined) return byConvolution(x, w, g, options);
  return weightSuitsColumns(planes)
    ? reshape(weightByColumns(planes.x, planes.g, planes), planes.shape)
    : byRows(planes);
}

/** Two spatial axes, sizes in numbers, one group: what most formulations are written for. */
interface Planes extends ImageConvolution {
  readonly x: Var;
  readonly g: Var;
  /** Shape of the weights, which have one spatial axis less when x is a signal. */
  readonly shape: readonly number[];
}

function planesOf(x: Var, w: Var, g: Var, options: Required<ConvOptions>): Planes | undefined {
  const [xs, ws, gs] = [x.type.shape, w.type.shape, g.type.shape];
  if (options.group !== 1 || !isStatic(xs) || !isStatic(ws) || !isStatic(gs)) return undefined;
  if (xs.length === 3) {
    // A signal is an image of one row.
    const plane = (shape: readonly number[]): number[] => shape.toSpliced(2, 0, 1);
    const [begin = 0, end = 0] = options.pads;
    const flat = {
      strides: [1, ...options.strides],
      dilations: [1, ...options.dilations],
      pads: [0, begin, 0, end],
      group: 1,
    };
    const lifted = planesOf(reshape(x, plane(xs)), reshape(w, plane(ws)), reshape(g, plane(gs)), flat);
    return lifted && { ...lifted, shape: ws };
  }
  const [n, c, h, width] = xs;
  const [m, , kh, kw] = ws;
  const [, , gh, gw] = gs;
  if (xs.length !== 4 || n === undefined || c === undefined || h === undefined || width === undefined) return undefined;
  if (m === undefined || kh === undefined || kw === undefined || gh === undefined || gw === undefined) return undefined;
  return { x, g, sizes: [n, c, h, width], result: [m, gh, gw], kernel: [kh, kw], options, shape: ws };
}

/**
 * dw[m, c, i, j] = sum over n, a, b of g[n, m, a, b] x[n, c, a sh + i dh - ph, b sw + j dw - pw], as a convolution along
 * the width alone: the rows (n, a) are its channels, the columns of g its kernel, and what lies beside the width of x
 * is carried along unchanged. With channels last, the rows that a kernel row i meets are a plain slice of x.
 *
 * Measured on ONNX Runtime 1.30, one thread, processor time, against `byConvolution`, whose matrices have only as many
 * columns as the kernel has taps: 5x5x3 -> 32 on 28x28, 128 images: 7.8 ms against 11.8; 5x5x32 -> 48 on 12x12: 10.8
 * against 13.8. (im2col by slices and one product: 11.3 and 18.5.)
 */
function byRows(planes: Planes): Var {
  const { x, g, sizes, result, kernel, options, shape } = planes;
  const [n, c, h] = sizes;
  const [m, gh, gw] = result;
  const [kh, kw] = kernel;
  const [sh = 1, sw = 1] = options.strides;
  const [dh = 1, dw = 1] = options.dilations;
  const [top = 0, left = 0, bottom = 0, right = 0] = options.pads;
  const last = transpose(x, [0, 2, 3, 1]);
  const padded = top + bottom === 0 ? last : pad(last, [0, top, 0, 0, 0, bottom, 0, 0]);
  const width = x.type.shape[3] ?? 1;
  /** Rows of x that kernel row i meets, [N, Ho, W, C]. */
  const met = Array.from({ length: kh }, (_, i) => {
    const [start, end] = [i * dh, i * dh + (gh - 1) * sh + 1];
    const all = start === 0 && end === h + top + bottom && sh === 1;
    return all ? padded : slice(padded, { axis: 1, start, end, step: sh });
  });
  const along = { strides: [dw, 1], dilations: [sw, 1], pads: [left, 0, right, 0] };
  const crop = (found: Var): Var => (found.type.shape[2] === kw ? found : slice(found, { axis: 2, end: kw }));
  if (c >= wideChannels) {
    // Kernel rows as the batch: the products have KW C columns. [KH, N Ho, W, C] with [M, N Ho, Wo, 1].
    const rows = concat(
      met.map((part) => reshape(part, [1, n * gh, width, c])),
      0,
    );
    const taps = reshape(transpose(g, [1, 0, 2, 3]), [m, n * gh, gw, 1]);
    return reshape(transpose(crop(conv(rows, taps, undefined, along)), [1, 3, 0, 2]), shape);
  }
  // Few channels: kernel rows beside them, KW KH C columns. Each image is a group of its own, so that g is the kernel
  // as it lies in memory; the groups' results are small and summed. [1, N Ho, W, KH C] with [N M, Ho, Wo, 1].
  const rows = reshape(met.length === 1 ? (met[0] ?? x) : concat(met, 3), [1, n * gh, width, kh * c]);
  const each = crop(conv(rows, reshape(g, [n * m, gh, gw, 1]), undefined, { ...along, group: n }));
  const sum = reduceSum(reshape(each, [n, m * kw * kh * c]), { axes: [0] });
  return reshape(transpose(reshape(sum, [m, kw, kh, c]), [0, 3, 2, 1]), shape);
}

/** From this many channels on, one kernel row's products are wide enough to keep vector units busy. */
const wideChannels = 16;

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
