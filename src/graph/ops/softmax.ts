/** Softmax and its logarithm. */
import { apply, type Var } from "../node.ts";

/** exp(x) / sum exp(x) along an axis. */
export const softmax = (x: Var, axis = -1): Var => apply("Softmax", [x], { axis });

/** x - log sum exp(x) along an axis. */
export const logSoftmax = (x: Var, axis = -1): Var => apply("LogSoftmax", [x], { axis });
