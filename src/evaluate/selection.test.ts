import { expect, test } from "vitest";
import {
  accuracyTolerance,
  type EpochScores,
  isBetter,
  regressionRule,
  type SelectionRule,
  selectionRule,
  selectNames,
} from "./selection.ts";
import { validators } from "./validators/registry.ts";

const rule: SelectionRule = { kind: "auto", sourceOnlyAccuracy: 0.95, rows: 2000 };
const epoch = (number: number, source: number, information: number): EpochScores => ({
  epoch: number,
  step: number * 10,
  validators: { "source-accuracy": source, "information-maximisation": information },
});
const chosen = (epochs: readonly EpochScores[], by: SelectionRule = rule): number | undefined =>
  epochs.reduce<EpochScores | undefined>((best, next) => (isBetter(next, best, by) ? next : best), undefined)?.epoch;

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
test("where classes are weighed, the accuracy at the target's shares is what is kept", () => {
  const weighed = (number: number, source: number, kept: number, information: number): EpochScores => ({
    ...epoch(number, source, information),
    scores: { sourceAtTargetShares: kept },
  });
  expect(chosen([epoch(1, 0.95, 0.5), epoch(2, 0.8, 0.9)])).toBe(1);
  expect(chosen([weighed(1, 0.95, 0.95, 0.5), weighed(2, 0.8, 0.95, 0.9)])).toBe(2);
  expect(chosen([weighed(1, 0.95, 0.95, 0.5), weighed(2, 0.95, 0.8, 0.9)])).toBe(1);
});
test("few rows widen what counts as the same accuracy", () => {
  expect(accuracyTolerance(0.9, 1_000_000)).toBe(0.02);
  expect(accuracyTolerance(0.9, 100)).toBeCloseTo(0.0627, 4);
});
test("one error among thirty rows is not clearly below none", () => {
  expect(accuracyTolerance(1, 30)).toBeGreaterThan(1 / 30);
});

test("last takes the last epoch, whatever its scores", () => {
  expect(chosen([epoch(1, 0.95, 0.9), epoch(2, 0.3, 0.1)], selectionRule("last", rule))).toBe(2);
});
test("a validator chooses by its own direction, without a floor on the source; what it says nothing of is behind", () => {
  const scored = (number: number, validators: Record<string, number>): EpochScores => ({
    epoch: number,
    step: number,
    validators: { "source-accuracy": 0.1, ...validators },
  });
  const epochs = [scored(1, { snd: 3, entropy: 0.2 }), scored(2, { snd: 4, entropy: 0.3 }), scored(3, {})];
  expect(chosen(epochs, selectionRule("snd", rule))).toBe(2);
  expect(chosen(epochs, selectionRule("entropy", rule))).toBe(1);
  expect(chosen(epochs, selectionRule("mixval", rule))).toBe(3);
});
test.each(validators.filter(({ use }) => use === "selection"))("$name has an effect", ({ name, higherIsBetter }) => {
  const epochs = [1, 3, 2].map((value, i) => ({ epoch: i, step: i, validators: { [name]: value } }));
  expect(selectNames).toContain(name);
  expect(chosen(epochs, selectionRule(name, rule))).toBe(higherIsBetter ? 1 : 0);
});
test("an alarm cannot choose", () => {
  expect(selectNames).not.toContain("rankme");
  expect(selectNames.slice(0, 2)).toEqual(["auto", "last"]);
});
test("of a regression a risk has an effect, and auto is the last epoch", () => {
  const epochs = [3, 1, 2].map((risk, i) => ({ epoch: i, step: i, validators: { "source-risk": risk } }));
  expect(chosen(epochs, regressionRule("source-risk"))).toBe(1);
  expect(chosen(epochs, regressionRule("auto"))).toBe(2);
});
