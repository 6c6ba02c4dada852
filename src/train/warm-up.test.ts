/** Methods of two phases, by ADDA: what each moves, what is copied between, and the same bits wherever it is stopped. */
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { tinyJob } from "../../test/support/tiny-job.ts";
import { labelPredictor } from "../dann/label-predictor.ts";
import { makeNetwork } from "../dann/networks/registry.ts";
import { activation } from "../nn/activations.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import { linear } from "../nn/linear.ts";
import type { Backend } from "../runtime/backend.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import type { TrainEvent } from "./events.ts";
import { fit as startFit, trained } from "./fit.ts";
import type { Apart } from "./inference.ts";
import { createPredictor, type Predictor } from "./predictor.ts";
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

test("rows of the source are read by the network of the first phase, rows of the target by the one that parted", async () => {
  const named = makeNetwork(
    "mlp",
    { classes: 2, inputShape: [2], rows: { source: 60, target: 50 } },
    { hidden: [8], batchNorm: "perDomain" },
  );
  // G_y has statistics, too: those of the source must not follow the target's network.
  const hidden = [linear(6, { name: "fc1" }), batchNorm({ regime: "perDomain" }), activation("relu")];
  const network = { ...named, labelPredictor: labelPredictor(2, { hidden }) };
  const { source, target, ...job } = tinyJob({ method: { name: "adda" }, network, config: { steps: 12 } });
  const predictorOf = (apart: Apart) =>
    createPredictor({ ...{ network, apart, backend }, preprocess: job.preprocess, classes: 2, threads: 1 });
  const [parted, one] = [predictorOf("networks"), predictorOf("statistics")];
  const sourceBy = async (predictor: Predictor, state: State) => [
    ...(await predictor.predict(state, source, "source")).logits,
  ];
  const read = new Map<number, Record<"source" | "target", number[]>>();
  const training = startFit(
    { ...job, source, target },
    {
      backend,
      onEpoch: async (snapshot) => {
        const [ofSource, ofTarget] = [
          await snapshot.predict(source, "source"),
          await snapshot.predict(target, "target"),
        ];
        read.set(snapshot.step, { source: [...ofSource.logits], target: [...ofTarget.logits] });
        const alike = (await sourceBy(one, snapshot.state())).join() === [...ofSource.logits].join();
        expect(alike, `one network at step ${snapshot.step}`).toBe(snapshot.step < 6);
        return { validators: {}, scores: {} };
      },
    },
  );
  const { state, apart } = await trained(training);
  // Epochs end in the first phase (step 4), in the second (8) and with it (12).
  expect([...read.keys()]).toEqual([4, 8, 12]);
  const logits = (step: number, domain: "source" | "target") => read.get(step)?.[domain];
  expect(logits(4, "source")).not.toEqual(logits(8, "source"));
  expect(logits(12, "source")).toEqual(logits(8, "source"));
  expect(logits(12, "target")).not.toEqual(logits(8, "target"));
  expect(apart).toBe("networks");
  expect(await sourceBy(parted, state)).toEqual(logits(12, "source"));
  for (const predictor of [parted, one]) await predictor.dispose();
});
