/** Health on demand while a method trains: `evaluate.healthEvery`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdaptOptions, adapt, type HealthEvent, moons } from "dann";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dann-health-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const evaluate = { targetTrained: false, adabn: false, holdout: 0.3, evaluations: 6 } as const;
const quick: AdaptOptions = {
  ...moons({ rows: 200, rotation: 35, seed: 100 }),
  // Three steps an epoch, and a look at 2, 4 and 6 of the evaluations at epochs 20, 40, ... 120.
  train: { steps: 360, seed: 100, partRates: { domainClassifier: 0 } },
  evaluate: { ...evaluate, healthEvery: 2 },
  thread: "same",
};

async function looks(options: AdaptOptions) {
  const run = await adapt(options);
  const found: HealthEvent[] = [];
  const evaluated: number[] = [];
  for await (const event of run.events()) {
    if (event.type === "health") found.push(event);
    if (event.type === "epoch" && event.model === "dann") evaluated.push(event.epoch);
  }
  return { found, evaluated, result: await run.done };
}

test("every second evaluation of the method is looked at, and training is what it would have been", async () => {
  const { found, evaluated, result } = await looks(quick);
  expect(found.map(({ epoch }) => epoch)).toEqual(evaluated.filter((_, i) => i % 2 === 1));
  expect(new Set(found.map(({ model }) => model))).toEqual(new Set(["dann"]));
  // The last look is the one at the end, where the last epoch is the one selected.
  const codes = found.map(({ findings }) => findings.map(({ code }) => code));
  expect(codes.at(-1)).toContain("discriminator-never-learned");
  for (const { findings } of found) for (const { text } of findings) expect(text).toMatch(/\d/);
  const plain = await looks({ ...quick, evaluate });
  expect(plain.found).toEqual([]);
  expect(plain.result.models).toEqual(result.models);
  expect(plain.result.health).toEqual(result.health);
});

test("a stopped run goes on with the looks that are left", async () => {
  const out = join(folder, "stopped");
  const train = { ...quick.train, checkpointEvery: 10 };
  const run = await adapt({ ...quick, train, out });
  const before: HealthEvent[] = [];
  for await (const event of run.events()) {
    if (event.type !== "health") continue;
    before.push(event);
    run.stop();
    break;
  }
  await expect(run.done).rejects.toMatchObject({ code: "interrupted" });
  const whole = await looks({ ...quick, train });
  const rest = await looks({ ...quick, train, out, resume: true });
  expect([...before, ...rest.found]).toEqual(whole.found);
});
