/**
 * A convolution whose result goes straight into 2x2 max pooling, written so that the four elements of each window lie in
 * four planes instead of side by side. The function is the same; what the engine does with it is not: pooling becomes
 * a maximum over planes, its gradient a comparison of planes, and nothing of the full resolution is repeated, compared
 * or counted element by element.
 *
 *   x [N, C, H, W]    -> x' [N, 4C, H/2, W/2]              each 2x2 block of pixels becomes four channels
 *   w [M, C, K, K]    -> w' [4M, 4C, (K+1)/2, (K+1)/2]     the kernel at the four places of the window
 *   y' = x' * w' [N, 4M, Ho/2, Wo/2],   pooled = max over the four planes
 *
 * w' is wider than w, so the product costs ((K+1)/K)^2 times as much: worth it only where few channels come in and the
 * work is moving the result about. Measured on ONNX Runtime 1.30, one thread, the paper's first layer (5x5x3 -> 32, 128
 * images 28x28), forward and backward with its pooling: bench/README.md.
 */
import type { Var } from "../node.ts";
import { conv } from "../ops/convolution.ts";
import { concat, pad, reshape, transpose } from "../ops/layout.ts";
import { reduceMax } from "../ops/reduction.ts";
import { isStatic } from "../tensor.ts";

/** Up to this many values under a kernel, moving the result costs more than computing it. */
const narrow = 108;

/** 2x2 max pooling of `y` in planes, when y is a convolution for which that pays; else undefined. */
export function maxPoolOfConvolution(y: Var): Var | undefined {
  const plan = planOf(y);
  if (plan === undefined) return undefined;
  const { x, w, bias, pads, sizes } = plan;
  const { n, c, h, width, m, k } = sizes;
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const padded = pads.every((size) => size === 0) ? x : pad(x, [0, 0, top, left, 0, 0, bottom, right]);
  const [rows, columns, taps] = [(h + top + bottom) / 2, (width + left + right) / 2, (k + 1) / 2];
  const blocks = transpose(reshape(padded, [n, c, rows, 2, columns, 2]), [0, 3, 5, 1, 2, 4]);
  const input = reshape(blocks, [n, 4 * c, rows, columns]);
  const placed = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map(([down = 0, across = 0]) => pad(w, [0, 0, down, across, 0, 0, 1 - down, 1 - across]));
  const kernel = transpose(reshape(concat(placed, 0), [4 * m, c, taps, 2, taps, 2]), [0, 3, 5, 1, 2, 4]);
  const shift = bias === undefined ? undefined : concat([bias, bias, bias, bias], 0);
  const result = conv(input, reshape(kernel, [4 * m, 4 * c, taps, taps]), shift);
  const [high, wide] = [rows - taps + 1, columns - taps + 1];
  return reshape(reduceMax(reshape(result, [n, 4, m * high * wide]), { axes: [1] }), [n, m, high, wide]);
}

interface Plan {
  readonly x: Var;
  readonly w: Var;
  readonly bias: Var | undefined;
  readonly pads: readonly number[];
  readonly sizes: { n: number; c: number; h: number; width: number; m: number; k: number };
}

/** Reads off a plain convolution of images: odd square kernel, stride 1, even result, few values under the kernel. */
function planOf({ node, type }: Var): Plan | undefined {
  const [x, w, bias] = node.inputs;
  if (node.op !== "Conv" || x === undefined || w === undefined) return undefined;
  const { strides, dilations, group, pads } = node.attributes as Record<string, readonly number[] | undefined>;
  const plain = [...(strides ?? []), ...(dilations ?? []), group ?? 1].every((value) => value === 1);
  const [xs, ws, ys] = [x.type.shape, w.type.shape, type.shape];
  if (!plain || xs.length !== 4 || !isStatic(xs) || !isStatic(ws) || !isStatic(ys)) return undefined;
  const [n = 0, c = 0, h = 0, width = 0] = xs;
  const [m = 0, , k = 0, kw = 0] = ws;
  const [, , high = 1, wide = 1] = ys;
  if (k !== kw || k % 2 === 0 || high % 2 !== 0 || wide % 2 !== 0 || c * (k + 1) * (k + 1) > narrow) return undefined;
  return { x, w, bias, pads: pads ?? [0, 0, 0, 0], sizes: { n, c, h, width, m, k } };
}
