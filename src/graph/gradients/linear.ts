/** Gradients of the matrix products. */
import type { Var } from "../node.ts";
import type { LinearOp } from "../operator-names.ts";
import { mul } from "../ops/elementwise.ts";
import { reshape, squeeze, transpose, unsqueeze } from "../ops/layout.ts";
import { gemm, matmul } from "../ops/linear.ts";
import type { Backward, InputGradient, Rules } from "./rule.ts";

/** Exchanges the last two axes. */
const swap = (x: Var): Var => {
  const axes = [...x.type.shape.keys()];
  return transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
};

const rank = (x: Var): number => x.type.shape.length;

/** Rows of all leading axes under each other. */
const rows = (x: Var): Var => (rank(x) === 2 ? x : reshape(x, [-1, x.type.shape.at(-1) ?? 1]));

/** d(a b): to a it is g b^T, to b it is a^T g. Batch axes that broadcast are summed by the walker. */
function matrixProduct({ g, input }: Backward): readonly InputGradient[] {
  const [a, b] = [input(0), input(1)];
  if (rank(a) === 1 || rank(b) === 1) return vectorProduct(g, a, b);
  if (rank(b) === 2) {
    // One product of matrices: Gemm takes transposed operands as they lie in memory.
    const toA = (): Var => (rank(a) === 2 ? gemm(g, b, undefined, { transB: true }) : matmul(g, swap(b)));
    return [toA, () => gemm(rows(a), rows(g), undefined, { transA: true })];
  }
  return [() => matmul(g, swap(b)), () => matmul(swap(a), g)];
}

/** numpy's rule for vectors: a row on the left, a column on the right, whose axis is missing from the result. */
function vectorProduct(g: Var, a: Var, b: Var): readonly InputGradient[] {
  const [row, column] = [rank(a) === 1, rank(b) === 1];
  const left = row ? unsqueeze(a, [0]) : a;
  const right = column ? unsqueeze(b, [1]) : b;
  const withColumn = column ? unsqueeze(g, [-1]) : g;
  const full = row ? unsqueeze(withColumn, [-2]) : withColumn;
  // Squeezing counts from the end, so that batch axes of the other operand are left to the walker.
  return [
    () => (row ? squeeze(matmul(full, swap(right)), [-2]) : matmul(full, swap(right))),
    () => (column ? squeeze(matmul(swap(left), full), [-1]) : matmul(swap(left), full)),
  ];
}

/** y = alpha a' b' + beta c, a' and b' being transposed or not. */
function general(backward: Backward): readonly InputGradient[] {
  const { g, input, attributes } = backward;
  const [transA, transB] = [attributes.transA === 1, attributes.transB === 1];
  const alpha = (attributes.alpha as number | undefined) ?? 1;
  const beta = (attributes.beta as number | undefined) ?? 1;
  const [a, b] = [input(0), input(1)];
  return [
    () =>
      transA
        ? gemm(b, g, undefined, { transA: transB, transB: true, alpha })
        : gemm(g, b, undefined, { transB: !transB, alpha }),
    () =>
      transB
        ? gemm(g, a, undefined, { transA: true, transB: transA, alpha })
        : gemm(a, g, undefined, { transA: !transA, alpha }),
    () => (beta === 1 ? g : mul(g, beta)),
  ];
}

export const linearRules: Rules<LinearOp> = { MatMul: matrixProduct, Gemm: general };
