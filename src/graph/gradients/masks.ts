/**
 * Zero-or-one factors in a float type. Gradients multiply by them instead of choosing with `Where`: on ONNX Runtime
 * `Where`, `Equal`, `Greater` and `Sign` run on one thread, multiplication and `HardSigmoid` on all.
 */
import type { Var } from "../node.ts";
import { hardSigmoid, sub } from "../ops/elementwise.ts";

/**
 * Just below the largest float32. Times any normal float32 above zero it is more than 1, so that clipping to [0, 1]
 * gives exactly 1 there and exactly 0 at and below zero, in one pass.
 */
const steep = 3e38;

/** 1 where x > 0, else 0. */
export const positive = (x: Var): Var => hardSigmoid(x, steep, 0);

/** 1 where x < bound, else 0. */
export const below = (x: Var, bound: number | Var): Var => positive(sub(bound, x));

/** 1 where x >= bound, else 0: the steep line reaches 1 at 0. */
export const atLeast = (x: Var, bound: number | Var): Var => hardSigmoid(sub(x, bound), steep, 1);
