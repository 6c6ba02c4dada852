/** Operators that change the gradient and nothing else. */
import { apply, type Var } from "../node.ts";
import { type Operand, operandLike } from "./constants.ts";

/** x, as a constant to every gradient. */
export const stopGradient = (x: Var): Var => apply("StopGradient", [x]);

/**
 * x forwards; backwards the gradient times `factor`, a scalar that itself gets no gradient. With a factor of -lambda
 * it is the gradient reversal layer R_lambda (Ganin and Lempitsky 2015, equations 14 and 15).
 */
export const scaleGradient = (x: Var, factor: Operand): Var => apply("ScaleGradient", [x, operandLike(factor, x)]);
