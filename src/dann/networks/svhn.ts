/**
 * The paper's network for house numbers, "adopted from Srivastava et al. (2014)" (JMLR 17, figure 4b):
 *
 *   G_f: conv 5x5x64, ReLU, max-pool 3x3/2, conv 5x5x64, ReLU, max-pool 3x3/2, conv 5x5x128, ReLU
 *   G_y: fc 3072 ReLU, fc 2048 ReLU, fc classes
 *   G_d: fc 1024 ReLU, fc 1024 ReLU, fc 1
 *
 * Not printed in the paper, so ours: padding 2 at convolutions and 1 at pools, which makes 32x32 images 128x8x8 = 8,192
 * features, the count of later re-implementations. The paper says that this network alone was trained with dropout and
 * an l2-norm restriction "following Srivastava et al." without values. The defaults here are that article's dropout
 * rates: input .1, convolutions .25, .25, .5, fully connected .5; its norm is 4: set the optimiser's `maxNorm` to 4.
 * The option `dropout` replaces the rate of the fully connected layers and takes the dropout before them away.
 *
 * 76 M multiply-adds an image: a step takes seconds on a CPU.
 */
import { dropout } from "../../nn/dropout.ts";
import type { Layer } from "../../nn/layer.ts";
import { flatten, maxPooling } from "../../nn/pooling.ts";
import { assemble, requireInput } from "./assemble.ts";
import { commonOptions, type NetworkRow } from "./options.ts";
import { stage } from "./stages.ts";

export const svhn: NetworkRow = {
  name: "svhn",
  description:
    "the paper's network for house numbers: three 5x5 convolutions, layers of 3072 and 2048 (JMLR 17, figure 4b)",
  input: "image",
  options: commonOptions,
  build(request, options) {
    requireInput("svhn", request, 3, "images [C,H,W]", 4);
    const drop = (rate: number): Layer[] => (options.dropout === undefined ? [dropout(rate)] : []);
    const pool = maxPooling(3, { stride: 2, padding: 1 });
    const body = [
      ...drop(0.1),
      ...stage({ name: "conv1", filters: 64, kernel: 5, padding: 2, pool }, options),
      ...drop(0.25),
      ...stage({ name: "conv2", filters: 64, kernel: 5, padding: 2, pool }, options),
      ...drop(0.25),
      ...stage({ name: "conv3", filters: 128, kernel: 5, padding: 2 }, options),
      ...drop(0.5),
      flatten(),
    ];
    const hidden = options.hidden ?? [3072, 2048];
    const plan = { name: "svhn", body, hidden, domainHidden: [1024, 1024], activation: "relu", dropout: 0.5 } as const;
    return assemble(plan, request, options);
  },
};
