/** Large matrix products by the engine: the closed form of mSDA and products of wide rows are nothing else. */
import { gemm, input, tanh, type Var } from "../../graph/index.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Backend, Executable } from "../../runtime/backend.ts";

export type Floats = Float32Array | Float64Array;

/** Row-major [rows, width]. */
export interface Block<A extends Floats = Floats> {
  readonly values: A;
  readonly rows: number;
  readonly width: number;
}

export interface Products {
  /** a b^T [a.rows, b.rows], in the precision of the blocks. */
  outer<A extends Floats>(a: Block<A>, b: Block<A>): Promise<A>;
  /** tanh(a b^T + bias) [a.rows, b.rows], in float32. */
  tanhLayer(a: Block<Float32Array>, b: Block<Float32Array>, bias: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** [n, n] products of rows with each other, and what makes more of them: for rows that are dense and wide. */
export interface RowProducts {
  readonly values: Floats;
  readonly engine: Products;
}

/** @param threads inside one product; default 1. */
export async function engineProducts(backend: Backend, threads = 1): Promise<Products> {
  const operands = (dtype: "float32" | "float64"): [Var, Var] => [
    input("a", { dtype, shape: ["M", "K"] }),
    input("b", { dtype, shape: ["N", "K"] }),
  ];
  const compile = (name: string, y: Var): Promise<Executable> => backend.compile({ name, outputs: { y } }, { threads });
  const outerGraph = (dtype: "float32" | "float64"): Promise<Executable> => {
    const [a, b] = operands(dtype);
    return compile(`products ${dtype}`, gemm(a, b, undefined, { transB: true }));
  };
  const [a, b] = operands("float32");
  const executables = {
    float32: await outerGraph("float32"),
    float64: await outerGraph("float64"),
    tanh: await compile(
      "mSDA layer",
      tanh(gemm(a, b, input("bias", { dtype: "float32", shape: ["N"] }), { transB: true })),
    ),
  };
  return {
    async outer<A extends Floats>(left: Block<A>, right: Block<A>): Promise<A> {
      const kind = left.values instanceof Float32Array ? "float32" : "float64";
      const { y } = await executables[kind].run({ a: tensorOf(left), b: tensorOf(right) });
      return y?.data as A;
    },
    async tanhLayer(left, right, bias) {
      const feeds = {
        a: tensorOf(left),
        b: tensorOf(right),
        bias: { dtype: "float32", dims: [bias.length], data: bias },
      } as const;
      const { y } = await executables.tanh.run(feeds);
      return y?.data as Float32Array;
    },
    async dispose() {
      for (const executable of Object.values(executables)) await executable.dispose();
    },
  };
}

const tensorOf = ({ values, rows, width }: Block): Tensor =>
  values instanceof Float32Array
    ? { dtype: "float32", dims: [rows, width], data: values }
    : { dtype: "float64", dims: [rows, width], data: values };

/** Rows a panel of the symmetric products below has. */
const panelRows = 256;

/** a a^T [rows, rows], by panels of its lower half. */
export async function selfProducts<A extends Floats>(
  block: Block<A>,
  products: Products,
  panel = panelRows,
): Promise<A> {
  const { values, rows, width } = block;
  const result = (values instanceof Float32Array ? new Float32Array(rows * rows) : new Float64Array(rows * rows)) as A;
  const part = (from: number, to: number): Block<A> => ({
    values: values.subarray(from * width, to * width) as A,
    rows: to - from,
    width,
  });
  for (let from = 0; from < rows; from += panel) {
    const to = Math.min(rows, from + panel);
    const lower = await products.outer(part(from, to), part(0, to));
    for (let i = from; i < to; i++) {
      for (let j = 0; j <= i; j++) {
        const value = lower[(i - from) * to + j] as number;
        result[i * rows + j] = value;
        result[j * rows + i] = value;
      }
    }
  }
  return result;
}

/** The products of some rows out of `size` ones, in the order of the indices. */
export function pickProducts(
  { values, engine }: RowProducts,
  size: number,
  indices: ArrayLike<number>,
): RowProducts & { readonly values: Float32Array } {
  const count = indices.length;
  const picked = new Float32Array(count ** 2);
  for (let i = 0; i < count; i++) {
    const from = (indices[i] as number) * size;
    for (let j = 0; j < count; j++) picked[i * count + j] = values[from + (indices[j] as number)] as number;
  }
  return { values: picked, engine };
}
