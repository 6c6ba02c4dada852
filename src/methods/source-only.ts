/**
 * The baseline that every table shows: the same network trained on the source by the label loss L_y alone. It never sees
 * a target row and ignores lambda.
 */
import type { MethodRow } from "./row.ts";

export const sourceOnly: MethodRow<Record<never, never>> = {
  name: "source-only",
  description: "trains on the source alone: the baseline",
  source: "the papers' `source only` rows",
  role: { kind: "base", noTerms: "source-only reads no target row" },
  options: {},
  ingredient: () => ({}),
};
