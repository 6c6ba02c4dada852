/**
 * The paper's network for traffic signs, "the single-CNN baseline of Ciresan et al. (2012)" (JMLR 17, figure 4c):
 *
 *   G_f: conv 5x5x96, ReLU, max-pool 2x2/2, conv 3x3x144, ReLU, max-pool 2x2/2, conv 5x5x256, ReLU, max-pool 2x2/2
 *   G_y: fc 512 ReLU, fc classes
 *   G_d: fc 1024 ReLU, fc 1024 ReLU, fc 1
 *
 * The figure prints 10 outputs; the task has 43 classes, and `classes` decides. Not printed: convolutions are "valid"
 * (40x40 gives 256x2x2 = 1,024 features).
 */
import { flatten } from "../../nn/pooling.ts";
import { assemble, requireInput } from "./assemble.ts";
import { commonOptions, type NetworkRow } from "./options.ts";
import { halved, stage } from "./stages.ts";

export const gtsrb: NetworkRow = {
  name: "gtsrb",
  description: "the paper's network for traffic signs: three convolutions, a layer of 512 (JMLR 17, figure 4c)",
  input: "image",
  options: commonOptions,
  build(request, options) {
    // 32 -> 28 -> 14 -> 12 -> 6 -> 2 -> 1
    requireInput("gtsrb", request, 3, "images [C,H,W]", 32);
    const body = [
      ...stage({ name: "conv1", filters: 96, kernel: 5, pool: halved() }, options),
      ...stage({ name: "conv2", filters: 144, kernel: 3, pool: halved() }, options),
      ...stage({ name: "conv3", filters: 256, kernel: 5, pool: halved() }, options),
      flatten(),
    ];
    const hidden = options.hidden ?? [512];
    const plan = { name: "gtsrb", body, hidden, domainHidden: [1024, 1024], activation: "relu", dropout: 0 } as const;
    return assemble(plan, request, options);
  },
};
