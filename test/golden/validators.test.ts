/** Every validator against numpy, on made-up rows and on degenerate ones. `make_validators.py` is the maker. */
import { describe, expect, test } from "vitest";
import { predictions } from "../../src/evaluate/probabilities.ts";
import { validators } from "../../src/evaluate/validators/registry.ts";
import type { MixedRows, ValidatorInput } from "../../src/train/validator.ts";
import { readGolden, uniform } from "./golden.ts";

interface Case {
  name: string;
  classes: number;
  rows: [number, number];
  width: number;
  spread: number;
  shift: number;
  sure: number;
  change: string;
  expected: Record<string, number | null>;
}
const { cases } = readGolden<{ cases: Case[] }>("validators.json");

const draw = (name: string, count: number, bound: number): Float32Array =>
  Float32Array.from(uniform(name, count), (u) => bound * u);

/** Rows of one domain as the maker has them. */
function rowsOf({ name, classes: c, width, spread, sure }: Case, domain: string, rows: number, shift: number) {
  const labels = Int32Array.from({ length: rows }, (_, row) => row % c);
  const logits = draw(`${name} ${domain} logits`, rows * c, 1);
  const centres = draw(`${name} centres`, c * width, spread);
  const features = draw(`${name} ${domain} features`, rows * width, 1);
  labels.forEach((label, row) => {
    const at = row * c + (row % 7 === 3 ? (label + 1) % c : label);
    logits[at] = (logits[at] ?? 0) + sure;
    for (let j = 0; j < width; j++)
      features[row * width + j] = (centres[label * width + j] ?? 0) + (features[row * width + j] ?? 0) + shift;
  });
  return { labels, logits, features };
}

function mixed(name: string, pairs: number, classes: number, sure: number): MixedRows {
  const logits = draw(`${name} mixtures`, pairs * classes, 1);
  const heavier = Int32Array.from({ length: pairs }, (_, pair) => pair % classes);
  heavier.forEach((label, pair) => {
    const at = pair * classes + label;
    logits[at] = (logits[at] ?? 0) + sure;
  });
  return { logits, heavier };
}

function inputOf(each: Case): ValidatorInput {
  const { name, classes, width: featureWidth, change, rows } = each;
  const source = rowsOf(each, "source", rows[0], 0);
  const target = rowsOf(each, "target", rows[1], each.shift);
  if (change === "collapsed predictions")
    target.logits.set(Array.from(target.logits, (_, i) => (i % classes === 0 ? 9 : -3)));
  if (change === "equal features" || change === "no features")
    for (const { features } of [source, target]) features.fill(change === "no features" ? 0 : 1.5);
  if (change === "one source class") {
    source.labels.fill(0);
    source.logits.set(Array.from(source.logits, (_, i) => (i % classes === 0 ? 4 : 0)));
  }
  if (change === "all wrong")
    source.labels.set(
      predictions({ rows: rows[0], classes, values: source.logits }).map((label) => (label + 1) % classes),
    );
  return {
    classes,
    sourceLogits: source.logits,
    sourceLabels: source.labels,
    targetLogits: target.logits,
    sourceFeatures: source.features,
    targetFeatures: target.features,
    featureWidth,
    ...(change === "none" && {
      mixtures: {
        intra: mixed(`${name} intra`, 30, classes, 0.9),
        inter: mixed(`${name} inter`, 24, classes, 0.3),
      },
    }),
  };
}

describe.each(cases)("$name, $change", (each) => {
  const input = inputOf(each);
  test.each(validators)("$name", (validator) => {
    const expected = each.expected[validator.name] ?? null;
    const found = validator.score(input);
    if (expected === null) {
      expect(found).toBeNull();
      return;
    }
    // The logistic regression stops early; the rest is arithmetic. Singular values below 1e-8 are lost to the Gram matrix.
    const tolerance = { iwcv: 5e-3, dev: 5e-3, devn: 5e-3, rankme: 1e-5 }[validator.name] ?? 1e-9;
    expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)));
  });
});
