/** The main job as a library call. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AdaptEvent,
  type AdaptOptions,
  activation,
  adapt,
  domainClassifier,
  featureExtractor,
  labelPredictor,
  linear,
  moons,
  readTable,
} from "dann";
import { afterAll, describe, expect, test } from "vitest";
import { clinics } from "./support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-adapt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = moons({ rows: 60, seed: 100 });
const quick: AdaptOptions = {
  ...data,
  train: { steps: 40, batch: { source: 16, target: 16 }, seed: 100 },
  evaluate: { targetTrained: false, adabn: false },
};

test("events from the start, the result, and labels for new rows", async () => {
  const run = await adapt({ ...quick, thread: "same" });
  const events: AdaptEvent[] = [];
  for await (const event of run.events()) events.push(event);
  const result = await run.done;
  expect(events[0]).toMatchObject({
    type: "plan",
    trainings: [
      { name: "source-only", steps: 40 },
      { name: "dann", steps: 40 },
    ],
  });
  expect(events.at(-1)).toEqual({ type: "result", result });
  expect(result.run).toBeNull();
  const { training = -1, evaluation = -1, rest = -1 } = result.spent ?? {};
  expect(training).toBeGreaterThan(0);
  expect(evaluation).toBeGreaterThan(0);
  expect(rest).toBeGreaterThanOrEqual(0);
  expect(training + evaluation + rest).toBeCloseTo(result.seconds, 9);
  // A second reader gets everything, too.
  const again: AdaptEvent[] = [];
  for await (const event of run.events()) again.push(event);
  expect(again).toEqual(events);
  const { labels, probabilities } = await run.predict(data.target);
  expect(labels).toHaveLength(60);
  expect(probabilities[0]).toBeGreaterThanOrEqual(0);
  const accuracy = labels.filter((label, row) => label === data.target.labels?.[row]).length / 60;
  expect(accuracy).toBe(result.models[result.chosen]?.metrics.target?.accuracy);
});

test("models that can be chosen are calibrated, and labels of the target have no say in it", async () => {
  // Moons that overlap, and a network that learns its few rows by heart: it is too sure.
  const { source, target } = moons({ rows: 160, noise: 0.6, rotation: 10, seed: 102 });
  const { labels: _, ...unlabelled } = target;
  const options: AdaptOptions = {
    ...quick,
    source,
    thread: "same",
    train: { ...quick.train, steps: 600 },
    evaluate: { targetTrained: true, adabn: false, holdout: 0.5, evaluations: 2 },
  };
  const run = await adapt({ ...options, target });
  const scored = await run.done;
  const blind = await (await adapt({ ...options, target: unlabelled })).done;
  for (const { selectable, calibration } of scored.models) expect(calibration !== undefined).toBe(selectable);
  const found = scored.models.flatMap(({ calibration }) => calibration ?? []);
  expect(found.map((one) => ({ ...one, target: null }))).toEqual(
    blind.models.flatMap(({ calibration }) => calibration ?? []),
  );
  for (const { target: measured } of found) expect(measured?.rows).toBe(160);
  const chosen = scored.models[scored.chosen]?.calibration;
  expect(chosen?.basis).not.toBe("none");
  expect(chosen?.temperature).toBeGreaterThan(1.1);
  expect(chosen?.target?.ece.after).toBeLessThan(chosen?.target?.ece.before ?? 0);
  const { logits, probabilities } = await run.predict(target);
  const margin = ((logits[1] ?? 0) - (logits[0] ?? 0)) / (chosen?.temperature ?? Number.NaN);
  expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-margin)), 5);
  expect((await run.predict(target, { probabilities: "raw" })).probabilities).not.toEqual(probabilities);
});

test("a worker and this thread give the same model, bit for bit", async () => {
  const [here, there] = await Promise.all([adapt({ ...quick, thread: "same" }), adapt({ ...quick, thread: "worker" })]);
  expect(Buffer.from(await there.model()).equals(Buffer.from(await here.model()))).toBe(true);
  expect((await there.done).models).toEqual((await here.done).models);
});

test("the same seed gives the same bits, another seed others", async () => {
  const model = async (seed: number): Promise<Buffer> =>
    Buffer.from(await (await adapt({ ...quick, train: { ...quick.train, seed }, thread: "same" })).model());
  expect((await model(1)).equals(await model(1))).toBe(true);
  expect((await model(1)).equals(await model(2))).toBe(false);
});

test("a table, with the label column by name", async () => {
  const files = clinics(folder, 60);
  const run = await adapt({
    source: await readTable(files.a, { label: "diagnosis", id: "patient" }),
    target: await readTable(files.b, { id: "patient" }),
    train: { steps: 20, batch: { source: 16, target: 16 } },
  });
  const { models, task } = await run.done;
  expect(task.classes).toEqual(["sick", "well"]);
  expect(models.every(({ metrics }) => metrics.target === null)).toBe(true);
});

describe("networks", () => {
  const network = {
    name: "mine",
    featureExtractor: featureExtractor([linear(8, { name: "fc1" }), activation("relu")]),
    labelPredictor: labelPredictor(2),
    domainClassifier: domainClassifier({ hidden: [8] }),
  };

  test("made of layers: stays in this thread, and a worker is refused", async () => {
    const result = await (await adapt({ ...quick, network })).done;
    expect(result.network).toMatchObject({ name: "mine", why: "given" });
    await expect(adapt({ ...quick, network, thread: "worker" })).rejects.toMatchObject({
      kind: "usage",
      code: "thread",
    });
  });

  test("from a module: loaded in the worker", async () => {
    const path = join(folder, "network.mjs");
    const from = (name: string): string => new URL(`../src/dann/${name}.ts`, import.meta.url).href;
    writeFileSync(
      path,
      `import { featureExtractor } from ${JSON.stringify(from("feature-extractor"))};
       import { labelPredictor } from ${JSON.stringify(from("label-predictor"))};
       import { domainClassifier } from ${JSON.stringify(from("domain-classifier"))};
       import { linear } from ${JSON.stringify(new URL("../src/nn/linear.ts", import.meta.url).href)};
       export const network = ({ classes }) => ({ name: "from-file", featureExtractor: featureExtractor([linear(4, { name: "fc1" })]),
         labelPredictor: labelPredictor(classes), domainClassifier: domainClassifier({ hidden: [4] }) });`,
    );
    const result = await (await adapt({ ...quick, network: path })).done;
    expect(result.network.name).toBe("from-file");
  });

  test("unknown names are refused with a guess", async () => {
    await expect(adapt({ ...quick, network: "mpl" })).rejects.toMatchObject({
      code: "unknown-network",
      remedy: "Did you mean mlp?",
    });
  });
});

describe("what goes wrong", () => {
  test("bad data reject the call, before anything runs", async () => {
    const { labels: _, ...unlabelled } = data.source;
    await expect(adapt({ ...quick, source: unlabelled })).rejects.toMatchObject({ kind: "data", code: "no-labels" });
  });

  test("a method that diverges: the verdict says so, and source-only is chosen", async () => {
    const result = await (
      await adapt({
        ...quick,
        preset: "paper",
        // ReLU: tanh would saturate and hide it.
        network: { name: "mlp", options: { activation: "relu" } },
        // A limit out of reach: the preset's would hold it.
        train: { ...quick.train, lambda: { name: "constant", value: 1e9 }, gradientClip: 1e30 },
      })
    ).done;
    expect(result.verdict.code).toBe("diverged");
    expect(result.verdict.text).toMatch(/step \d+/);
    expect(result.models.map(({ name }) => name)).toEqual(["source-only"]);
    expect(result.chosen).toBe(0);
  });

  test("source-only that diverges is an error, with its own words, out of the worker", async () => {
    const run = await adapt({
      ...quick,
      preset: "paper",
      train: { ...quick.train, rate: { name: "constant", value: 1e12 } },
      thread: "worker",
    });
    await expect(run.done).rejects.toMatchObject({ name: "DannError", kind: "run", code: "diverged" });
    await expect(run.predict(data.target)).rejects.toMatchObject({ code: "diverged" });
  });

  test("stopped runs reject as interrupted; with a folder they go on", async () => {
    const out = join(folder, "stopped");
    const long: AdaptOptions = { ...quick, train: { ...quick.train, steps: 4000, logEvery: 5 }, out };
    const run = await adapt(long);
    for await (const event of run.events()) {
      if (event.type === "step" && event.step > 100) {
        run.stop();
        break;
      }
    }
    await expect(run.done).rejects.toMatchObject({ kind: "interrupted", code: "interrupted" });
    const resumed = await adapt({ ...long, resume: true });
    const result = await resumed.done;
    expect(JSON.parse(readFileSync(join(out, "result.json"), "utf8"))).toEqual(result);
    expect(result.models[0]?.name).toBe("source-only");
  });

  test("an AbortSignal stops as well", async () => {
    const stop = new AbortController();
    const run = await adapt({ ...quick, train: { ...quick.train, steps: 100_000 }, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(run.done).rejects.toMatchObject({ kind: "interrupted" });
  });
});

test("a method without lambda is told so, and is never told to lower it", async () => {
  const run = await adapt({
    ...quick,
    method: { name: "mcc", confusionWeight: 300 },
    train: { ...quick.train, lambda: { name: "paper", max: 0.5 } },
    thread: "same",
  });
  const { warnings, verdict, health } = await run.done;
  expect(warnings).toContain(
    "train.lambda has no effect on mcc, which has no lambda; how hard it aligns says method.confusionWeight",
  );
  expect(verdict.code).toBe("negative-transfer");
  const remedies = [...verdict.remedies, ...(health ?? []).flatMap((finding) => finding.remedies)];
  expect(remedies).toContain("align less: --set method.confusionWeight=30");
  expect(remedies.join()).not.toContain("train.lambda");
});
