import { expect, test } from "vitest";
import type { DenseRows } from "../../data/dataset.ts";
import { domainDistance } from "../../evaluate/domain-distance.ts";
import { random } from "../../random.ts";
import type { Products } from "./products.ts";
import { linearProxyDistance } from "./proxy-distance.ts";

function gaussian(rows: number, width: number, shift: number, seed: number): DenseRows {
  const chance = random(seed);
  const values = Float32Array.from({ length: rows * width }, (_, i) => chance.normal() + (i % width === 0 ? shift : 0));
  return { kind: "dense", rows, width, values };
}

test("the same distribution is close to 0, a distant one close to 2", () => {
  expect(linearProxyDistance(gaussian(800, 5, 0, 1), gaussian(800, 5, 0, 2)).distance).toBeLessThan(0.25);
  expect(linearProxyDistance(gaussian(400, 5, 0, 1), gaussian(400, 5, 8, 2)).distance).toBeGreaterThan(1.95);
});

test("a known overlap gives the Bayes rate, and what domainDistance gives: means 2 apart, error Phi(-1), PAD 1.365", () => {
  const [a, b] = [gaussian(3000, 1, 0, 1), gaussian(3000, 1, 2, 2)];
  const { distance, error } = linearProxyDistance(a, b, { costs: [0.01, 0.1] });
  expect(distance).toBeCloseTo(1.365, 1);
  expect(error).toBeCloseTo(0.1587, 1);
  expect(Math.abs(distance - domainDistance(a, b, { sample: 3000 }))).toBeLessThan(0.1);
});

test("an error above a half is folded, and the C that gave the lowest is told", () => {
  // The halves contradict each other: what is learned on the first is wrong on the second.
  const flipped = (sign: number): DenseRows => ({
    kind: "dense",
    rows: 8,
    width: 1,
    values: Float32Array.of(sign, sign, sign, sign, -sign, -sign, -sign, -sign),
  });
  expect(linearProxyDistance(flipped(1), flipped(-1), { costs: [1, 10] })).toEqual({ distance: 2, error: 0, cost: 1 });
});

test("products of the rows give the same distance", () => {
  const [a, b] = [gaussian(31, 4, 0, 1), gaussian(24, 4, 1, 2)];
  const all = [a, b].flatMap(({ rows, values }) =>
    Array.from({ length: rows }, (_, i) => values.subarray(4 * i, 4 * i + 4)),
  );
  const products = Float32Array.from(
    all.flatMap((one) => all.map((other) => one.reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0))),
  );
  const options = { costs: [0.01, 0.1, 1] };
  // The engine is asked for nothing.
  const given = { values: products, engine: {} as Products };
  const plain = linearProxyDistance(a, b, options);
  expect(linearProxyDistance(a, b, { ...options, products: given })).toEqual(plain);
  expect(plain.distance).toBeGreaterThan(0);
});

test("rows of unequal width and too few rows are refused", () => {
  expect(() => linearProxyDistance(gaussian(9, 2, 0, 1), gaussian(9, 3, 0, 1))).toThrow(
    "expected rows of one kind and width",
  );
  expect(() => linearProxyDistance(gaussian(9, 2, 0, 1), gaussian(1, 2, 0, 1))).toThrow(
    "expected at least 2 rows of each domain, got 1",
  );
});
