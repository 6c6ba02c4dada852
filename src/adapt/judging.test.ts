import { expect, test } from "vitest";
import { besideRisks } from "./reverse.ts";
import { judge, type LabelFreeScores } from "./verdict.ts";

const scores = (sourceAccuracy: number): LabelFreeScores => ({
  ...{ sourceAccuracy, trainingAccuracy: sourceAccuracy, information: 0.8, diversity: 1, estimated: 0.9, distance: 1 },
});

test("where the risks choose, the verdict says whom, and of no other model that it is kept", () => {
  const rows = { heldOut: 1000, training: 1000 };
  const verdict = judge({ sourceOnly: scores(0.95), adapted: scores(0.7), rows });
  expect(verdict.code).toBe("negative-transfer");
  expect(verdict.remedies.join()).toContain("source-only model, which is kept as the chosen one");
  const other = besideRisks(verdict, "dann");
  expect(other.text).toBe(`${verdict.text} Reverse validation chose dann.`);
  expect(other.remedies.join()).not.toContain("kept");
  expect(other.remedies).toHaveLength(verdict.remedies.length - 1);
  expect(besideRisks(verdict, "source-only").remedies).toEqual(verdict.remedies);
});
