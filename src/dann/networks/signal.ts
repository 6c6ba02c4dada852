/**
 * A convnet over time for signals [C, T], after the one of AdaTime (Ragab et al. 2023, 9 -> 64 -> 128 filters of 5):
 *
 *   G_f: (conv 5 x filters, max-pool 2, ReLU) for 64, 128, 128 filters, then the mean over time: 128 features
 *   G_y: linear, or with hidden layers        G_d: fc 64 ReLU, fc 1
 */
import { usageError } from "../../errors.ts";
import { globalAveragePooling } from "../../nn/pooling.ts";
import { assemble, requireInput } from "./assemble.ts";
import { commonOptions, type NetworkRow } from "./options.ts";
import { halved, stage } from "./stages.ts";

export const signal: NetworkRow = {
  name: "signal",
  description: "convnet over time: three convolutions of 5, mean over time (after AdaTime)",
  input: "signal",
  options: [...commonOptions, "filters"],
  build(request, options) {
    const filters = options.filters ?? [64, 128, 128];
    if (filters.length === 0)
      throw usageError("network-filters", "network signal: expected at least one stage of filters, got none");
    // Every stage halves the length.
    requireInput("signal", request, 2, "signals [C,T]", 2 ** filters.length);
    const body = [
      ...filters.flatMap((count, i) =>
        stage({ name: `conv${i + 1}`, filters: count, kernel: 5, padding: 2, pool: halved() }, options),
      ),
      globalAveragePooling(),
    ];
    const hidden = options.hidden ?? [];
    const plan = { name: "signal", body, hidden, domainHidden: [64], activation: "relu", dropout: 0 } as const;
    return assemble(plan, request, options);
  },
};
