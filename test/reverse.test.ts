/** `--select reverse`: two more trainings in the other direction, and the choice by their risks. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdaptEvent, type AdaptOptions, type AdaptResult, adapt, blobs, moons } from "dann";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dann-reverse-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quick: AdaptOptions = {
  ...moons({ rows: 200, rotation: 30, seed: 101 }),
  train: { steps: 200, seed: 101 },
  evaluate: { targetTrained: false, adabn: false, evaluations: 4, holdout: 0.3, select: "reverse" },
  thread: "same",
};

async function read(options: AdaptOptions, onEvent = (_: AdaptEvent): void => {}) {
  const run = await adapt(options);
  const events: AdaptEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    onEvent(event);
  }
  return { result: await run.done, events };
}

const risksOf = ({ reverseValidation }: AdaptResult) => reverseValidation?.risks ?? { sourceOnly: -1, method: -1 };

test("each model is judged by a training from the target to the source, and the lower risk is chosen", async () => {
  const { result, events } = await read(quick);
  const { sourceOnly, method } = risksOf(result);
  expect(result.reverseValidation?.rows).toBe(60);
  for (const risk of [sourceOnly, method]) expect(risk).toBeGreaterThanOrEqual(0);
  // Moons that are turned by 30 degrees teach the way back to most of the rows.
  expect(Math.min(sourceOnly, method)).toBeLessThan(0.4);
  expect(result.models[result.chosen]?.name).toBe(method < sourceOnly ? "dann" : "source-only");
  // The verdict did not decide.
  expect(result.verdict.text).toContain(` Reverse validation chose ${result.models[result.chosen]?.name}.`);
  const plan = events.find(({ type }) => type === "plan");
  const names = ["source-only", "dann", "reverse of source-only", "reverse of dann"];
  expect(plan?.type === "plan" && plan.trainings).toEqual(names.map((name) => ({ name, steps: 200 })));
  const began = events.flatMap((event) => (event.type === "start" ? [[event.model, event.method]] : []));
  expect(began.slice(2)).toEqual([
    ["reverse of source-only", "source-only"],
    ["reverse of dann", "dann"],
  ]);
  // They are judged as trained to the end, and leave no rows.
  const rows = result.models.map(({ name, selection }) => `${name} ${selection}`);
  expect(rows).toEqual(["source-only last", "dann last", "dann validator", "dann oracle"]);
  expect(result.models[1]?.metrics).toEqual(result.models[2]?.metrics);
  // Target labels have no say.
  const { labels: _, ...unlabelled } = quick.target;
  const blind = await read({ ...quick, target: unlabelled });
  expect(risksOf(blind.result)).toEqual({ sourceOnly, method });
  expect(blind.result.chosen).toBe(result.chosen);
});

test("a model that answers the same to every target row has the risk of that answer", async () => {
  // Moved so far that every row looks like one class.
  const { source, target } = blobs({ rows: 200, classes: 2, width: 2, shift: 400, seed: 3 });
  const { result, events } = await read({
    ...quick,
    ...{ source, target, preprocess: { standardise: "source" } },
    network: { name: "mlp", options: { batchNorm: "none" } },
    method: { name: "dann" },
    train: { steps: 20, seed: 0, lambda: { name: "constant", value: 0 } },
  });
  expect(risksOf(result)).toEqual({ sourceOnly: 0.5, method: 0.5 });
  expect(result.models[result.chosen]?.name).toBe("source-only");
  expect(events.some((event) => event.type === "start" && event.model.startsWith("reverse"))).toBe(false);
});

test("stopped in a reverse training it goes on from its beginning, with the same risks", async () => {
  const whole = await read({ ...quick, out: join(folder, "whole") });
  const out = join(folder, "stopped");
  const run = await adapt({ ...quick, out });
  for await (const event of run.events()) {
    if (event.type === "step" && event.model === "reverse of dann") {
      run.stop();
      break;
    }
  }
  await expect(run.done).rejects.toMatchObject({ code: "interrupted" });
  const { result, events } = await read({ ...quick, out, resume: true });
  expect(events.flatMap((event) => (event.type === "start" ? [event.model] : []))).toEqual(["reverse of dann"]);
  expect(risksOf(result)).toEqual(risksOf(whole.result));
  expect(result.models).toEqual(whole.result.models);
});

test("refused: what adapts nothing", async () => {
  const refused = async (options: Partial<AdaptOptions>) => (await adapt({ ...quick, ...options })).done;
  await expect(refused({ method: { name: "source-only" } })).rejects.toMatchObject({ code: "select-reverse" });
});
