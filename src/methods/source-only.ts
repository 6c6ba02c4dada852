/** The baseline that every table shows: the same network trained on the source, which never sees a target row. */
import { classify } from "../dann/classify.ts";
import { labelLoss } from "../dann/energy.ts";
import type { MethodConfig } from "./config.ts";
import type { Method } from "./method.ts";

/** Minimises L_y. Of the configuration it reads `labelSmoothing`; it has no domain term and ignores lambda. */
export function sourceOnlyMethod(config: Omit<MethodConfig, "name">): Method {
  return {
    name: "source-only",
    readsTarget: false,
    objective({ network, source, scope }) {
      const { logits } = classify(network, source.x, scope);
      const loss = labelLoss(logits, source.y, { smoothing: config.labelSmoothing });
      return { loss, terms: { labelLoss: loss } };
    },
  };
}
