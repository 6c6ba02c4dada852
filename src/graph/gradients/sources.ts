/** Gradients of what has no inputs, and of the two markers that only gradients see. */
import type { SourceOp } from "../operator-names.ts";
import { mul } from "../ops/elementwise.ts";
import type { Rules } from "./rule.ts";

export const sourceRules: Rules<SourceOp> = {
  Input: "stopped",
  Constant: "stopped",
  ConstantOfShape: "stopped",
  Range: "stopped",
  Shape: "stopped",
  /** Not even to the two values: they are constants of an encoding. */
  OneHot: "stopped",
  StopGradient: "stopped",
  /** R_lambda for a factor of -lambda; the factor is a setting and gets none. */
  ScaleGradient: ({ g, input }) => [() => mul(g, input(1)), undefined],
};
