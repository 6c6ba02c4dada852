/**
 * Convolution by columns with the batch innermost: x as [C, H, W, N], under each tap of the kernel the values that it
 * meets at all places of the result in all rows, [C KH KW, Ho Wo N]. Each product is then one of matrices over the whole
 * batch, and weights and their gradient are read and written as they lie in memory:
 *
 *   dw [M, C KH KW] = g [M, Ho Wo N] columns(x)^T,        dx = fold(w^T [C KH KW, M] g)
 *
 * where `fold` adds what belongs to the same value of x. Columns are copied in runs of N values. An engine's own
 * convolution makes a product for each row, which is narrow where images have become small: ResNet-18 on 64x64 ends in
 * 2x2. Measured on ONNX Runtime 1.30, one thread, processor time on a busy machine, 64 rows, in ms:
 *
 *   3x3, stride 1              dw by columns, by rows      dx by columns, ConvTranspose
 *   512 -> 512 on 2x2               21 / 34                     22 / 160
 *   256 -> 256 on 4x4               18 / 21                     25 / 32
 *   512 -> 512 on 7x7                                          298 / 341
 *   128 -> 128 on 8x8               20 / 20                     30 / 26
 *   64 -> 64 on 16x16               24 / 22                     38 / 23
 */
import type { Var } from "../node.ts";
import { ints } from "../ops/constants.ts";
import type { ConvOptions } from "../ops/convolution.ts";
import { add } from "../ops/elementwise.ts";
import { gather, pad, reshape, transpose } from "../ops/layout.ts";
import { gemm } from "../ops/linear.ts";

/** A convolution of images in one group, sizes in numbers. */
export interface ImageConvolution {
  /** [N, C, H, W] of x, [M, Ho, Wo] of the result. */
  readonly sizes: readonly [n: number, c: number, h: number, w: number];
  readonly result: readonly [m: number, h: number, w: number];
  readonly kernel: readonly [h: number, w: number];
  readonly options: Required<ConvOptions>;
}

/** From so many places in an image on, a product for each row is wide enough by itself. */
const manyPlaces = 64;
/** From so many filters on, copying columns costs less than what the product over them saves. */
const manyFilters = 128;

/** Whether the gradient of the input is better taken this way: the product for one row would be narrow. */
export const inputSuitsColumns = ({ sizes: [n], result: [, h, w] }: ImageConvolution): boolean =>
  n > 1 && h * w < manyPlaces;

/** Whether the gradient of the weights is. */
export const weightSuitsColumns = (convolution: ImageConvolution): boolean =>
  inputSuitsColumns(convolution) && convolution.result[0] >= manyFilters;

/** [N, C, H, W] to [C, H W, N]. */
const innermost = (x: Var, [n, c, h, w]: ImageConvolution["sizes"]): Var =>
  reshape(transpose(x, [1, 2, 3, 0]), [c, h * w, n]);

/** Where in the padded x, place by place of the result, a tap reads: `undefined` in the padding. */
function placesOf({ sizes, result, kernel, options }: ImageConvolution): (number | undefined)[][] {
  const [, , height, width] = sizes;
  const [, high, wide] = result;
  const [sh = 1, sw = 1] = options.strides;
  const [dh = 1, dw = 1] = options.dilations;
  const [top = 0, left = 0] = options.pads;
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, t) => [Math.floor(t / kernel[1]), t % kernel[1]]);
  return taps.map(([i = 0, j = 0]) =>
    Array.from({ length: high * wide }, (_, at) => {
      const row = Math.floor(at / wide) * sh + i * dh - top;
      const column = (at % wide) * sw + j * dw - left;
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      return inside ? row * width + column : undefined;
    }),
  );
}

/** Runs of an axis by index; a missing index gives zeros. x is [A, B, N]. */
function gatherRuns(x: Var, indices: readonly (number | undefined)[]): Var {
  const zeros = Number(x.type.shape[1]);
  const from = indices.includes(undefined) ? pad(x, [0, 0, 0, 0, 1, 0]) : x;
  return gather(from, ints(indices.map((index) => index ?? zeros)), 1);
}

/** dw [M, C, KH, KW]. */
export function weightByColumns(x: Var, g: Var, convolution: ImageConvolution): Var {
  const { sizes, result, kernel } = convolution;
  const [n, c] = sizes;
  const [m, h, w] = result;
  const taps = kernel[0] * kernel[1];
  const runs = gatherRuns(innermost(x, sizes), placesOf(convolution).flat());
  const columns = reshape(runs, [c * taps, h * w * n]);
  const gradient = reshape(innermost(g, [n, m, h, w]), [m, h * w * n]);
  return reshape(gemm(gradient, columns, undefined, { transB: true }), [m, c, ...kernel]);
}

/** dx [N, C, H, W], from the weights [M, C, KH, KW]. */
export function inputByColumns(weights: Var, g: Var, convolution: ImageConvolution): Var {
  const { sizes, result, kernel } = convolution;
  const [n, c, height, width] = sizes;
  const [m, h, w] = result;
  const taps = kernel[0] * kernel[1];
  const gradient = reshape(innermost(g, [n, m, h, w]), [m, h * w * n]);
  const columns = gemm(reshape(weights, [m, c * taps]), gradient, undefined, { transA: true });
  const runs = reshape(columns, [c, taps * h * w, n]);
  /** For each value of x, the columns that were read from it. */
  const readers = Array.from({ length: height * width }, (): number[] => []);
  placesOf(convolution)
    .flat()
    .forEach((place, column) => {
      if (place !== undefined) readers[place]?.push(column);
    });
  const most = Math.max(1, ...readers.map(({ length }) => length));
  const layers = Array.from({ length: most }, (_, layer) => readers.map((all) => all[layer]));
  // Padded once for all layers: equal nodes are merged.
  const sum = layers.map((layer) => gatherRuns(runs, layer)).reduce((held, part) => add(held, part));
  return transpose(reshape(sum, [c, height, width, n]), [3, 0, 1, 2]);
}
