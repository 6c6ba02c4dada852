/** Each finding provoked on purpose, and not raised on what is sound. */
import { describe, expect, test } from "vitest";
import { random } from "../../random.ts";
import { domainDistance } from "../domain-distance.ts";
import type { Matrix } from "../logistic.ts";
import { featureFindings, type PredictionEvidence, predictionFindings, varianceShare } from "./collapse.ts";
import { type DiscriminatorEvidence, discriminatorFindings } from "./discriminator.ts";
import { distanceFindings } from "./distance.ts";
import type { Finding } from "./finding.ts";
import { health } from "./health.ts";
import {
  bentAway,
  type LabelShift,
  type LabelShiftEvidence,
  labelShift,
  labelShiftFindings,
  type ShiftEstimates,
  sameClasses,
} from "./label-shift.ts";
import { chanceAccuracy, probeDomains } from "./probe.ts";

const codes = (findings: readonly Finding[]): string[] => findings.map(({ code }) => code);
const probe = (accuracy: number, rows = 1000) => ({ accuracy, rows });

describe("the probe", () => {
  /** Rows on a circle, so that nothing but their distance from its centre tells the domains apart. */
  const circle = (rows: number, radius: number, seed: number): Matrix => {
    const r = random(seed);
    const values = Float64Array.from({ length: 2 * rows }, () => r.normal());
    for (let row = 0; row < rows; row++) {
      const length = Math.hypot(values[2 * row] ?? 0, values[2 * row + 1] ?? 0);
      for (const j of [0, 1]) values[2 * row + j] = (radius * (values[2 * row + j] ?? 0)) / length + 0.1 * r.normal();
    }
    return { rows, width: 2, values };
  };
  const options = { seed: 0, sample: 400 };

  test("sees what no line separates", () => {
    expect(probeDomains(circle(400, 1, 1), circle(400, 2, 2), options).accuracy).toBeGreaterThan(0.98);
  });
  test("rows of one distribution stay below what chance passes, on 19 of 20 seeds", () => {
    const raised = Array.from({ length: 20 }, (_, seed) => {
      const { accuracy, rows } = probeDomains(circle(400, 1, 10 + seed), circle(400, 1, 40 + seed), {
        ...options,
        seed,
      });
      return accuracy > chanceAccuracy(rows);
    });
    expect(raised.filter(Boolean).length).toBeLessThanOrEqual(1);
  });
});

describe("the domain classifier", () => {
  const found = (live: number, fresh: number, sourceOnly: number, rows = 1000, best = live): string[] =>
    codes(
      discriminatorFindings(
        { live, best, fresh: probe(fresh, rows), sourceOnly: probe(sourceOnly, rows) },
        { otherLayer: [] },
      ),
    );

  test("at chance while a fresh one tells the domains apart: never learned", () => {
    expect(found(0.5, 0.98, 0.97)).toEqual(["discriminator-never-learned"]);
    expect(found(0.12, 0.98, 0.97)).toEqual(["discriminator-never-learned"]);
  });
  test("the same, but it once could: the features have outrun it", () => {
    expect(found(0.5, 0.98, 0.97, 1000, 0.9)).toEqual(["discriminator-outrun"]);
    expect(found(0.5, 0.52, 0.97, 1000, 0.9)).toEqual(["aligned"]);
  });
  test("at chance, and a fresh one too: aligned", () => {
    expect(found(0.51, 0.53, 0.97)).toEqual(["aligned"]);
    // What it knows by heart of the rows that it trained on is no distance; what it is sure of is one, either way.
    expect(found(0.63, 0.53, 0.97)).toEqual(["aligned"]);
    expect(found(0.8, 0.53, 0.97)).toEqual([]);
    expect(found(0.2, 0.53, 0.97)).toEqual([]);
    // The same loss of ln 2 says neither: only the fresh one tells them apart.
    expect(found(0.5, 0.98, 0.97)).not.toEqual(found(0.5, 0.52, 0.97));
  });
  test("always right: dominates", () => {
    expect(found(1, 0.99, 0.97)).toEqual(["discriminator-dominates"]);
  });
  test("a contest that goes on is no fault, nor are domains that were never apart", () => {
    expect(found(0.7, 0.8, 0.97)).toEqual([]);
    expect(found(0.55, 0.8, 0.97)).toEqual([]);
    expect(found(0.5, 0.52, 0.51)).toEqual([]);
    expect(found(0.5, 0.98, 0.51)).toEqual([]);
    expect(found(0.5, 0.98, 0.65)).toEqual([]);
  });
  test("few rows widen what chance can do", () => {
    expect(chanceAccuracy(100)).toBeCloseTo(0.625, 12);
    expect(chanceAccuracy(10_000)).toBe(0.55);
    expect(found(0.6, 0.6, 0.97, 100)).toEqual(["aligned"]);
  });
});

