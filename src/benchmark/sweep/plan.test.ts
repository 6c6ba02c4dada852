import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { layersTo } from "../../../test/support/sweep.ts";
import { readInputs } from "../../adapt/inputs.ts";
import { planSuite } from "../plan.ts";
import { jobsOf } from "../run.ts";
import { type PlannedSetting, planSettings, requireVariable, type SweepPlan } from "./plan.ts";
import { gridOf, parseGrid } from "./space.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-sweep-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const csv = (name: string, shift: number): string => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${((i * 0.618) % 1) + (i % 2) + shift},${(i * 0.755) % 1},${i % 2}`,
  );
  const path = join(folder, name);
  writeFileSync(path, `x,y,label\n${rows.join("\n")}\n`);
  return path;
};
const data = { source: csv("a.csv", 0), sourceLabels: "label", target: csv("b.csv", 0.3) };
const plan: SweepPlan = { seeds: [0, 1], device: "cpu", resolve: layersTo({ data, train: { steps: 20 } }) };
const settings = gridOf([parseGrid("train.lambda.max=0.1,1")]);
const idsOf = (planned: readonly PlannedSetting[]): string[] => planned.flatMap(({ jobs }) => jobs.map(({ id }) => id));

test("a job a setting and seed; the rung's budget makes others, the whole budget none", async () => {
  const whole = idsOf(await planSettings(settings, plan, new Map()));
  expect(new Set(whole).size).toBe(4);
  const short = idsOf(await planSettings(settings, plan, new Map(), ["train.steps=5"]));
  expect(new Set([...whole, ...short]).size).toBe(8);
  expect(idsOf(await planSettings(settings, plan, new Map(), ["train.steps=20"]))).toEqual(whole);
});

test("the same job of a suite has the same name", async () => {
  const scored = { data: { ...data, targetLabels: "label" }, train: { steps: 20 } };
  const labelled = { ...plan, resolve: layersTo(scored) };
  const swept = await planSettings(settings, labelled, new Map());
  const { data: config } = await labelled.resolve([]);
  const task = {
    ...{ name: "own", title: "own", needs: [], seconds: 1, load: () => readInputs(config) },
    config: { train: { steps: 20, lambda: { max: 0.1 } } },
  };
  const suite = { ...{ name: "own", title: "own", tasks: [task], methods: ["dann" as const], printed: [], notes: [] } };
  const other = await planSuite({
    ...{ suite: { ...suite, seeds: [0, 1] }, reference: "own", choice: {}, places: { cache: false }, device: "cpu" },
  });
  expect(jobsOf(other).map(({ id }) => id)).toEqual(swept[0]?.jobs.map(({ id }) => id));
});

test("another content of a file that the recipe names is another job, where the path is the same", async () => {
  const module = join(folder, "net.mjs");
  const named = { ...plan, resolve: layersTo({ data, train: { steps: 20 }, network: { name: module } }) };
  const ids: string[] = [];
  for (const text of ["export const network = 1;", "export const network = 2;"]) {
    writeFileSync(module, text);
    ids.push(...idsOf(await planSettings(settings.slice(0, 1), named, new Map())));
  }
  expect(new Set(ids).size).toBe(4);
});

test("data are read once for all settings, and anew where a key says how they are read", async () => {
  const hashes = new Map<string, string>();
  await planSettings(settings, plan, hashes);
  expect(hashes.size).toBe(1);
  await planSettings(gridOf([parseGrid("data.read.types={},{x: category}")]), plan, hashes);
  expect(hashes.size).toBe(3);
});

test("an unknown key is refused with a guess before any data are read", async () => {
  const nowhere = { ...plan, resolve: layersTo({ data: { source: "none.csv", target: "none.csv" } }) };
  await expect(planSettings(gridOf([parseGrid("train.stepz=1,2")]), nowhere, new Map())).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining("unknown key train.stepz"),
    remedy: "Did you mean train.steps?",
  });
});

test.each(["train.seed", "seeds", "train.threads", "data.source", "data.targetLabels", "data", "evaluate", "out"])(
  "%s is not varied",
  (key) => expect(() => requireVariable([key], undefined)).toThrow(`${key}: a sweep does not vary it`),
);

test("halving sets the budget itself", () => {
  expect(() => requireVariable(["train.steps"], "train.steps")).toThrow("--halving sets train.steps itself");
  expect(() => requireVariable(["train.steps", "data.preprocess.standardise"], undefined)).not.toThrow();
});
