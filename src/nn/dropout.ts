/** Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up in training, and inference does nothing. */
import { usageError } from "../errors.ts";
import { mul } from "../graph/index.ts";
import type { Layer } from "./layer.ts";
import { fixedShape } from "./shapes.ts";

/** @param rate share of elements that become zero, in [0, 1). The masks are drawn by the host from the run's seed. */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate < 1)) throw usageError("dropout", `dropout: expected a rate in [0, 1), got ${rate}`);
  const keep = 1 - rate;
  return {
    name: "dropout",
    description: `dropout ${rate}`,
    mixesRows: false,
    apply(x, scope) {
      if (scope.mode.kind === "inference" || rate === 0) return x;
      const shape = fixedShape("dropout", x);
      const mask = scope.noise("mask", { kind: "bernoulli", probability: keep, shape });
      return mul(x, mul(mask, 1 / keep));
    },
  };
}
