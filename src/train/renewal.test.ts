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
