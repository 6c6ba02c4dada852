import { expect, test } from "vitest";
import { pairedDifference, spreadOf, studentQuantile } from "./statistics.ts";

test("Student's quantiles are those of printed tables (two-sided 95 %)", () => {
  const printed: Record<number, number> = {
    1: 12.7062,
    2: 4.3027,
    3: 3.1824,
    4: 2.7764,
    5: 2.5706,
    9: 2.2622,
    10: 2.2281,
    29: 2.0452,
    30: 2.0423,
    120: 1.9799,
  };
  for (const [freedom, t] of Object.entries(printed))
    expect(studentQuantile(0.95, Number(freedom)), freedom).toBeCloseTo(t, 4);
  expect(studentQuantile(0.99, 4)).toBeCloseTo(4.6041, 4);
  expect(studentQuantile(0.9, 7)).toBeCloseTo(1.8946, 4);
  // Towards the normal distribution.
  expect(studentQuantile(0.95, 100_001)).toBeCloseTo(1.95999, 4);
});

test("by hand: 2, 4, 9", () => {
  // mean 5, squares 9 + 1 + 16 = 26, variance 13, error sqrt(13 / 3).
  expect(spreadOf([2, 4, 9])).toEqual({ mean: 5, sd: Math.sqrt(13), se: Math.sqrt(13) / Math.sqrt(3), n: 3 });
  const { mean, low, high, n } = pairedDifference([2, 4, 9]);
  expect([mean, n]).toEqual([5, 3]);
  expect(low).toBeCloseTo(5 - 4.302653 * Math.sqrt(13 / 3), 5);
  expect(high).toBeCloseTo(5 + 4.302653 * Math.sqrt(13 / 3), 5);
});

test("one value has no spread, and one pair no interval", () => {
  expect(spreadOf([0.5])).toEqual({ mean: 0.5, sd: null, se: null, n: 1 });
  expect(pairedDifference([0.1])).toEqual({ mean: 0.1, low: null, high: null, n: 1 });
});
