/** Tensors in tests: short ways to write them, read them and tell them apart. */
import { expect } from "vitest";
import { type Tensor, type TensorOf, tensorOf } from "../../src/graph/index.ts";

export const numbers = (tensor: Tensor | undefined): number[] =>
  Array.from<number | bigint, number>(tensor?.data ?? [], Number);

/** Largest difference, relative to the largest element of what is expected (at least a thousandth). */
export function distance(found: Tensor | undefined, expected: Tensor | undefined): number {
  const [a, b] = [numbers(found), numbers(expected)];
  expect(found?.dims).toEqual(expected?.dims);
  const largest = b.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 1e-3);
  return a.reduce(
    (most, value, i) => (Object.is(value, b[i]) ? most : Math.max(most, Math.abs(value - (b[i] ?? 0)) / largest)),
    0,
  );
}

export const float = (dims: readonly number[], values: ArrayLike<number>): TensorOf<"float32"> =>
  tensorOf("float32", dims, values) as TensorOf<"float32">;
