/** When a method's renewals are due, and what new copies are. */
import { expect, test } from "vitest";
import { tinyJob } from "../../test/support/tiny-job.ts";
import { makeMethod } from "../methods/make.ts";
import type { Predictor } from "./predictor.ts";
import { copyParts, renewalsOf } from "./renewal.ts";

const steps = (name: string, option: object): number[] => {
  // 50 rows of the target, 12 a batch: passes end at the steps 5, 9, 13, 17, 21.
  const [renewal] = renewalsOf(tinyJob(), makeMethod({ name, ...option }));
  const due = Array.from({ length: 22 }, (_, done) => done).filter((done) => renewal?.due(done));
  // No run of several steps may pass one by.
  const nexts = due.slice(0, -1).map((done) => renewal?.next(done));
  expect(nexts).toEqual(due.slice(1));
  return due;
};

test.each([
  ["shot", { pseudoEvery: 1 }, [0, 5, 9, 13, 17, 21]],
  ["shot", { pseudoEvery: 2 }, [0, 9, 17]],
  ["dirt-t", { teacherEvery: 2 }, [0, 9, 17]],
  ["dirt-t", { teacherEvery: 3 }, [0, 13]],
])("%s %j is renewed before the first step and after so many passes", (name, option, expected) => {
  expect(steps(name, option)).toEqual(expected);
});

test.each([
  [{}, 50, [5, 9, 13, 17, 21]],
  [{ classWeightsEvery: 2 }, 50, [9, 17]],
  // The source takes longer now: 60 rows, 16 a batch.
  [{}, 40, [4, 8, 12, 15, 19]],
])(
  "class weights %j are estimated after passes over the larger domain, never before the first step",
  (option, rows, expected) => {
    const job = tinyJob();
    const method = makeMethod({ name: "dann", classWeights: "partial", ...option });
    const [renewal] = renewalsOf({ ...job, target: { ...job.target, rows } }, method);
    expect(Array.from({ length: 22 }, (_, done) => done).filter((done) => renewal?.due(done))).toEqual(expected);
    expect(renewal?.next(expected[0] ?? 0)).toBe(expected[1]);
  },
);

test.each([
  // Predictions of the target: three quarters of the first class. Source rows are said right.
  ["shuffled", [1.5, 0.5]],
  // As many of each class in a batch, though the rows have more of the second: the same weights bring the same shares.
  ["balanced", [1.5, 0.5]],
] as const)(
  "class weights of %s batches are the target's shares over those of a batch",
  async (sourceSampling, expected) => {
    const job = tinyJob({ config: { sourceSampling } });
    const labels = sourceSampling === "balanced" ? job.labels.map((_, row) => (row % 4 === 0 ? 0 : 1)) : job.labels;
    const method = makeMethod({ name: "dann", classWeights: "label-shift", classWeightsDecay: 0.5 });
    const [renewal] = renewalsOf({ ...job, labels, target: { ...job.target, rows: 40 } }, method);
    const said = (classes: ArrayLike<number>): Float32Array =>
      Float32Array.from(Array.from(classes).flatMap((c) => (c === 0 ? [50, 0] : [0, 50])));
    const predictor: Predictor = {
      predict: async (_, __, domain) => ({
        logits: said(domain === "source" ? labels : Array.from({ length: 40 }, (___, row) => (row < 30 ? 0 : 1))),
        features: new Float32Array(0),
        featureWidth: 0,
      }),
      dispose: async () => {},
    };
    const kept = { dims: [2], data: new Float32Array([1, 1]) };
    const state = new Map([["classWeights", kept]]);
    const event = await renewal?.renew(state, predictor);
    // Half of the way from 1.
    expect([...kept.data].map((weight) => Number(weight.toFixed(6)))).toEqual(
      expected.map((weight) => (1 + weight) / 2),
    );
    expect(event).toEqual({ type: "class-weights", weights: [...kept.data] });
  },
);

test("copies become what they are copies of, and nothing else changes", () => {
  const tensor = (...values: number[]): { dims: number[]; data: Float32Array } => ({
    dims: [values.length],
    data: Float32Array.from(values),
  });
  const state = new Map([
    ["featureExtractor/fc1/weight", tensor(1, 2)],
    ["copy/featureExtractor/fc1/weight", tensor(0, 0)],
    ["optimizer/momentum/featureExtractor/fc1/weight", tensor(3, 4)],
  ]);
  copyParts(state);
  expect([...state.values()].map(({ data }) => [...data])).toEqual([
    [1, 2],
    [1, 2],
    [3, 4],
  ]);
});

test("labels are written to the state that the steps are fed from", async () => {
  const [renewal] = renewalsOf(tinyJob(), makeMethod({ name: "shot" }));
  const kept = { dims: [50], data: new Float32Array(50) };
  const logits = Float32Array.from({ length: 100 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 2 : 0));
  const predictor: Predictor = {
    predict: async () => ({ logits, features: logits, featureWidth: 2 }),
    dispose: async () => {},
  };
  await renewal?.renew(new Map([["pseudoLabels", kept]]), predictor);
  expect([...kept.data]).toEqual(Array.from({ length: 50 }, (_, row) => row % 2));
});
