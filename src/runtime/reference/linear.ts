/** Matrix products. */
import type { LinearOp } from "../../graph/operator-names.ts";
import {
  at,
  broadcastDims,
  broadcastPositions,
  intOf,
  type Kernel,
  type Kernels,
  makeValue,
  required,
} from "./value.ts";

/** c[m, n] = sum_k a[m, k] b[k, n], each matrix given by its offset and the strides of its two axes. */
interface Matrix {
  readonly data: Float64Array;
  readonly offset: number;
  readonly strides: readonly [number, number];
}

function multiply(a: Matrix, b: Matrix, m: number, k: number, n: number, into: Float64Array, offset: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum +=
          at(a.data, a.offset + i * a.strides[0] + l * a.strides[1]) *
          at(b.data, b.offset + l * b.strides[0] + j * b.strides[1]);
      }
      into[offset + i * n + j] = sum;
    }
  }
}

/** numpy's rule: a vector on the left is a row, on the right a column, and that axis is dropped from the result. */
const matmul: Kernel = (inputs) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  const [m, k, n] = [at(left, left.length - 2), at(left, left.length - 1), at(right, right.length - 1)];
  const batch = broadcastDims([left.slice(0, -2), right.slice(0, -2), []]);
  const [fromA, fromB] = [left, right].map((dims) => broadcastPositions(dims.slice(0, -2), batch));
  const count = batch.reduce((product, dim) => product * dim, 1);
  const data = new Float64Array(count * m * n);
  for (let i = 0; i < count; i++) {
    multiply(
      { data: a.data, offset: at(fromA ?? [], i) * m * k, strides: [k, 1] },
      { data: b.data, offset: at(fromB ?? [], i) * k * n, strides: [n, 1] },
      m,
      k,
      n,
      data,
      i * m * n,
    );
  }
  const dims = [...batch, ...(a.dims.length === 1 ? [] : [m]), ...(b.dims.length === 1 ? [] : [n])];
  return [makeValue(a.dtype, dims, data)];
};

/** alpha * a' b' + beta * c */
const gemm: Kernel = (inputs, node) => {
  const [a, b, c] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  const [transA, transB] = [intOf(node, "transA", 0) !== 0, intOf(node, "transB", 0) !== 0];
  const [alpha, beta] = [intOf(node, "alpha", 1), intOf(node, "beta", 1)];
  const [m, k] = transA ? [at(a.dims, 1), at(a.dims, 0)] : [at(a.dims, 0), at(a.dims, 1)];
  const n = at(b.dims, transB ? 0 : 1);
  const data = new Float64Array(m * n);
  multiply(
    { data: a.data, offset: 0, strides: transA ? [1, m] : [k, 1] },
    { data: b.data, offset: 0, strides: transB ? [1, k] : [n, 1] },
    m,
    k,
    n,
    data,
    0,
  );
  const added = c === undefined ? undefined : broadcastPositions(c.dims, [m, n]);
  for (let i = 0; i < data.length; i++) {
    data[i] = alpha * at(data, i) + (c === undefined || added === undefined ? 0 : beta * at(c.data, at(added, i)));
  }
  return [makeValue(a.dtype, [m, n], data)];
};

export const linearKernels: Kernels<LinearOp> = { MatMul: matmul, Gemm: gemm };
