import { expect, test } from "vitest";
import { pairedDifference, signFlipP, spreadOf, studentQuantile } from "./statistics.ts";

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

test("Darwin's maize: 1,726 of the 32,768 ways to sign its 15 differences (Fisher 1935, section 21)", () => {
  const differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  expect(signFlipP(differences)).toBe(1726 / 32_768);
  // By Student's t the interval just excludes 0, as Fisher has it.
  expect(pairedDifference(differences).low).toBeGreaterThan(0);
});

test("signs by hand", () => {
  // Of 1 + 2 + 3 all signs alike alone are as far: 2 of 8. Of 1 - 1 + 2 = 2 all but the two ways to 0: 6 of 8.
  expect(signFlipP([1, 2, 3])).toBe(0.25);
  expect(signFlipP([1, -1, 2])).toBe(0.75);
  // Sums that are equal but for rounding count as equal: .1 + .2 + .3 is not .3 + .2 + .1.
  expect(signFlipP([0.1, 0.2, 0.3])).toBe(0.25);
  expect(signFlipP([0.3, 0.1, 0.2].map((value) => value / 3))).toBe(0.25);
  expect(signFlipP([0, 0])).toBe(1);
  expect(signFlipP([0.4])).toBe(1);
  expect([signFlipP([]), signFlipP(Array.from({ length: 21 }, () => 1))]).toEqual([null, null]);
});
