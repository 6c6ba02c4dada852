import { expect, test } from "vitest";
import {
  diverged,
  judge as judgeOf,
  type LabelFreeScores,
  nothingAdapted,
  type Verdict,
  type VerdictEvidence,
} from "./verdict.ts";

const words = {
  look: "look at it",
  score: "score a few labelled rows",
  scaling: "scale",
  otherLayer: ["reverse elsewhere"],
};
const judge = (evidence: Omit<VerdictEvidence, "words">): Verdict => judgeOf({ ...evidence, words });

const rows = { heldOut: 1000, training: 2000 };
const base: LabelFreeScores = {
  sourceAccuracy: 0.95,
  trainingAccuracy: 0.99,
  information: 0.6,
  diversity: 0.98,
  estimated: 0.8,
  distance: 1.5,
};
const code = (adapted: Partial<LabelFreeScores>, sourceOnly: Partial<LabelFreeScores> = {}): string =>
  judge({ sourceOnly: { ...base, ...sourceOnly }, adapted: { ...base, ...adapted }, rows }).code;

test("each code, from its own evidence", () => {
  expect(code({ information: 0.8, estimated: 0.9 })).toBe("helped");
  // Surer is not better: the source's confidence has risen as much. Nor where it cannot be known is it worse.
  expect(code({ information: 0.8 })).toBe("no-gain");
  expect(code({ information: 0.8, estimated: 0.7 })).toBe("negative-transfer");
  expect(code({ information: 0.8, estimated: undefined })).toBe("helped");
  // Near the limit of the information a clear rise of the estimate is enough, with a quarter of the room that is left.
  expect(code({ information: 0.86, estimated: 0.9 }, { information: 0.8 })).toBe("helped");
  expect(code({ information: 0.86, estimated: 0.83 }, { information: 0.8 })).toBe("no-gain");
  expect(code({ information: 0.84, estimated: 0.9 }, { information: 0.8 })).toBe("no-gain");
  expect(code({ information: 0.69, estimated: 0.9 })).toBe("no-gain");
  // Or, where the source counts by the target's shares, with a better accuracy on it.
  expect(code({ information: 0.69, estimated: 0.9, mutual: 0.6, sourceAccuracy: 0.96 })).toBe("helped");
  expect(code({ information: 0.69, estimated: 0.9, mutual: 0.6 })).toBe("no-gain");
  expect(code({ information: 0.69, estimated: 0.9, sourceAccuracy: 0.96 })).toBe("no-gain");
  // Nobody is better on the target than on the source: .9 of .7 is confidence, not accuracy.
  const weak = { sourceAccuracy: 0.7, trainingAccuracy: 0.99 };
  expect(code({ ...weak, information: 0.8, estimated: 0.9 }, { ...weak, estimated: 0.5 })).toBe("no-gain");
  expect(code({ ...weak, information: 0.8, estimated: 0.7 }, { ...weak, estimated: 0.5 })).toBe("helped");
  expect(code({})).toBe("no-gain");
  // Domains that come together prove nothing by themselves: classes may have been mixed.
  expect(code({ distance: 0.4, information: 0.65 })).toBe("no-gain");
  expect(code({ sourceAccuracy: 0.8, information: 0.9 })).toBe("negative-transfer");
  expect(code({ trainingAccuracy: 0.9, information: 0.9 })).toBe("negative-transfer");
  expect(code({ diversity: 0.6, information: 0.9 })).toBe("negative-transfer");
  expect(code({ information: 0.5, distance: 0.2 })).toBe("negative-transfer");
  // A dead network is certain of nothing and classifies nothing; one that is merely unsure still does the latter.
  expect(code({ trainingAccuracy: 0.11, sourceAccuracy: 0.11, information: 0.001 })).toBe("diverged");
  expect(code({ information: 0.001 })).toBe("negative-transfer");
  expect(diverged("the domain loss became NaN at step 12", undefined).code).toBe("diverged");
  expect(nothingAdapted.code).toBe("no-gain");
});

