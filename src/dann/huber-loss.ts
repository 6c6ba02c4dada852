/**
 * L_y of a regression whose labels have outliers: Huber's loss (Huber, Robust Estimation of a Location Parameter, Annals of
 * Mathematical Statistics 35, 1964),
 *
 *   rho(r) = r^2 / 2               where |r| <= delta
 *            delta (|r| - delta/2)  elsewhere
 *
 * with r = output - y, both in units of the standardised label. No row pulls harder than delta. Within delta it is half of
 * the squared error, as PyTorch's `huber_loss` has it.
 */
import { clip, mul, reduceMean, square, sub } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";
import { residuals } from "./squared-loss.ts";

/** Mean over rows of rho(output - y), of outputs [N, 1] and labels y float32 [N]. */
export function huberLoss(outputs: Var, y: Var, delta: number): Var {
  const r = residuals(outputs, y, "Huber loss");
  // With c = r within [-delta, delta] both cases are c r - c^2 / 2.
  const c = clip(r, { min: -delta, max: delta });
  return reduceMean(sub(mul(c, r), mul(square(c), 0.5)));
}
