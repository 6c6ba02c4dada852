/** Shares of classes found again, and what weights do where little can be known. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classWeighting, labelShiftWeights, partialWeights } from "./class-weights.ts";
import type { BothSeen } from "./method.ts";
import { targetShares } from "./target-shares.ts";

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const scaled = (values: readonly number[]): number[] => values.map((value) => value / total(values));
const shares = (classes: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 20 }), { minLength: classes, maxLength: classes }).map(scaled);

describe("shares in the target", () => {
  test("are found again behind any classifier that tells the classes apart", async () => {
    const problem = fc.integer({ min: 2, max: 6 }).chain((classes) =>
      fc.record({
        wrong: fc.array(shares(classes), { minLength: classes, maxLength: classes }),
        truth: shares(classes),
        from: shares(classes),
      }),
    );
    await fc.assert(
      fc.asyncProperty(problem, async ({ wrong, truth, from }) => {
        // Right on 60 of 100 rows at least.
        const ofClass = wrong.map((said, j) => said.map((share, i) => 0.4 * share + (i === j ? 0.6 : 0)));
        const ofTarget = truth.map((_, i) => total(truth.map((share, j) => share * (ofClass[j]?.[i] ?? 0))));
        targetShares({ ofClass, ofTarget }, from).forEach((share, j) => {
          expect(share).toBeCloseTo(truth[j] ?? Number.NaN, 6);
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("stay those of the source where the classifier says the same of all classes", () => {
    const said = [0.3, 0.7];
    expect(targetShares({ ofClass: [said, said], ofTarget: [0.9, 0.1] }, [0.2, 0.8])).toEqual([0.2, 0.8]);
  });

  test("are never negative: a target beyond what the classifier can say has none of a class", () => {
    const found = targetShares(
      {
        ofClass: [
          [0.8, 0.2],
          [0.2, 0.8],
        ],
        ofTarget: [0.95, 0.05],
      },
      [0.5, 0.5],
    );
    expect(found).toEqual([1, 0]);
  });
});

/** Rows that are said to be of a class for certain. */
const logits = (classes: number, said: readonly number[]): Float32Array =>
  Float32Array.from(said.flatMap((c) => Array.from({ length: classes }, (_, j) => (j === c ? 60 : 0))));

const seen: BothSeen = {
  classes: 3,
  // The third class has no row.
  source: { logits: logits(3, [0, 0, 1, 1]), labels: Int32Array.of(0, 0, 1, 1), drawn: [0.5, 0.5, 0] },
  target: { logits: logits(3, [0, 0, 0, 0, 1]) },
};

describe("weights", () => {
  test("of label shift are shares over the source's; a class without rows is left out", () => {
    expect(labelShiftWeights(seen).map((weight) => Number(weight.toFixed(9)))).toEqual([1.6, 0.4, 1]);
  });

  test("of partial adaptation are mean predictions, 1 in the mean over source rows", () => {
    expect(partialWeights(seen).map((weight) => Number(weight.toFixed(9)))).toEqual([1.6, 0.4, 0]);
  });

  test("move by 1 - decay, and are not estimated unless asked for", () => {
    const before = Float32Array.of(1, 1, 1);
    // The class that no row of the source has: what tells the two options apart.
    const third = (kind: "label-shift" | "partial"): number | undefined =>
      classWeighting({ classWeights: kind, classWeightsDecay: 0 })?.weigh(seen, before)[2];
    expect([third("label-shift"), third("partial")?.toFixed(9)]).toEqual([1, "0.000000000"]);
    const quick = classWeighting({ classWeights: "partial", classWeightsDecay: 0 });
    const slow = classWeighting({ classWeights: "partial", classWeightsDecay: 0.75 });
    expect(quick?.weigh(seen, before)[0]).toBeCloseTo(1.6, 9);
    expect(slow?.weigh(seen, before)[0]).toBeCloseTo(1.15, 9);
    expect(classWeighting({ classWeights: "none" })).toBeUndefined();
  });
});
