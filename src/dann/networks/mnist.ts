/**
 * The paper's network for MNIST, "inspired by LeNet-5" (JMLR 17, figure 4a):
 *
 *   G_f: conv 5x5x32, ReLU, max-pool 2x2/2, conv 5x5x48, ReLU, max-pool 2x2/2
 *   G_y: fc 100 ReLU, fc 100 ReLU, fc classes
 *   G_d: fc 100 ReLU, fc 1
 *
 * Not printed in the paper: convolutions are "valid" (28x28 gives 48x4x4 = 768 features, 32x32 gives 1,200), biases.
 * Batch normalisation, where asked for, stands behind each pool and each hidden fully connected layer, before ReLU.
 */
import { flatten } from "../../nn/pooling.ts";
import { assemble, requireInput } from "./assemble.ts";
import { commonOptions, type NetworkRow } from "./options.ts";
import { halved, stage } from "./stages.ts";

export const mnist: NetworkRow = {
  name: "mnist",
  description: "the paper's network for digits: two 5x5 convolutions, two layers of 100 (JMLR 17, figure 4a)",
  input: "image",
  options: commonOptions,
  build(request, options) {
    // 16 -> 12 -> 6 -> 2 -> 1
    requireInput("mnist", request, 3, "images [C,H,W]", 16);
    const body = [
      ...stage({ name: "conv1", filters: 32, kernel: 5, pool: halved() }, options),
      ...stage({ name: "conv2", filters: 48, kernel: 5, pool: halved() }, options),
      flatten(),
    ];
    const hidden = options.hidden ?? [100, 100];
    const plan = { name: "mnist", body, hidden, domainHidden: [100], activation: "relu", dropout: 0 } as const;
    return assemble(plan, request, options);
  },
};
