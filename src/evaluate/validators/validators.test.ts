import { describe, expect, test } from "vitest";
import type { ValidatorInput } from "../../train/validator.ts";
import { scoreAll, validators } from "./registry.ts";

type Rows = readonly (readonly number[])[];
/** Logits whose softmax is the given probabilities; 0 becomes very unlikely. */
const logits = (rows: Rows): Float32Array => Float32Array.from(rows.flat(), (p) => Math.log(Math.max(p, 1e-12)));

const inputOf = (source: Rows, labels: readonly number[], target: Rows): ValidatorInput => ({
  classes: 2,
  sourceLogits: logits(source),
  sourceLabels: Int32Array.from(labels),
  targetLogits: logits(target),
  sourceFeatures: new Float32Array(source.length),
  targetFeatures: new Float32Array(target.length),
  featureWidth: 1,
});

const sure: Rows = [
  [1, 0],
  [0, 1],
  [1, 0],
  [0, 1],
];
const unsure: Rows = [
  [0.5, 0.5],
  [0.5, 0.5],
];

test("source accuracy", () => {
  expect(scoreAll(inputOf(sure, [0, 1, 1, 1], sure))["source-accuracy"]).toBe(0.75);
});

test("information maximisation: decided and varied is 1, the same for all rows is 0, collapsed is 0", () => {
  const of = (target: Rows): number => scoreAll(inputOf(sure, [0, 1, 0, 1], target))["information-maximisation"] ?? 9;
  expect(of(sure)).toBeCloseTo(1);
  expect(of(unsure)).toBeCloseTo(0);
  expect(
    of([
      [1, 0],
      [1, 0],
    ]),
  ).toBeCloseTo(0);
  // H(mean) = ln 2; mean H = H(.9, .1) = .325083 nats.
  expect(
    of([
      [0.9, 0.1],
      [0.1, 0.9],
    ]),
  ).toBeCloseTo((Math.log(2) - 0.325083) / Math.log(2), 5);
});

describe.each(validators)("contract: $name", (validator) => {
  const better = inputOf(sure, [0, 1, 0, 1], sure);
  const worse = inputOf(sure, [1, 0, 1, 0], unsure);

  test("tells better from worse, is finite, and the same twice", () => {
    const difference = validator.score(better) - validator.score(worse);
    expect(validator.higherIsBetter ? difference : -difference).toBeGreaterThan(0);
    expect(Number.isFinite(validator.score(worse))).toBe(true);
    expect(validator.score(better)).toBe(validator.score(better));
  });

  test("what it is given has no field for target labels", () => {
    expect(Object.keys(better).filter((key) => key.startsWith("target"))).toEqual(["targetLogits", "targetFeatures"]);
  });
});
