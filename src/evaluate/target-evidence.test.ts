import { expect, test } from "vitest";
import { scoresOf } from "./probabilities.ts";
import { decided, effectiveRows, estimateShares, weightedAccuracy } from "./target-evidence.ts";
import { atc, thresholded } from "./validators/atc.ts";
import { diversity } from "./validators/diversity.ts";
import { informationMaximisation } from "./validators/information-maximisation.ts";

/** Logits of rows that are taken for these classes. */
const said = (predicted: readonly number[], classes: number, height = 8): Float32Array =>
  Float32Array.from({ length: predicted.length * classes }, (_, i) =>
    predicted[Math.floor(i / classes)] === i % classes ? height : 0,
  );
const times = (counts: readonly number[]): number[] =>
  counts.flatMap((count, label) => new Array<number>(count).fill(label));

test("for even shares they are the validators", () => {
  const logits = Float32Array.from({ length: 30 }, (_, i) => 3 * Math.sin(1.7 * i));
  const input = { classes: 3, targetLogits: logits } as Parameters<typeof diversity.score>[0];
  const even = decided(scoresOf(logits, 3), [1 / 3, 1 / 3, 1 / 3]);
  expect(even.diversity).toBeCloseTo(diversity.score(input) ?? Number.NaN, 12);
  expect(even.information).toBeCloseTo(informationMaximisation.score(input) ?? Number.NaN, 12);
});

test("predictions as uneven as the target have lost nothing; even ones have", () => {
  const shares = [0.8, 0.1, 0.1];
  const uneven = decided(scoresOf(said(times([80, 10, 10]), 3), 3), shares);
  const even = decided(scoresOf(said(times([34, 33, 33]), 3), 3), shares);
  expect(uneven.diversity).toBeCloseTo(1, 3);
  expect(even.diversity).toBeLessThan(0.6);
  expect(uneven.information).toBeGreaterThan(even.information + 0.3);
});

test("a trade of rare classes for a frequent one is a gain by weights, a loss without", () => {
  const labels = Int32Array.from(times([30, 30, 30]));
  // Right on two thirds of each; and on all of the first class and half of the others.
  const before = scoresOf(
    said(
      [...labels].map((label, row) => (row % 3 === 0 ? (label + 1) % 3 : label)),
      3,
    ),
    3,
  );
  const after = scoresOf(
    said(
      [...labels].map((label, row) => (label > 0 && row % 2 === 0 ? 0 : label)),
      3,
    ),
    3,
  );
  const weights = [2.4, 0.3, 0.3];
  const [was, is] = [before, after].map((logits) => weightedAccuracy({ labels, logits }, weights));
  expect(was).toBeCloseTo(2 / 3, 6);
  expect(is).toBeCloseTo(0.8 + 0.2 / 2, 6);
  expect(weightedAccuracy({ labels, logits: after }, [1, 1, 1])).toBeCloseTo(2 / 3, 6);
  expect(effectiveRows(labels, [1, 1, 1])).toBeCloseTo(90, 9);
  expect(effectiveRows(labels, weights)).toBeCloseTo(8100 / (30 * (2.4 ** 2 + 2 * 0.3 ** 2)), 9);
});

test("shares are found through the errors of the classifier, and none is 0", () => {
  const labels = Int32Array.from(times([50, 50]));
  // A tenth of each class is taken for the other.
  const heldOut = scoresOf(
    said(
      [...labels].map((label, row) => (row % 10 === 0 ? 1 - label : label)),
      2,
      40,
    ),
    2,
  );
  const target = scoresOf(said(times([90 * 0.9 + 10 * 0.1, 90 * 0.1 + 10 * 0.9]), 2, 40), 2);
  const { shares, weights } = estimateShares({ labels, logits: heldOut }, target);
  expect(weights[0]).toBeCloseTo(1.8, 3);
  expect(shares[0]).toBeCloseTo((90 + 1) / 102, 3);
  const alone = estimateShares({ labels, logits: heldOut }, scoresOf(said(times([100, 0]), 2, 40), 2));
  expect(Math.min(...alone.shares)).toBeGreaterThan(0);
});

test("thresholded confidence: equal weights are the validator, a class of weight 0 is not there", () => {
  const logits = Float32Array.from({ length: 60 }, (_, i) => 2 * Math.sin(2.3 * i));
  const labels = Int32Array.from({ length: 30 }, (_, i) => i % 2);
  const targetLogits = Float32Array.from({ length: 40 }, (_, i) => 2 * Math.cos(1.1 * i));
  const source = { labels, logits: scoresOf(logits, 2) };
  const target = scoresOf(targetLogits, 2);
  const plain = atc.score({
    ...{ classes: 2, sourceLogits: logits, sourceLabels: labels, targetLogits },
  } as Parameters<typeof atc.score>[0]);
  for (const weight of [1, 0.3]) expect(thresholded(source, target, [weight, weight])).toBe(plain);
  const first = [...labels.keys()].filter((row) => labels[row] === 0);
  const alone = {
    labels: Int32Array.from(first, () => 0),
    logits: scoresOf(Float32Array.from(first.flatMap((row) => [...logits.subarray(2 * row, 2 * row + 2)])), 2),
  };
  expect(thresholded(source, target, [1, 0])).toBe(thresholded(alone, target));
});
