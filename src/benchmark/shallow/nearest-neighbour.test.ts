import { expect, test } from "vitest";
import type { DenseRows } from "../../data/dataset.ts";
import { nearestNeighbour, rowShares, zScored } from "./nearest-neighbour.ts";

const dense = (width: number, ...values: number[]): DenseRows => ({
  kind: "dense",
  rows: values.length / width,
  width,
  values: Float32Array.from(values),
});

test("rows are divided by their sum, rows of zeros stay", () => {
  expect(Array.from(rowShares(dense(2, 1, 3, 0, 0, 2, 2)).values)).toEqual([0.25, 0.75, 0, 0, 0.5, 0.5]);
});

test("columns get zero mean and unit variance", () => {
  const { values } = zScored(dense(2, 1, 10, 3, 30, 5, 20));
  for (const column of [0, 1]) {
    const own = Array.from(values).filter((_, i) => i % 2 === column);
    expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
    expect(own.reduce((a, b) => a + b * b, 0) / 3).toBeCloseTo(1, 6);
  }
});

test("the nearest row's label, the first of equally near ones", () => {
  const source = dense(2, 0, 0, 4, 0, 0, 4);
  expect(Array.from(nearestNeighbour(source, [7, 8, 9], dense(2, 1, 0, 3, 1, 1, 4, 2, 2)))).toEqual([7, 8, 9, 7]);
});

test("what does not fit is refused", () => {
  expect(() => nearestNeighbour(dense(2, 0, 0), [1], dense(1, 0))).toThrow("expected rows of equal width, got 2 and 1");
  expect(() => nearestNeighbour(dense(2, 0, 0), [], dense(2, 0, 0))).toThrow("expected a label for each");
});