describe("collapse", () => {
  const spread = (rank: number | null, variance = 0.5) => ({ rank, variance });
  const features = (adapted: ReturnType<typeof spread>, classes = 10): string[] =>
    codes(featureFindings({ adapted, sourceOnly: spread(9), classes }, { otherLayer: [] }));

  test("features that are one row, zero, or on a line", () => {
    expect(features(spread(1, 0))).toEqual(["feature-collapse"]);
    expect(features(spread(null, 0))).toEqual(["feature-collapse"]);
    expect(features(spread(1.02))).toEqual(["feature-collapse"]);
    expect(features(spread(3))).toEqual(["feature-collapse"]);
  });
  test("two classes need no more than a few directions; as many as before are enough", () => {
    expect(features(spread(1.8), 2)).toEqual([]);
    expect(features(spread(7))).toEqual([]);
    expect(features(spread(4.6), 3)).toEqual([]);
  });
  test("the share of the variance", () => {
    expect(varianceShare([3, 3, 3, 3], 2)).toBe(0);
    expect(varianceShare([1, -1], 1)).toBe(1);
    expect(varianceShare([0, 0], 1)).toBe(0);
    expect(varianceShare([1, 3], 1)).toBeCloseTo(0.2, 12);
  });

  const even = [0.25, 0.25, 0.25, 0.25];
  const predicted = (adapted: readonly number[], sourceOnly: readonly number[] = even): string[] =>
    codes(predictionFindings({ adapted, sourceOnly, labels: even }, "none"));
  test.each([
    ["none", /^check whether .*; if not: --set method.classWeights=partial$/],
    [undefined, /; if not: --method dann --set method.classWeights=partial$/],
    ["partial", undefined],
  ] as const)("the remedy of lost classes with class weights %s", (weights, remedy) => {
    const [found] = predictionFindings({ adapted: [1, 0, 0, 0], sourceOnly: even, labels: even }, weights);
    const told = found?.remedies.filter((text) => text.includes("classWeights")) ?? [];
    expect(told).toEqual(remedy === undefined ? [] : [expect.stringMatching(remedy)]);
  });

  test("predictions that use fewer classes", () => {
    expect(predicted([0.98, 0.02, 0, 0])).toEqual(["prediction-collapse"]);
    expect(predicted([0.6, 0.4, 0, 0])).toEqual(["prediction-collapse"]);
  });
  test("a target that is uneven for both models is no collapse", () => {
    expect(predicted([0.3, 0.2, 0.3, 0.2])).toEqual([]);
    expect(predicted([0.7, 0.1, 0.1, 0.1], [0.68, 0.12, 0.1, 0.1])).toEqual([]);
  });
});

