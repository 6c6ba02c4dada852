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
