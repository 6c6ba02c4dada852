/** Calibration against numpy and torch, on made-up rows. `make_calibration.py` is the maker. */
import { describe, expect, test } from "vitest";
import { expectedCalibrationError } from "../../src/evaluate/calibration/ece.ts";
import { fitTemperature, scaled } from "../../src/evaluate/calibration/temperature.ts";
import { importanceWeights } from "../../src/evaluate/calibration/weights.ts";
import type { Scores } from "../../src/evaluate/probabilities.ts";
import { readGolden, uniform } from "./golden.ts";

interface Case {
  name: string;
  rows: number;
  classes: number;
  sure: number;
  wrongEvery: number;
  steep: number;
  expected: Record<
    | "source"
    | "weighted"
    | "effectiveRows"
    | "clipped"
    | "eceBefore"
    | "eceAfter"
    | "weightedEceBefore"
    | "weightedEceAfter",
    number
  >;
}
const { cases } = readGolden<{ cases: Case[] }>("calibration.json");

function rowsOf({ name, rows, classes, sure, wrongEvery, steep }: Case) {
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const values = Float64Array.from(uniform(`${name} logits`, rows * classes), Math.fround);
  const place = uniform(`${name} place`, rows);
  labels.forEach((label, row) => {
    const at = row * classes + (row % wrongEvery === 2 ? (label + 1) % classes : label);
    values[at] = (values[at] ?? 0) + sure * (1.5 + (place[row] ?? 0));
  });
  const logits: Scores = { rows, classes, values };
  return { labels, logits, ratios: place.map((value) => Math.exp(steep * value)) };
}

describe.each(cases)("$name", (each) => {
  const { labels, logits, ratios } = rowsOf(each);
  const { expected } = each;
  const weights = importanceWeights(ratios);

  test("importance weights", () => {
    expect(weights.effectiveRows).toBeCloseTo(expected.effectiveRows, 8);
    expect(weights.clipped).toBe(expected.clipped);
  });

  test("temperatures", () => {
    expect(fitTemperature(logits, labels)).toBeCloseTo(expected.source, 6);
    expect(fitTemperature(logits, labels, weights.values)).toBeCloseTo(expected.weighted, 6);
  });

  test("expected calibration error", () => {
    const after = scaled(logits, expected.weighted);
    expect(expectedCalibrationError(logits, labels)).toBeCloseTo(expected.eceBefore, 10);
    expect(expectedCalibrationError(after, labels)).toBeCloseTo(expected.eceAfter, 10);
    expect(expectedCalibrationError(logits, labels, weights.values)).toBeCloseTo(expected.weightedEceBefore, 10);
    expect(expectedCalibrationError(after, labels, weights.values)).toBeCloseTo(expected.weightedEceAfter, 10);
  });
});
