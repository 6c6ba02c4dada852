import { expect, test } from "vitest";
import { type Contender, type Contest, judged } from "./judging.ts";

const contender = (accuracy: number, information = 0.8, atc = 0.9): Contender => ({
  ...{ distance: 1, training: accuracy },
  evaluated: {
    ...{ epoch: 1, step: 10, scores: {} },
    validators: { "source-accuracy": accuracy, "information-maximisation": information, diversity: 1, atc },
  },
});
const contest: Contest = {
  ...{ sourceOnly: contender(0.95), bothLabels: undefined, method: contender(0.7), shift: undefined },
  rows: { heldOut: 1000, training: 1000 },
  words: { look: "look", score: "score", scaling: "scale", otherLayer: [] },
};
const harmful = judged(contest);
const keepsSourceOnly = "use the source-only model, which is kept as the chosen one";
const method = { kind: "method", name: "dann" } as const;

test("the model without adaptation is said to be kept where it is", () => {
  expect(harmful).toMatchObject({ chosen: "source-only", verdict: { code: "negative-transfer" } });
  expect(harmful.verdict.remedies.at(-1)).toBe(keepsSourceOnly);
  const near = { ...contender(0.95), distance: 0.1 };
  const nothing = judged({ ...contest, sourceOnly: near, method: near });
  expect(nothing.verdict).toMatchObject({ code: "no-gain", remedies: ["look", keepsSourceOnly] });
  const helped = judged({ ...contest, sourceOnly: contender(0.95, 0.3, 0.6), method: contender(0.95, 0.9) });
  expect(helped).toMatchObject({ chosen: "method", verdict: { code: "helped", remedies: [] } });
});

test("where the risks choose, the verdict says whom, and of no other model that it is kept", () => {
  const other = judged({ ...contest, risksChose: method });
  expect(other.chosen).toBe("method");
  expect(other.verdict.text).toBe(`${harmful.verdict.text} Reverse validation chose dann.`);
  expect(other.verdict.remedies).toEqual(harmful.verdict.remedies.slice(0, -1));
  const same = judged({ ...contest, risksChose: { kind: "source-only", name: "source-only" } });
  expect(same).toMatchObject({ chosen: "source-only", verdict: { remedies: harmful.verdict.remedies } });
});

test("with labels of the target the model that has them is the one that is kept", () => {
  const kept = "source-and-labelled-target model";
  const own = judged({ ...contest, bothLabels: contender(0.95) });
  expect(own.chosen).toBe("labelled-target");
  expect(own.verdict.remedies.at(-1)).toBe(`use the ${kept}, which is kept as the chosen one`);
  const spoilt = judged({ ...contest, bothLabels: contender(0.5) });
  expect(spoilt.chosen).toBe("source-only");
  expect(spoilt.verdict.text).toContain(
    "Compared with source-only: source-and-labelled-target, which has the same labels",
  );
  const stopped = judged({ ...contest, bothLabels: contender(0.95), method: { reason: "it grew", remedy: undefined } });
  expect(stopped.verdict.text).toBe(`diverged: it grew; the ${kept} is kept.`);
});
