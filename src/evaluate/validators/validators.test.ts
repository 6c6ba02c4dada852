import { describe, expect, test } from "vitest";
import { scoreAll, validators } from "./registry.ts";
import type { Evidence } from "./validator.ts";

const scores = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  classes: rows[0]?.length ?? 0,
  values: rows.flat(),
});
const sure = [
  [1, 0],
  [0, 1],
  [1, 0],
  [0, 1],
];
const evidence = (
  source: readonly (readonly number[])[],
  labels: readonly number[],
  target: readonly (readonly number[])[],
): Evidence => ({
  source: { probabilities: scores(source), labels },
  target: { probabilities: scores(target) },
});

test("source accuracy", () => {
  expect(scoreAll(evidence(sure, [0, 1, 1, 1], sure))["source-accuracy"]).toBe(0.75);
});

test("information maximisation: decided and varied is 1, the same for all rows is 0, collapsed is 0", () => {
  const of = (target: readonly (readonly number[])[]): number =>
    scoreAll(evidence(sure, [0, 1, 0, 1], target))["information-maximisation"] ?? Number.NaN;
  expect(of(sure)).toBeCloseTo(1);
  expect(
    of([
      [0.5, 0.5],
      [0.5, 0.5],
    ]),
  ).toBeCloseTo(0);
  expect(
    of([
      [1, 0],
      [1, 0],
    ]),
  ).toBeCloseTo(0);
  // H(mean) = ln 2; mean H = H(.9, .1) = .3251 nats.
  expect(
    of([
      [0.9, 0.1],
      [0.1, 0.9],
    ]),
  ).toBeCloseTo((Math.log(2) - 0.325083) / Math.log(2), 5);
});

describe.each(validators)("contract: $name", (validator) => {
  const better = evidence(sure, [0, 1, 0, 1], sure);
  const worse = evidence(
    sure,
    [1, 0, 1, 0],
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  );
  test("higher is better, finite, and the same twice", () => {
    expect(validator.score(better)).toBeGreaterThan(validator.score(worse));
    expect(Number.isFinite(validator.score(worse))).toBe(true);
    expect(validator.score(better)).toBe(validator.score(better));
  });
  test("evidence has no place for target labels", () => {
    expect(Object.keys(better.target)).toEqual(["probabilities"]);
  });
});
