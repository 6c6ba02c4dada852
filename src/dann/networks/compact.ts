/**
 * A compact modern convnet for small images: 3x3 convolutions, a residual block a stage, and the mean over space, so
 * that any size from 2^stages on will do.
 *
 *   G_f: for 32, 64, 128 filters: conv 3x3, max-pool 2x2/2, ReLU, residual (conv 3x3, ReLU); then the mean over space
 *   G_y: fc 128 ReLU, fc classes              G_d: fc 128 ReLU, fc 1
 *
 * 13 M multiply-adds for an image of 28x28 (the paper's MNIST network: 4 M).
 */
import { usageError } from "../../errors.ts";
import type { Layer } from "../../nn/layer.ts";
import { globalAveragePooling } from "../../nn/pooling.ts";
import { residual, sequential } from "../../nn/sequential.ts";
import { assemble, requireInput } from "./assemble.ts";
import { commonOptions, type NetworkRow, type SettledOptions } from "./options.ts";
import { halved, stage } from "./stages.ts";

export const compact: NetworkRow = {
  name: "compact",
  description: "modern convnet for small images: three stages with a residual block each, mean over space",
  input: "image",
  options: [...commonOptions, "filters"],
  build(request, options) {
    const filters = options.filters ?? [32, 64, 128];
    if (filters.length === 0)
      throw usageError("network-filters", "network compact: expected at least one stage of filters, got none");
    requireInput("compact", request, 3, "images [C,H,W]", 2 ** filters.length);
    const body = [...filters.flatMap((count, i) => block(count, i + 1, options)), globalAveragePooling()];
    const hidden = options.hidden ?? [128];
    const plan = { name: "compact", body, hidden, domainHidden: [128], activation: "relu", dropout: 0 } as const;
    return assemble(plan, request, options);
  },
};

const block = (filters: number, index: number, options: SettledOptions): Layer[] => [
  ...stage({ name: `conv${index}`, filters, kernel: 3, padding: 1, pool: halved() }, options),
  residual(`residual${index}`, sequential("body", stage({ name: "conv", filters, kernel: 3, padding: 1 }, options))),
];
