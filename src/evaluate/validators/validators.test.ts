import { describe, expect, test } from "vitest";
import { random } from "../../random.ts";
import type { MixedRows, ValidatorInput } from "../../train/validator.ts";
import { ensembleVote, runAgreement } from "./across-runs.ts";
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

/** Rows of three classes, as a model with weights `right` for the class of a row and `noise` sees them. */
function model(right: number, noise: number, shift = 0): ValidatorInput {
  const classes = 3;
  const chance = random(7);
  const domain = (rows: number, moved: number) => {
    const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
    const scores = Float32Array.from({ length: rows * classes }, (_, i) =>
      i % classes === labels[Math.floor(i / classes)] ? right + noise * chance.normal() : noise * chance.normal(),
    );
    const features = Float32Array.from({ length: rows * classes }, (_, i) =>
      i % classes === labels[Math.floor(i / classes)] ? 6 + chance.normal() + moved : chance.normal() + moved,
    );
    return { labels, scores, features };
  };
  const mixed = (pairs: number): MixedRows => {
    const { labels, scores } = domain(pairs, 0);
    return { logits: scores, heavier: labels };
  };
  const [source, target] = [domain(90, 0), domain(120, shift)];
  return {
    classes,
    sourceLogits: source.scores,
    sourceLabels: source.labels,
    targetLogits: target.scores,
    sourceFeatures: source.features,
    targetFeatures: target.features,
    featureWidth: classes,
    mixtures: { intra: mixed(60), inter: mixed(60) },
  };
}

describe.each(validators)("contract: $name", (validator) => {
  const score = (input: ValidatorInput): number => validator.score(input) ?? Number.NaN;
  const better = model(9, 1);
  // For an alarm a broken model: all features on a line. Each validator has models that it thinks worse.
  const flat = (input: ValidatorInput): ValidatorInput => ({
    ...input,
    targetFeatures: input.targetFeatures.map((_, i) => 1 + Math.floor(i / 3)),
  });
  const lopsided = model(0.8, 1);
  for (let row = 0; row < 120; row++) lopsided.targetLogits[3 * row] = (lopsided.targetLogits[3 * row] ?? 0) + 2;
  // To the neighbourhood density one big cluster is the best there is: it is shown rows that lie apart.
  const worse = validator.name === "snd" ? model(0, 2) : flat(lopsided);

  test("tells better from worse, and the same twice", () => {
    const difference = score(better) - score(worse);
    expect(validator.higherIsBetter ? difference : -difference).toBeGreaterThan(0);
    expect(score(better)).toBe(score(better));
    expect(validator.score({ ...better })).toBe(validator.score(better));
  });

  const small = model(3, 1);
  const degenerate: Readonly<Record<string, ValidatorInput>> = {
    "the same sure answer to every row": {
      ...small,
      targetLogits: small.targetLogits.map((_, i) => (i % 3 ? 0 : 500)),
    },
    "the same unsure answer": { ...small, targetLogits: small.targetLogits.map(() => 0) },
    "equal features": {
      ...small,
      sourceFeatures: small.sourceFeatures.map(() => 2),
      targetFeatures: small.targetFeatures.map(() => 2),
    },
    "features of zeros": {
      ...small,
      sourceFeatures: small.sourceFeatures.map(() => 0),
      targetFeatures: small.targetFeatures.map(() => 0),
    },
    "domains without overlap": model(3, 1, 1e4),
    "every source row wrong": { ...small, sourceLabels: small.sourceLabels.map((label) => (label + 1) % 3) },
    "one source class": { ...small, sourceLabels: small.sourceLabels.map(() => 0) },
    "one row of each domain": {
      ...small,
      sourceLabels: small.sourceLabels.slice(0, 1),
      sourceLogits: small.sourceLogits.slice(0, 3),
      sourceFeatures: small.sourceFeatures.slice(0, 3),
      targetLogits: small.targetLogits.slice(0, 3),
      targetFeatures: small.targetFeatures.slice(0, 3),
    },
    "no target rows": {
      ...small,
      targetLogits: new Float32Array(0),
      targetFeatures: new Float32Array(0),
    },
    "one class": { ...inputOf([[1], [1]], [0, 0], [[1], [1], [1]]), classes: 1 },
    "no pairs of two classes": {
      ...small,
      mixtures: small.mixtures && {
        ...small.mixtures,
        inter: { logits: new Float32Array(0), heavier: new Int32Array(0) },
      },
    },
    "rows that cannot be mixed": { ...small, mixtures: undefined },
  };
  test.each(Object.entries(degenerate))("%s: a number or null", (_, input) => {
    const found = validator.score(input);
    expect(found === null || Number.isFinite(found), String(found)).toBe(true);
  });

  test("what it is given has no field for target labels", () => {
    expect(Object.keys(better).filter((key) => key.startsWith("target"))).toEqual(["targetLogits", "targetFeatures"]);
  });
});

test("what cannot be said is left out, also where numbers are none", () => {
  const { mixtures: _, ...input } = model(3, 1);
  expect(scoreAll(input)).not.toHaveProperty("mixval");
  const broken = scoreAll({ ...input, targetFeatures: input.targetFeatures.map(() => Number.NaN) });
  expect(broken).not.toHaveProperty("rankme");
  expect(broken).toHaveProperty("entropy");
});

test("an estimate of the accuracy is near it where confidence means what it says", () => {
  const { atc = 0 } = scoreAll(model(1.5, 1));
  expect(atc).toBeGreaterThan(0.6);
  expect(atc).toBeLessThan(0.95);
});

describe("several runs", () => {
  test("agreement is the share of equal predictions, for the same rows", () => {
    expect(runAgreement([0, 1, 2, 2], [0, 1, 1, 2])).toBe(0.75);
    expect(() => runAgreement([0, 1], [0])).toThrow("expected predictions for the same rows, got 2 and 1");
  });
  test("the ensemble votes by mean probability, and each candidate is scored against it", () => {
    const candidate = (...values: number[]) => ({ rows: 2, classes: 2, values });
    const scores = ensembleVote([
      candidate(0.9, 0.1, 0.2, 0.8),
      candidate(0.6, 0.4, 0.6, 0.4),
      candidate(0.1, 0.9, 0.3, 0.7),
    ]);
    // Means (.53, .47) and (.37, .63): classes 0 and 1.
    expect(scores).toEqual([1, 0.5, 0.5]);
    expect(ensembleVote([])).toEqual([]);
    expect(() => ensembleVote([candidate(1, 0, 1, 0), { rows: 1, classes: 2, values: [1, 0] }])).toThrow(
      "expected 2 rows of 2 classes of each candidate, got 1 of 2",
    );
  });
});