test("the text opens with the code, holds the numbers, and says that it is an estimate", () => {
  const { text, remedies } = judge({ sourceOnly: base, adapted: { ...base, sourceAccuracy: 0.8 }, rows });
  expect(text).toMatch(
    /^negative-transfer: .*95\.0 % -> 80\.0 %.*0\.60 -> 0\.60.*1\.50 -> 1\.50.*without target labels\.$/,
  );
  expect(remedies.length).toBeGreaterThan(0);
});

test("a method is told to align less by its own setting, and by none where it has none", () => {
  const harmed = { sourceOnly: base, adapted: { ...base, sourceAccuracy: 0.8 }, rows };
  const setting = "--set method.confusionWeight=0.1";
  expect(judge({ ...harmed, weaker: setting }).remedies[0]).toBe(`align less: ${setting}`);
  expect(judge(harmed).remedies.join()).not.toContain("align less");
});

test("help that the method itself makes visible is called weak evidence, with the way to make sure", () => {
  const adapted = { ...base, information: 0.8, estimated: 0.9 };
  const told = (sharpening?: string): Verdict => judge({ sourceOnly: base, adapted, rows, sharpening });
  expect(told("mcc minimises confusion")).toMatchObject({
    code: "helped",
    remedies: [expect.stringContaining("score")],
  });
  expect(told("mcc minimises confusion").text).toContain("; weak evidence, for mcc minimises confusion, which makes");
  expect(told().text).not.toContain("weak evidence");
  expect(told().remedies).toEqual([]);
  // Where nothing lay apart before, decided predictions are all there is to see.
  const close = { ...base, distance: 0.1 };
  const near = (sharpening?: string) =>
    judge({ sourceOnly: close, adapted: { ...adapted, distance: 0.1 }, rows, sharpening });
  expect(near("mcc minimises confusion")).toMatchObject({
    code: "no-gain",
    remedies: [expect.stringContaining("score")],
  });
  expect(near("mcc minimises confusion").text).toContain("because mcc minimises confusion");
  expect(near().code).toBe("helped");
});

test("a difference within the error of a small held-out set is no negative transfer", () => {
  const few = judge({
    sourceOnly: base,
    adapted: { ...base, sourceAccuracy: 0.87, information: 0.8, estimated: 0.9 },
    rows: { ...rows, heldOut: 20 },
  });
  expect(few.code).toBe("helped");
});

test("predictions drawn away from the shares of a trusted source-only are harm, however decided", () => {
  const shift = {
    ...{ adapted: null, trust: 0.95, within: 0, classWeights: "none" as const },
    sourceOnly: { source: [0.5, 0.5], target: [0.8, 0.2], distance: 0.3, low: 0.2, high: 0.4 },
  };
  const adapted = { ...base, information: 0.8, estimated: 0.9 };
  const said = (first: number): Verdict =>
    judge({ sourceOnly: base, adapted, rows, shift: { ...shift, predicted: [first, 1 - first] } });
  expect(said(0.5)).toMatchObject({ code: "negative-transfer" });
  // A target that source-only puts into one class, surely, has rather moved across its boundary.
  const sourceOnly = { source: [0.5, 0.5], target: [0.95, 0.05], distance: 0.45, low: 0.4, high: 0.5 };
  const onOneSide = { ...shift, sourceOnly, predicted: [0.5, 0.5] };
  expect(judge({ sourceOnly: base, adapted, rows, shift: onOneSide }).code).toBe("helped");
  expect(said(0.5).text).toContain("at least 30.0 % of them are wrong");
  expect(said(0.5).remedies[0]).toContain("method.classWeights=label-shift");
  expect(said(0.75).code).toBe("helped");
});

test("domains that hardly differ get another remedy", () => {
  const { text, remedies } = judge({
    sourceOnly: { ...base, distance: 0.1 },
    adapted: { ...base, distance: 0.1 },
    rows,
  });
  expect(text).toContain("hardly tells the domains apart");
  expect(remedies).toEqual(["look at it"]);
});
