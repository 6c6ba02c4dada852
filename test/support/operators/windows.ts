/** Cases of convolution and pooling: every option alone, and together. */
import * as graph from "../../../src/graph/index.ts";
import { type OperatorCase, operatorCase } from "./case.ts";

type Dims = readonly number[];

const conv = (name: string, x: Dims, w: Dims, options: graph.ConvOptions = {}): OperatorCase =>
  operatorCase("Conv", name, [x, w, [w[0] ?? 1]], (a, b, c) => graph.conv(a, b, c, options));

const transposed = (name: string, x: Dims, w: Dims, options: graph.ConvTransposeOptions = {}): OperatorCase =>
  operatorCase("ConvTranspose", name, [x, w, [(w[1] ?? 1) * (options.group ?? 1)]], (a, b, c) =>
    graph.convTranspose(a, b, c, options),
  );

const max = (name: string, dims: Dims, options: graph.MaxPoolOptions): OperatorCase =>
  operatorCase("MaxPool", name, [{ dims, values: "apart" }], (x) => graph.maxPool(x, options));

const average = (name: string, dims: Dims, options: graph.AveragePoolOptions): OperatorCase =>
  operatorCase("AveragePool", name, [dims], (x) => graph.averagePool(x, options));

export const windowCases: readonly OperatorCase[] = [
  conv("plain", [2, 2, 5, 5], [3, 2, 3, 3]),
  conv("kernel 1x1", [2, 3, 3, 3], [4, 3, 1, 1]),
  conv("many channels, few rows", [2, 9, 4, 4], [3, 9, 3, 3], { pads: [1, 1, 1, 1] }),
  conv("wide", [2, 16, 4, 5], [3, 16, 3, 2]),
  conv("wide, all options", [2, 17, 7, 9], [2, 17, 2, 3], {
    strides: [2, 3],
    pads: [1, 2, 0, 1],
    dilations: [2, 1],
  }),
  conv("wide, one axis", [2, 16, 9], [3, 16, 3], { strides: [2], pads: [1, 0] }),
  conv("stride that leaves a rest", [2, 2, 6, 5], [2, 2, 3, 2], { strides: [2, 2] }),
  conv("uneven pads", [1, 2, 4, 4], [2, 2, 3, 3], { pads: [1, 0, 2, 1] }),
  conv("dilation", [2, 2, 6, 6], [2, 2, 2, 3], { dilations: [3, 2] }),
  conv("stride, pads and dilation", [2, 2, 7, 8], [3, 2, 2, 3], {
    strides: [2, 3],
    pads: [1, 2, 1, 1],
    dilations: [2, 1],
  }),
  conv("groups", [2, 4, 4, 4], [6, 2, 2, 2], { group: 2 }),
  conv("groups, stride and pads", [2, 4, 5, 5], [2, 2, 3, 3], { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv("depthwise", [2, 3, 5, 5], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }),
  conv("depthwise, two a channel, stride", [2, 3, 5, 5], [6, 1, 3, 3], {
    group: 3,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  conv("one axis", [2, 3, 8], [4, 3, 3]),
  conv("one axis, all options", [2, 4, 11], [4, 2, 3], { strides: [2], pads: [2, 1], dilations: [2], group: 2 }),
  // Small images above are taken by columns with the batch innermost; these have many places, or many filters.
  conv("many places", [2, 1, 9, 8], [2, 1, 2, 3], { pads: [0, 1, 1, 1] }),
  conv("many places, all options", [2, 1, 18, 19], [2, 1, 2, 3], {
    strides: [2, 2],
    pads: [1, 1, 0, 1],
    dilations: [2, 1],
  }),
  conv("many places, of x's size", [2, 2, 8, 8], [3, 2, 3, 4], { pads: [0, 3, 2, 0] }),
  conv("many places, of x's size, dilation", [2, 1, 8, 9], [2, 1, 3, 3], { pads: [1, 2, 3, 2], dilations: [2, 2] }),
  conv("many filters", [2, 2, 3, 4], [128, 2, 2, 2], { strides: [2, 1], pads: [1, 1, 0, 1], dilations: [1, 2] }),
  conv("many filters, one axis", [2, 1, 5], [128, 1, 2], { pads: [1, 0] }),
  operatorCase(
    "Conv",
    "no bias",
    [
      [1, 1, 4, 4],
      [1, 1, 3, 3],
    ],
    (x, w) => graph.conv(x, w),
  ),

  transposed("plain", [2, 3, 3, 3], [3, 2, 2, 2]),
  transposed("stride and output padding", [2, 2, 3, 3], [2, 3, 3, 3], { strides: [2, 3], outputPadding: [1, 2] }),
  transposed("pads and dilation", [1, 2, 4, 5], [2, 2, 3, 2], { pads: [1, 0, 2, 1], dilations: [2, 1] }),
  transposed("groups", [2, 4, 3, 3], [4, 2, 2, 2], { group: 2, strides: [2, 2] }),
  transposed("one axis", [2, 3, 4], [3, 2, 3], { strides: [2], pads: [1, 1], outputPadding: [1] }),

  max("2x2", [2, 2, 4, 6], { kernel: [2, 2], strides: [2, 2] }),
  max("2x2 with a rest", [1, 2, 5, 7], { kernel: [2, 2], strides: [2, 2] }),
  max("2x2, rest taken", [1, 2, 5, 7], { kernel: [2, 2], strides: [2, 2], ceil: true }),
  max("3x3 overlapping", [2, 2, 7, 7], { kernel: [3, 3], strides: [2, 2] }),
  max("3x3 overlapping and padded", [1, 2, 6, 5], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  max("dilated", [1, 2, 6, 6], { kernel: [2, 2], strides: [1, 1], dilations: [2, 3] }),
  max("one axis", [2, 3, 8], { kernel: [2], strides: [2] }),
  max("one axis, padded", [2, 3, 8], { kernel: [3], strides: [2], pads: [1, 0] }),

  average("2x2", [2, 2, 4, 6], { kernel: [2, 2], strides: [2, 2] }),
  average("2x2 with a rest", [1, 2, 5, 7], { kernel: [2, 2], strides: [2, 2] }),
  average("2x2, rest taken", [1, 2, 5, 7], { kernel: [2, 2], strides: [2, 2], ceil: true }),
  average("3x3 overlapping", [2, 2, 7, 8], { kernel: [3, 3], strides: [2, 2] }),
  average("padding left out", [1, 2, 6, 5], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  average("padding counted", [1, 2, 6, 5], {
    kernel: [3, 2],
    strides: [1, 2],
    pads: [1, 0, 2, 1],
    countIncludePad: true,
  }),
  average("one axis", [2, 3, 9], { kernel: [3], strides: [2], pads: [1, 1] }),

  operatorCase("GlobalMaxPool", "images", [{ dims: [2, 3, 3, 2], values: "apart" }], (x) => graph.globalMaxPool(x)),
  operatorCase("GlobalAveragePool", "images", [[2, 3, 3, 2]], (x) => graph.globalAveragePool(x)),
  operatorCase("GlobalAveragePool", "signals", [[2, 3, 5]], (x) => graph.globalAveragePool(x)),
];
