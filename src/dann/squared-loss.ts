/**
 * L_y of a regression: the mean squared error. For squared loss, too, the error on the target is bounded by that on the
 * source and a distance of the domains (Cortes and Mohri, Domain Adaptation in Regression, ALT 2011), so that what DANN
 * adds to L_y is the same.
 */
import { reduceMean, reshape, square, sub } from "../graph/index.ts";
import { operatorError, type Var } from "../graph/node.ts";

/** Mean over rows of (output - y)^2, of outputs [N, 1] and labels y float32 [N]. */
export const squaredLoss = (outputs: Var, y: Var): Var => reduceMean(square(residuals(outputs, y, "squared loss")));

/**
 * output - y of each row, [N].
 * @param loss whose they are, for messages.
 */
export function residuals(outputs: Var, y: Var, loss: string): Var {
  const [, width] = outputs.type.shape;
  if (outputs.type.shape.length !== 2 || width !== 1) throw operatorError(loss, "one output a row, [N, 1]", outputs);
  if (y.type.shape.length !== 1) throw operatorError(loss, "a number a row, [N]", y);
  return sub(reshape(outputs, y.type.shape), y);
}
