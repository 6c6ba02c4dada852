/** What a temperature is found from, and when it is not; `test/golden/calibration.test.ts` holds the numbers. */
import { expect, test } from "vitest";
import { random } from "../../random.ts";
import { predictions } from "../probabilities.ts";
import { type Calibration, calibrate } from "./calibrate.ts";
import { expectedCalibrationError, reliabilityBins } from "./ece.ts";
import { fitTemperature, scaled, temperatureRange } from "./temperature.ts";
import { importanceWeights } from "./weights.ts";

/** Two classes on a line, P(1 | x) = sigmoid(2 x); the network is right about it times `sharpness(x)`. */
function line(rows: number, centre: number, sharpness: (x: number) => number, seed: number) {
  const chance = random(seed).split("line");
  const xs = Float64Array.from({ length: rows }, () => centre + chance.normal());
  const labels = Int32Array.from(xs, (x) => (chance.uniform() < 1 / (1 + Math.exp(-2 * x)) ? 1 : 0));
  const values = Float64Array.from({ length: 2 * rows }, (_, i) => {
    const x = xs[i >> 1] ?? 0;
    return i % 2 === 0 ? 0 : 2 * x * sharpness(x);
  });
  return { logits: { rows, classes: 2, values }, labels, features: { rows, width: 1, values: xs } };
}

const calibrated = (rows: number, sharpness: (x: number) => number, to: number, seed: number): Calibration => {
  const source = line(rows, 0, sharpness, seed);
  return calibrate({
    logits: source.logits,
    labels: source.labels,
    sourceFeatures: source.features,
    targetFeatures: line(1000, to, sharpness, seed + 100).features,
  });
};

test.each([0, 1, 2])("a network that is three times too sure gets T = 3 (seed %i)", (seed) => {
  const { temperature, source, basis } = calibrated(1000, () => 3, 0, seed);
  expect(basis).toBe("weighted");
  expect(temperature).toBeGreaterThan(2.4);
  expect(temperature).toBeLessThan(3.8);
  expect(source.ece.after).toBeLessThan(0.6 * source.ece.before);
});

test.each([0, 1, 2])("the weights find that it is too sure where the target lies (seed %i)", (seed) => {
  const sharpness = (x: number): number => (x > 0 ? 4 : 0.5);
  const { temperature, source, estimatedTargetEce } = calibrated(3000, sharpness, 1.2, seed);
  const target = line(5000, 1.2, sharpness, seed + 200);
  const ece = (t: number): number => expectedCalibrationError(scaled(target.logits, t), target.labels);
  const oracle = fitTemperature(target.logits, target.labels);
  expect(Math.abs(Math.log(temperature / oracle))).toBeLessThan(Math.abs(Math.log((source.temperature ?? 1) / oracle)));
  expect(ece(temperature)).toBeLessThan(ece(1));
  expect(estimatedTargetEce?.before).toBeCloseTo(ece(1), 1);
});

test("domains that do not overlap fall back to the source's temperature, and say so", () => {
  const found = calibrated(300, () => 3, 9, 0);
  expect(found.basis).toBe("source");
  expect(found.temperature).toBe(found.source.temperature);
  // The weights alone would pass: they are all nearly 0, and so nearly equal.
  expect(found.weighted.effectiveRows).toBeGreaterThan(30);
  expect(found.weighted.overlap).toBeLessThan(0.1);
  expect(found.estimatedTargetEce).toBeNull();
  expect(found.why).toMatch(/lie where the source has few rows/);
});

test("weights that a few rows carry fall back as well", () => {
  const found = calibrated(60, () => 3, 1.5, 0);
  expect(found.basis).toBe("source");
  expect(found.why).toMatch(/60 held-out source rows are worth [\d.]+, expected at least 30/);
});

test("too few rows, or no wrong ones, leave the network's own probabilities", () => {
  expect(calibrated(29, () => 3, 0, 0)).toMatchObject({ basis: "none", temperature: 1, source: { temperature: null } });
  expect(calibrated(0, () => 3, 0, 0)).toMatchObject({ basis: "none", temperature: 1, estimatedTargetEce: null });
  const { logits, features } = line(100, 0, () => 3, 0);
  const labels = predictions(logits);
  const right = calibrate({ logits, labels, sourceFeatures: features, targetFeatures: features });
  expect(right).toMatchObject({ basis: "none", temperature: 1 });
  expect(right.why).toBe("0 of 100 held-out source rows are classified wrong, expected at least 5");
});

test("a network is not made surer: a temperature below 1 is found, and not taken", () => {
  const found = calibrated(1000, () => 0.4, 0, 0);
  expect(found).toMatchObject({ basis: "none", temperature: 1 });
  expect(found.weighted.temperature).toBeCloseTo(0.4, 1);
  expect(found.source.ece.after).toBe(found.source.ece.before);
  expect(found.why).toMatch(/fits is 0\.\d+, and a network is not made surer/);
});

test("a temperature stays in its range, and logits that are all equal have none", () => {
  const logits = { rows: 2, classes: 2, values: [1, 0, 0, 1] };
  expect(fitTemperature(logits, [0, 1])).toBe(temperatureRange.lowest);
  expect(fitTemperature(logits, [1, 0])).toBe(temperatureRange.highest);
  expect(fitTemperature({ ...logits, values: [1, 1, 3, 3] }, [0, 1])).toBe(1);
});

test("huge logits give finite numbers", () => {
  const logits = { rows: 3, classes: 2, values: [1e4, -1e4, 2e4, 0, -1e4, 1e4] };
  const found = fitTemperature(logits, [0, 1, 1]);
  expect(found).toBe(temperatureRange.highest);
  expect(expectedCalibrationError(scaled(logits, found), [0, 1, 1])).toBeCloseTo(1 / 3, 6);
});

test("one row of huge weight is cut, and weights of nothing are worth no row", () => {
  const ratios = new Float64Array(100).fill(0.01);
  ratios[0] = 1e6;
  const { values, effectiveRows, clipped } = importanceWeights(ratios);
  expect(clipped).toBe(1);
  expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(100, 8);
  expect(effectiveRows).toBeLessThan(2);
  expect(importanceWeights([0, 0]).effectiveRows).toBe(0);
});

test("an unknown class is never right", () => {
  expect(expectedCalibrationError({ rows: 1, classes: 2, values: [50, 0] }, [-1])).toBeCloseTo(1, 8);
});

test("the bins behind an error: their gaps by their shares of the rows are the error", () => {
  const { logits, labels } = line(500, 0, () => 3, 4);
  const bins = reliabilityBins(logits, labels);
  expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(500);
  const error = bins.reduce(
    (sum, { rows, confidence, accuracy }) => sum + (rows / 500) * Math.abs(accuracy - confidence),
    0,
  );
  expect(error).toBeCloseTo(expectedCalibrationError(logits, labels), 10);
  expect(bins.map(({ confidence }) => confidence)).toEqual(
    bins.map(({ confidence }) => confidence).toSorted((a, b) => a - b),
  );
});
