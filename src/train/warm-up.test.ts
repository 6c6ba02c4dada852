/** Methods of two phases, by ADDA: what each moves, what is copied between, and the same bits wherever it is stopped. */
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob } from "../../test/support/tiny-job.ts";
import type { Backend } from "../runtime/backend.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import { fit as startFit, trained } from "./fit.ts";
import type { State } from "./state.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("cpu");
});

// The first phase ends at the 6th of 12 steps.
const job = tinyJob({ method: { name: "adda" }, config: { steps: 12, logEvery: 4, checkpointEvery: 3 } });
const bits = (state: State): unknown => [...state].map(([name, { data }]) => [name, [...data]]);
const changed = (a: State, b: State, part: string): boolean[] =>
  [...a].flatMap(([name, { data }]) =>
    name.startsWith(part) && /\/(weight|bias)$/.test(name) ? [data.some((v, i) => v !== b.get(name)?.data[i])] : [],
  );

test("each phase moves its parts, and the second starts from a copy of the first", async () => {
  const saved = new Map<number, Checkpoint>();
  const events: TrainEvent[] = [];
  const stream = startFit(job, { backend, onCheckpoint: async (point) => void saved.set(point.step, point) });
  for await (const event of stream) events.push(event);
  const [three, six, nine, twelve] = [3, 6, 9, 12].map((step) => saved.get(step)?.state ?? new Map());
  if (three === undefined || six === undefined || nine === undefined || twelve === undefined) throw new Error("states");
  expect(new Set(changed(three, six, "labelPredictor/"))).toEqual(new Set([true]));
  expect(new Set(changed(three, six, "domainClassifier/"))).toEqual(new Set([false]));
  expect(new Set(changed(nine, twelve, "labelPredictor/"))).toEqual(new Set([false]));
  expect(new Set(changed(nine, twelve, "domainClassifier/"))).toEqual(new Set([true]));
  expect(changed(six, twelve, "featureExtractor/")).toContain(true);
  const copies = [...twelve].filter(([name]) => name.startsWith("copy/featureExtractor/") && /weight$/.test(name));
  expect(copies.length).toBeGreaterThan(0);
  for (const [name, { data }] of copies) expect(data, name).toEqual(six.get(name.slice(5))?.data);
  // No report has steps of both.
  const terms = events.flatMap((event) => (event.type === "step" ? [[event.step, "passing" in event.terms]] : []));
  expect(terms).toEqual([
    [4, false],
    [6, false],
    [8, true],
    [12, true],
  ]);

  for (const step of [3, 6, 9]) {
    const resume = decodeCheckpoint(encodeCheckpoint(saved.get(step) as Checkpoint), "checkpoint");
    expect(bits((await trained(startFit(job, { backend, resume }))).state), `from step ${step}`).toEqual(bits(twelve));
  }
});

test("the second phase's optimiser counts its own steps", async () => {
  const rate = 1e-3;
  const adam = { optimizer: { name: "adam", beta1: 0, beta2: 0.9 }, rate: { name: "constant", value: rate } } as const;
  const saved = new Map<number, State>();
  const all = tinyJob({ method: { name: "adda" }, config: { steps: 40, checkpointEvery: 1, ...adam } });
  await trained(startFit(all, { backend, onCheckpoint: async ({ step, state }) => void saved.set(step, state) }));
  const longest = (from: number): number => {
    const [before, after] = [saved.get(from), saved.get(from + 1)];
    const { data = new Float32Array() } = before?.get("featureExtractor/fc1/weight") ?? {};
    const next = after?.get("featureExtractor/fc1/weight")?.data;
    return data.reduce((most, value, i) => Math.max(most, Math.abs((next?.[i] ?? Number.NaN) - value)), 0);
  };
  // Adam's first step has the rate's length, whatever the gradient; a second moment of one step with the correction of
  // twenty makes almost thrice that of it.
  expect(longest(0)).toBeLessThan(1.001 * rate);
  expect(longest(20)).toBeLessThan(1.001 * rate);
});
