/** Matrix products. */
import { apply, type Var } from "../node.ts";

/** Matrix product over the last two axes; leading axes broadcast. */
export const matmul = (a: Var, b: Var): Var => apply("MatMul", [a, b]);

export interface GemmOptions {
  /** Use the transpose of a; default false. */
  readonly transA?: boolean;
  /** Use the transpose of b; default false. */
  readonly transB?: boolean;
  /** Factor of the product; default 1. */
  readonly alpha?: number;
  /** Factor of c; default 1. */
  readonly beta?: number;
}

/** alpha * a b + beta * c for matrices; c broadcasts to the product. */
export function gemm(a: Var, b: Var, c?: Var, options: GemmOptions = {}): Var {
  const { transA = false, transB = false, alpha = 1, beta = 1 } = options;
  return apply("Gemm", c === undefined ? [a, b] : [a, b, c], {
    ...(transA ? { transA: 1 } : {}),
    ...(transB ? { transB: 1 } : {}),
    ...(alpha === 1 ? {} : { alpha }),
    ...(beta === 1 ? {} : { beta }),
  });
}
