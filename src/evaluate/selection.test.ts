import { expect, test } from "vitest";
import { accuracyTolerance, type EpochScores, isBetter } from "./selection.ts";

const rule = { sourceOnlyAccuracy: 0.95, rows: 2000 };
const epoch = (number: number, source: number, information: number): EpochScores => ({
  epoch: number,
  step: number * 10,
  validators: { "source-accuracy": source, "information-maximisation": information },
});
const chosen = (epochs: readonly EpochScores[]): number | undefined =>
  epochs.reduce<EpochScores | undefined>((best, next) => (isBetter(next, best, rule) ? next : best), undefined)?.epoch;

test("the highest information among epochs that keep the source accuracy", () => {
  expect(chosen([epoch(1, 0.95, 0.5), epoch(2, 0.94, 0.8), epoch(3, 0.94, 0.7)])).toBe(2);
});
test("an epoch that is sure but has lost the source is passed over", () => {
  expect(chosen([epoch(1, 0.95, 0.5), epoch(2, 0.6, 0.99)])).toBe(1);
  expect(chosen([epoch(1, 0.6, 0.99), epoch(2, 0.95, 0.5)])).toBe(2);
});
test("where all have lost it, the one that keeps most", () => {
  expect(chosen([epoch(1, 0.6, 0.9), epoch(2, 0.7, 0.5), epoch(3, 0.5, 0.99)])).toBe(2);
});
test("a tie goes to the later epoch", () => {
  expect(chosen([epoch(1, 0.95, 0.5), epoch(2, 0.95, 0.5)])).toBe(2);
});
test("few rows widen what counts as the same accuracy", () => {
  expect(accuracyTolerance(0.9, 1_000_000)).toBe(0.02);
  expect(accuracyTolerance(0.9, 100)).toBeCloseTo(0.0627, 4);
});
test("one error among thirty rows is not clearly below none", () => {
  expect(accuracyTolerance(1, 30)).toBeGreaterThan(1 / 30);
});
