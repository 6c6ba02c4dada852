import { expect, test } from "vitest";
import { metrics } from "./metrics.ts";

test("a worked example", () => {
  // Truth a a a b b c; said a a b b c c.
  const m = metrics([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2], ["a", "b", "c"]);
  expect(m.confusion).toEqual([
    [2, 1, 0],
    [0, 1, 1],
    [0, 0, 1],
  ]);
  expect(m.accuracy).toBeCloseTo(4 / 6);
  expect(m.balancedAccuracy).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3);
  expect(m.perClass.map((c) => c.precision)).toEqual([1, 0.5, 0.5]);
  expect(m.perClass.map((c) => c.support)).toEqual([3, 2, 1]);
  expect(m.macroF1).toBeCloseTo((0.8 + 0.5 + 2 / 3) / 3);
});

test("a class that neither occurs nor is predicted does not enter the means", () => {
  const m = metrics([0, 1], [0, 1], ["a", "b", "absent"]);
  expect([m.balancedAccuracy, m.macroF1]).toEqual([1, 1]);
  expect(m.perClass[2]).toEqual({ class: "absent", precision: 0, recall: 0, f1: 0, support: 0 });
});

test("a class that the model does not know is wrong, and in no cell", () => {
  const m = metrics([0, 1, -1, -1], [0, 1, 0, 0], ["a", "b"]);
  expect(m.accuracy).toBe(0.5);
  expect(m.confusion).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(m.perClass.map((c) => c.precision)).toEqual([1 / 3, 1]);
  expect(m.rows).toBe(4);
  // Recalls 1, 1 and 0; F1 of .5, 1 and 0.
  expect(m.balancedAccuracy).toBeCloseTo(2 / 3, 12);
  expect(m.macroF1).toBeCloseTo(0.5, 12);
});

test("lengths and classes that do not fit are refused", () => {
  expect(() => metrics([0], [0, 1], ["a", "b"])).toThrow("expected as many predictions as labels");
  expect(() => metrics([2], [0], ["a", "b"])).toThrow("expected classes from 0 to 1");
});