describe("label shift", () => {
  /** A model that is right on a share of the rows, on a target with these shares of the classes. */
  function evidence(shares: readonly number[], right: number, seed: number): LabelShiftEvidence {
    const r = random(seed);
    const classes = shares.map((_, c) => `class ${c}`);
    const predict = (label: number): number =>
      r.uniform() < right ? label : (label + 1 + r.integer(classes.length - 1)) % classes.length;
    const drawn = (): number => {
      let left = r.uniform();
      for (let c = 0; c < shares.length; c++) {
        left -= shares[c] ?? 0;
        if (left < 0) return c;
      }
      return shares.length - 1;
    };
    const sourceLabels = Array.from({ length: 300 }, (_, row) => row % classes.length);
    return {
      classes,
      sourceLabels,
      sourcePredictions: sourceLabels.map(predict),
      targetPredictions: Array.from({ length: 600 }, () => predict(drawn())),
    };
  }
  const estimates = (some: Partial<ShiftEstimates>): ShiftEstimates => ({
    ...{ adapted: null, sourceOnly: null, trust: 0.95, within: 0, predicted: [], classWeights: "none" },
    ...some,
  });
  const found = (shares: readonly number[], right: number, seed: number, trust = 0.95): string[] => {
    const sourceOnly = labelShift(evidence(shares, right, seed));
    return codes(labelShiftFindings(["a", "b", "c"], estimates({ sourceOnly, trust })));
  };

  test("the estimate is that of the confusion matrix, worked out by hand", () => {
    // C = [[.4, .1], [.1, .4]], predicted shares (.62, .38): w = (1.4, .6), so q = (.7, .3).
    const rows = (...counts: readonly (readonly [number, number])[]): number[] =>
      counts.flatMap(([value, count]) => Array<number>(count).fill(value));
    const shift = labelShift({
      classes: ["a", "b"],
      sourceLabels: rows([0, 50], [1, 50]),
      sourcePredictions: rows([0, 40], [1, 10], [0, 10], [1, 40]),
      targetPredictions: rows([0, 62], [1, 38]),
    });
    expect(shift?.target[0]).toBeCloseTo(0.7, 10);
    expect(shift?.distance).toBeCloseTo(0.2, 10);
    expect(shift?.low).toBeLessThan(0.2);
    expect(shift?.high).toBeGreaterThan(0.2);
  });
  test("raised on 19 of 20 seeds where shares are others, on 1 of 20 at most where they are not", () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const third = [1 / 3, 1 / 3, 1 / 3];
    expect(seeds.filter((seed) => found([0.7, 0.2, 0.1], 0.85, seed).length === 1).length).toBeGreaterThanOrEqual(19);
    expect(seeds.filter((seed) => found(third, 0.85, 100 + seed).length === 1).length).toBeLessThanOrEqual(1);
  });
  test("other shares of the classes are no distance within them", () => {
    const cloud = (shares: readonly number[], moved: number, seed: number) => {
      const chance = random(seed);
      const classes = shares.flatMap((share, c) => Array.from({ length: 200 * share }, () => c));
      const values = classes.flatMap((c) => [4 * c + chance.normal(), moved + chance.normal()]);
      return { matrix: { rows: classes.length, width: 2, values }, classes };
    };
    const between = (a: ReturnType<typeof cloud>, b: ReturnType<typeof cloud>): number => {
      const { source, target } = sameClasses(
        { source: a.matrix, target: b.matrix },
        { source: a.classes, target: b.classes },
      );
      return domainDistance(source, target);
    };
    const [even, uneven] = [cloud([0.5, 0.5], 0, 1), cloud([0.9, 0.1], 0, 2)];
    expect(domainDistance(even.matrix, uneven.matrix)).toBeGreaterThan(0.5);
    expect(between(even, uneven)).toBeLessThan(0.4);
    expect(between(even, cloud([0.9, 0.1], 3, 3))).toBeGreaterThan(1.2);
  });
  test("nor is the order in which the rows lie", () => {
    const chance = random(4);
    const drawn = (rows: number): number[] => Array.from({ length: rows }, () => chance.normal());
    const matrixOf = (values: readonly number[]): Matrix => ({ rows: values.length, width: 1, values });
    // A source that is sorted, and has more rows of the class.
    const source = matrixOf(drawn(400).sort((a, b) => a - b));
    const target = matrixOf(drawn(100));
    const same = sameClasses({ source, target }, { source: Array(400).fill(0), target: Array(100).fill(0) });
    expect([same.source.rows, same.target.rows]).toEqual([100, 100]);
    expect(domainDistance(same.source, same.target)).toBeLessThan(0.4);
  });
  test("a model that cannot be trusted on the target needs the other to say the same", () => {
    const shifted = labelShift(evidence([0.7, 0.2, 0.1], 0.9, 1));
    const other = labelShift(evidence([0.1, 0.2, 0.7], 0.9, 1));
    const both = (adapted: typeof shifted, trust: number, within = 0): number =>
      labelShiftFindings(["a", "b", "c"], estimates({ adapted, sourceOnly: shifted, trust, within })).length;
    expect(both(null, 0.95)).toBe(1);
    expect(both(null, 0.5)).toBe(0);
    // Nor where the classes themselves have moved.
    expect(both(null, 0.95, 1.5)).toBe(0);
    expect(both(shifted, 0.95, 1.5)).toBe(1);
    expect(both(shifted, 0.5)).toBe(1);
    expect(both(other, 0.5)).toBe(0);
  });
  test("predictions with other shares than the target's are wrong by the difference, where the estimate is believed", () => {
    const shifted: LabelShift = { source: [0.5, 0.5], target: [0.8, 0.2], distance: 0.3, low: 0.2, high: 0.4 };
    const bent = (some: Partial<ShiftEstimates>): number | undefined =>
      bentAway(estimates({ sourceOnly: shifted, predicted: [0.5, 0.5], ...some }));
    expect(bent({})).toBeCloseTo(0.3, 12);
    expect(bent({ predicted: [0.8, 0.2] })).toBe(0);
    expect(bent({ trust: 0.5 })).toBeUndefined();
    expect(bent({ within: 1 })).toBeUndefined();
    expect(bent({ sourceOnly: { ...shifted, low: 0.05 } })).toBeUndefined();
    expect(bent({ sourceOnly: null })).toBeUndefined();
  });
  test("class weights are a remedy where there are none", () => {
    const sourceOnly = labelShift(evidence([0.7, 0.2, 0.1], 0.9, 1));
    const remedies = (classWeights: "none" | "partial" | undefined): string =>
      labelShiftFindings(["a", "b", "c"], estimates({ sourceOnly, classWeights }))
        .flatMap((finding) => finding.remedies)
        .join();
    expect(remedies("none")).toContain("--set method.classWeights=label-shift");
    expect(remedies(undefined)).toContain("--method dann --set method.classWeights=label-shift");
    expect(remedies("partial")).not.toContain("classWeights");
  });
  test("nothing is said where it cannot be worked out", () => {
    const useless = evidence([0.7, 0.2, 0.1], 0.9, 1);
    expect(labelShift({ ...useless, sourceLabels: [], sourcePredictions: [] })).toBeNull();
    const rows = useless.sourceLabels.length;
    expect(labelShift({ ...useless, sourcePredictions: new Int32Array(rows) })).toBeNull();
    expect(labelShiftFindings(["a"], estimates({}))).toEqual([]);
  });
});

