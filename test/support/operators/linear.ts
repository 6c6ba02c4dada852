/** Cases of matrix products, reductions and normalisations. */
import * as graph from "../../../src/graph/index.ts";
import { apply, ints, type OpName } from "../../../src/graph/index.ts";
import { type OperatorCase, operatorCase, type Values } from "./case.ts";

const matmul = (name: string, a: readonly number[], b: readonly number[]): OperatorCase =>
  operatorCase("MatMul", name, [a, b], (x, y) => graph.matmul(x, y));

const gemm = (
  name: string,
  a: readonly number[],
  b: readonly number[],
  options: graph.GemmOptions,
  c: readonly number[] = [4],
): OperatorCase => operatorCase("Gemm", name, [a, b, c], (x, y, z) => graph.gemm(x, y, z, options));

const reduce = (op: OpName, values: Values): OperatorCase[] => [
  operatorCase(op, "all axes", [{ dims: [2, 3], values }], (x) => apply(op, [x], { keepdims: 0 })),
  operatorCase(op, "kept", [{ dims: [2, 3, 2], values }], (x) => apply(op, [x, ints([1])])),
  operatorCase(op, "dropped, two axes", [{ dims: [2, 3, 4], values }], (x) =>
    apply(op, [x, ints([-1, 0])], { keepdims: 0 }),
  ),
];

export const linearCases: readonly OperatorCase[] = [
  matmul("matrices", [2, 3], [3, 4]),
  matmul("rows of a sequence", [2, 3, 4], [4, 2]),
  matmul("batches", [2, 3, 4], [2, 4, 2]),
  matmul("batches that broadcast", [2, 1, 2, 3], [3, 3, 2]),
  matmul("a matrix against batches", [2, 3], [4, 3, 2]),
  matmul("vector and matrix", [3], [3, 4]),
  matmul("vector and batches", [3], [2, 3, 4]),
  matmul("matrix and vector", [2, 3], [3]),
  matmul("batches and vector", [2, 3, 4], [4]),
  matmul("vectors", [3], [3]),
  gemm("plain", [2, 3], [3, 4], {}),
  gemm("transA", [3, 2], [3, 4], { transA: true, alpha: 0.5 }),
  gemm("transB", [2, 3], [4, 3], { transB: true, beta: 2 }, [2, 1]),
  gemm("both", [3, 2], [4, 3], { transA: true, transB: true, alpha: -1.5, beta: 0.3 }, []),
  operatorCase(
    "Gemm",
    "no third operand",
    [
      [2, 3],
      [3, 4],
    ],
    (a, b) => graph.gemm(a, b),
  ),

  ...reduce("ReduceSum", "normal"),
  ...reduce("ReduceMean", "normal"),
  ...reduce("ReduceMax", "apart"),
  ...reduce("ReduceMin", "apart"),
  ...reduce("ReduceProd", "normal"),
  ...reduce("ReduceL2", "normal"),
  operatorCase("ArgMax", "last axis", [{ dims: [3, 4], values: "apart" }], (x) => graph.argMax(x, { axis: -1 })),
  operatorCase("Softmax", "last axis", [[3, 4]], (x) => graph.softmax(x)),
  operatorCase("Softmax", "first axis", [[3, 4]], (x) => graph.softmax(x, 0)),
  operatorCase("LogSoftmax", "last axis", [[3, 4]], (x) => graph.logSoftmax(x)),
  operatorCase("LogSoftmax", "middle axis", [[2, 3, 2]], (x) => graph.logSoftmax(x, 1)),

  operatorCase("LayerNormalization", "last axis", [[3, 5], [5], [5]], (x, s, b) => graph.layerNormalization(x, s, b)),
  operatorCase(
    "LayerNormalization",
    "two axes, no bias",
    [
      [2, 3, 4],
      [3, 4],
    ],
    (x, s) => graph.layerNormalization(x, s, undefined, { axis: 1, epsilon: 1e-2 }),
  ),
  operatorCase(
    "BatchNormalization",
    "images",
    [[2, 3, 2, 2], [3], [3], [3], { dims: [3], values: "positive" }],
    (x, s, b, m, v) => graph.batchNormalizationInference(x, s, b, m, v, 1e-3),
  ),
  operatorCase(
    "BatchNormalization",
    "rows",
    [[4, 3], [3], [3], [3], { dims: [3], values: "positive" }],
    (x, s, b, m, v) => graph.batchNormalizationInference(x, s, b, m, v),
  ),
  operatorCase("InstanceNormalization", "images", [[2, 3, 3, 2], [3], [3]], (x, s, b) =>
    graph.instanceNormalization(x, s, b),
  ),
  operatorCase("InstanceNormalization", "signals", [[2, 2, 6], [2], [2]], (x, s, b) =>
    graph.instanceNormalization(x, s, b, 1e-2),
  ),
];
