import { describe, expect, it } from "vitest";
import { judgeRegression, type NumberEvidence } from "./regression-verdict.ts";

const before: NumberEvidence = { heldOut: 2, training: 1.8, spread: 1, distance: 1.5 };
const judge = (adapted: Partial<NumberEvidence>, sourceOnly: Partial<NumberEvidence> = {}) =>
  judgeRegression({
    sourceOnly: { ...before, ...sourceOnly },
    adapted: { ...before, ...adapted },
    deviation: 20,
    words: { look: "look", score: "score", scaling: "scale", otherLayer: [] },
  });

describe("the verdict on a regression", () => {
  it.each<[string, Partial<NumberEvidence>, string]>([
    ["domains that have come together", { distance: 0.4 }, "aligned"],
    ["domains as far apart as before", { distance: 1.4 }, "no-gain"],
    ["domains further apart", { distance: 1.9 }, "no-gain"],
    ["a source that is forgotten", { distance: 0.1, heldOut: 9, training: 9 }, "negative-transfer"],
    ["training rows that are forgotten", { distance: 0.1, training: 5 }, "negative-transfer"],
    ["a small error that has doubled", { distance: 0.4, heldOut: 3.9, training: 3.6 }, "aligned"],
    ["one number for every row of the target", { distance: 0.4, spread: 0.01 }, "negative-transfer"],
    ["one number for every row anywhere", { distance: 0, spread: 0, heldOut: 20, training: 20 }, "diverged"],
  ])("%s", (_, adapted, code) => {
    const verdict = judge(adapted);
    expect(verdict.code).toBe(code);
    expect(verdict.text.startsWith(`${code}: `)).toBe(true);
    expect(verdict.text).toContain("The error on the target is not estimated");
    expect(verdict.remedies.length).toBeGreaterThan(0);
  });

  it("knows a target of one number from a collapse", () =>
    expect(judge({ distance: 0.4, spread: 0.02 }, { spread: 0.03 }).code).toBe("aligned"));

  it("gives its numbers in the label's unit", () =>
    expect(judge({ distance: 0.4, spread: 0.5 }).text).toContain(
      "error on the source (RMSE) 2 -> 2 on held-out rows, 1.8 -> 1.8 on training rows, whose labels deviate by 20, predictions on the target deviate by 20 -> 10, distance of the domains in the features 1.50 -> 0.40 (of 2)",
    ));
});