const words = { look: "look", score: "score", scaling: "scale", otherLayer: [] };

describe("distance", () => {
  const found = (before: number, sourceOnly: number, after: number, seen: number, information = 0.9): string[] =>
    codes(distanceFindings({ before, sourceOnly, after, probe: probe(seen), information }, words));
  test("near: nothing tells them apart, in rows or features", () => {
    expect(found(0.1, 0.05, 0.1, 0.52)).toEqual(["domains-near"]);
    // A turned domain, which no line separates.
    expect(found(0.1, 0.05, 0.1, 0.8)).toEqual([]);
  });
  test("far: as apart as before, and undecided", () => {
    expect(found(2, 2, 1.98, 1, 0.3)).toEqual(["domains-far"]);
    expect(found(2, 2, 1.98, 1, 0.9)).toEqual([]);
    expect(found(2, 2, 1.2, 1, 0.3)).toEqual([]);
  });
});

test("all together: faults come first, each with its numbers and, for a fault, something to try", () => {
  const labels = { adapted: null, sourceOnly: null, predicted: [1, 0], trust: 1, within: 0 };
  const discriminator: DiscriminatorEvidence = { live: 0.5, best: 0.5, fresh: probe(0.5), sourceOnly: probe(0.9) };
  const predictions: PredictionEvidence = { adapted: [1, 0], sourceOnly: [0.5, 0.5], labels: [0.5, 0.5] };
  const spread = { rank: 4, variance: 0.5 };
  const none: Matrix = { rows: 0, width: 1, values: [] };
  const nobody = { features: none, logits: { rows: 0, classes: 2, values: [] } };
  const findings = health({
    distance: { before: 1, sourceOnly: 1, after: 0, probe: probe(0.9), information: 0.5 },
    discriminator,
    features: { adapted: spread, sourceOnly: spread, classes: 2 },
    predictions,
    labels: { ...labels, classes: ["a", "b"], classWeights: "none" },
    openClasses: { known: { features: none, labels: [] }, heldOut: nobody, target: nobody, distance: 0 },
    growth: { terms: { domainLoss: { smallest: 1.3, largest: 200, step: 50 } }, classes: 2 },
    weaker: "--set method.confusionWeight=0.1",
    words,
  });
  expect(codes(findings)).toEqual(["prediction-collapse", "exploding-terms", "aligned"]);
  expect(findings[0]?.remedies).toContain("align less: --set method.confusionWeight=0.1");
  for (const { level, text, numbers, remedies } of findings) {
    expect(text).toMatch(/\d/);
    expect(Object.values(numbers).every(Number.isFinite)).toBe(true);
    expect(remedies.length > 0).toBe(level === "warning");
  }
});
