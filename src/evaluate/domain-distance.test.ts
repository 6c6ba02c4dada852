import { expect, test } from "vitest";
import { random } from "../random.ts";
import { domainDistance } from "./domain-distance.ts";
import type { Matrix } from "./logistic.ts";

function gaussian(rows: number, width: number, shift: number, seed: number): Matrix {
  const r = random(seed);
  return {
    rows,
    width,
    values: Float64Array.from({ length: rows * width }, (_, i) => r.normal() + (i % width === 0 ? shift : 0)),
  };
}

test("the same distribution is close to 0, a distant one close to 2", () => {
  expect(domainDistance(gaussian(800, 5, 0, 1), gaussian(800, 5, 0, 2))).toBeLessThan(0.25);
  expect(domainDistance(gaussian(800, 5, 0, 1), gaussian(800, 5, 8, 2))).toBeGreaterThan(1.95);
});

test("a known overlap gives the Bayes rate: means 2 apart, error Phi(-1) = 0.1587, PAD 1.365", () => {
  expect(domainDistance(gaussian(4000, 1, 0, 1), gaussian(4000, 1, 2, 2), { sample: 4000 })).toBeCloseTo(1.365, 1);
});

test("a large offset costs no digits: seconds since 1970 differ by fractions of a second", () => {
  const late = (shift: number, seed: number): Matrix => {
    const { rows, width, values } = gaussian(400, 2, shift, seed);
    return { rows, width, values: Float64Array.from(values, (value) => 1.7e9 + 0.01 * value) };
  };
  expect(domainDistance(late(0, 1), late(8, 2))).toBeGreaterThan(1.9);
  expect(domainDistance(late(0, 1), late(0, 2))).toBeLessThan(0.3);
});

test("seeded: equal seeds give equal numbers, unequal sizes are balanced", () => {
  const source = gaussian(300, 4, 0, 1);
  const target = gaussian(60, 4, 0, 2);
  expect(domainDistance(source, target, { seed: 3 })).toBe(domainDistance(source, target, { seed: 3 }));
  // A classifier that always says "source" would be right on 300 of 360 rows.
  expect(domainDistance(source, target)).toBeLessThan(0.7);
});

test("rows of unequal width are refused", () => {
  expect(() => domainDistance(gaussian(9, 2, 0, 1), gaussian(9, 3, 0, 1))).toThrow(
    "expected rows of equal width, got 2 and 3",
  );
});
