import { expect, test } from "vitest";
import type { VerdictCode } from "../../adapt/verdict.ts";
import { orderOf, rankSettings, type SeedScores } from "./choice.ts";

const seed = (information: number, more: Partial<SeedScores> = {}): SeedScores => ({
  ...{ verdict: "helped", sourceOnly: 0.95, source: 0.94, information, rows: 1000, ...more },
});
const judged = (verdict: VerdictCode): SeedScores => seed(0.99, { verdict });

test("the highest mean information over seeds wins; equals keep their order", () => {
  const ranked = rankSettings([
    [seed(0.9), seed(0.1)],
    [seed(0.6), seed(0.6)],
    [seed(0.1), seed(0.9)],
  ]);
  expect(ranked.map(({ index }) => index)).toEqual([1, 0, 2]);
  expect(ranked.every(({ standing }) => standing === "eligible")).toBe(true);
});

test.each<VerdictCode>(["diverged", "negative-transfer"])("one seed that %s loses against any that did not", (code) => {
  expect(
    rankSettings([
      [seed(0.9), judged(code)],
      [seed(0.2), seed(0.2)],
    ]),
  ).toEqual([
    { index: 1, standing: "eligible" },
    { index: 0, standing: "harmed" },
  ]);
});

test("with risks of reverse validation the lowest wins, whatever the information; harm stays harm", () => {
  const reversed = (reverseRisk: number, information: number): SeedScores => seed(information, { reverseRisk });
  const settings = [
    [reversed(0.2, 0.9), reversed(0.4, 0.9)],
    [reversed(0.1, 0.2), reversed(0.3, 0.2)],
    [reversed(0.2, 0.5), reversed(0.2, 0.5)],
    [reversed(0, 0.9), { ...reversed(0, 0.9), verdict: "negative-transfer" as const }],
  ];
  expect(rankSettings(settings).map(({ index }) => index)).toEqual([2, 1, 0, 3]);
  expect(orderOf(settings)).toBe("reverse-risk");
  // Where one has none, none is ordered by it.
  expect(rankSettings([...settings.slice(0, 3), [seed(0.4)]]).map(({ index }) => index)).toEqual([0, 2, 3, 1]);
});

test("no-gain is no harm", () => {
  expect(rankSettings([[seed(0.5, { verdict: "no-gain" })], [seed(0.4)]])[0]).toEqual({
    index: 0,
    standing: "eligible",
  });
});

test("a surer model that classifies the source clearly worse than the sweep's best source-only is passed over", () => {
  // Its own source-only is as bad, so that its own floor would let it pass.
  const weak = seed(0.95, { sourceOnly: 0.8, source: 0.8 });
  expect(rankSettings([[weak], [seed(0.5)]])).toEqual([
    { index: 1, standing: "eligible" },
    { index: 0, standing: "below-floor" },
  ]);
  // Within the tolerance of .02 it is eligible again.
  expect(rankSettings([[seed(0.95, { source: 0.931 })], [seed(0.5)]])[0]?.index).toBe(0);
});

test("with few held-out rows the floor is lower: two standard errors", () => {
  const unsure = (source: number): SeedScores => seed(0.9, { source, rows: 50 });
  // .95 on 50 rows, Agresti and Coull: two standard errors are .0739.
  expect(rankSettings([[unsure(0.88)], [seed(0.5, { rows: 50 })]])[0]?.index).toBe(0);
  expect(rankSettings([[unsure(0.87)], [seed(0.5, { rows: 50 })]])[0]?.index).toBe(1);
});

test("below the floor the source decides; among harmed the number of harmed seeds; without results comes last", () => {
  const below = (source: number): SeedScores => seed(0.9, { source });
  const ranked = rankSettings([
    [undefined, seed(1)],
    [judged("diverged"), judged("diverged")],
    [judged("diverged"), seed(0.1)],
    [below(0.6), below(0.6)],
    [below(0.7), below(0.7)],
    [undefined, undefined],
  ]);
  expect(ranked).toEqual([
    { index: 4, standing: "below-floor" },
    { index: 3, standing: "below-floor" },
    { index: 2, standing: "harmed" },
    { index: 1, standing: "harmed" },
    { index: 0, standing: "failed" },
    { index: 5, standing: "failed" },
  ]);
});

test("nothing at all has no winner and does not fall over", () => {
  expect(rankSettings([[undefined], [undefined]]).map(({ standing }) => standing)).toEqual(["failed", "failed"]);
});
