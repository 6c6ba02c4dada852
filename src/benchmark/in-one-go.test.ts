import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { moons } from "../data/synthetic/moons.ts";
import { inOneGo } from "./in-one-go.ts";
import { type InOneGoJob, named } from "./job.ts";
import type { BaselineData, Measurement, Task, UnlabelledTarget } from "./suite.ts";

const data = moons({ rows: 20, rotation: 0, seed: 0 });
const seen: (BaselineData | UnlabelledTarget)[] = [];
const common = { settings: {}, seconds: 1 };
const task: Task = {
  ...{ name: "moons", title: "moons", needs: [], load: async () => data, config: {}, seconds: 1 },
  baselines: [
    {
      ...{ ...common, name: "first", title: "the first class" },
      async predict(given, seed, work) {
        seen.push(given);
        await work.progress(0.5);
        const [label = ""] = given.source.labels ?? [];
        const labels = Array.from({ length: given.scored.rows.rows }, () => label);
        return { labels, chosen: { setting: { seed }, by: "reverse-validation", risk: 0.5, tried: 1 } };
      },
    },
  ],
  measurements: [
    {
      ...{ ...common, name: "rows", title: "rows" },
      async measure(given) {
        seen.push(given);
        return given.source.rows.rows + given.target.rows.rows;
      },
    },
  ],
};
const jobOf = (kind: InOneGoJob["kind"], name: string): InOneGoJob =>
  named({
    ...{
      kind,
      name,
      at: { kind: "suite", suite: "own", task: "moons" },
      seed: 7,
      data: "",
      setting: "",
      seconds: 1,
      settings: {},
    },
  }) as InOneGoJob;
const surroundings = (signal = new AbortController().signal, told: number[] = []) => ({
  ...{ places: { cache: false as const }, signal, progress: (share: number) => void told.push(share) },
});

test("a baseline is scored by labels that it does not see, and what it settled on is kept", async () => {
  const told: number[] = [];
  const result = await inOneGo(jobOf("baseline", "first"), task, data, surroundings(undefined, told));
  expect(result).toMatchObject({ kind: "baseline", chosen: { setting: { seed: 7 }, risk: 0.5, tried: 1 } });
  expect(result.kind === "baseline" && result.metrics).toMatchObject({ rows: data.target.rows.rows, accuracy: 0.5 });
  expect(told).toEqual([0.5]);
});

test.each<[string, readonly unknown[], string]>([
  ["too few", ["0"], "task moons: baseline odd: expected a class for each of 20 rows (scored.rows.rows), got 1"],
  ["numbers", new Array(20).fill(0), "row 1: expected a class of the source as text (0, 1), got 0"],
  ["no class", new Array(20).fill("yes"), 'row 1: expected a class of the source as text (0, 1), got "yes"'],
])("what a baseline gives is no classes: %s", async (_, labels, message) => {
  const predict = async () => ({ labels: labels as readonly string[] });
  const odd: Task = { ...task, baselines: [{ ...common, name: "odd", title: "odd", predict }] };
  await expect(inOneGo(jobOf("baseline", "odd"), odd, data, surroundings())).rejects.toMatchObject({
    kind: "data",
    message: expect.stringContaining(message),
  });
});

test.each([
  [Number.NaN, "got NaN"],
  [Number.POSITIVE_INFINITY, "got Infinity"],
  ["0.5", 'got "0.5"'],
  [undefined, "got undefined"],
])("a measurement of %s is refused", async (value, message) => {
  const measure = async () => value as number;
  const odd: Task = { ...task, measurements: [{ ...common, name: "odd", title: "odd", measure }] };
  await expect(inOneGo(jobOf("measurement", "odd"), odd, data, surroundings())).rejects.toThrow(
    `task moons: measurement odd: expected a number, ${message}`,
  );
});

test("what a baseline settled on is looked at", async () => {
  const chosen = { setting: {}, by: "reverse-validation", risk: Number.NaN, tried: 1 } as const;
  const predict = async () => ({ labels: new Array<string>(20).fill("0"), chosen });
  const odd: Task = { ...task, baselines: [{ ...common, name: "odd", title: "odd", predict }] };
  await expect(inOneGo(jobOf("baseline", "odd"), odd, data, surroundings())).rejects.toThrow(
    "task moons: baseline odd: chosen: risk",
  );
});

test("rows beside the task's are found where the data sets are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dann-sets-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "other"));
  await writeFile(join(folder, "other", "rows.csv"), "1");
  const found: string[] = [];
  const measure: Measurement["measure"] = async (_data, _seed, { sets }) => found.push(await sets.folder("other"));
  const reading: Task = { ...task, measurements: [{ ...common, name: "reads", title: "reads", measure }] };
  const places = { cache: false as const, data: folder };
  await inOneGo(jobOf("measurement", "reads"), reading, data, { ...surroundings(), places });
  expect(found).toEqual([join(folder, "other")]);
});

test("a measurement is a number of the rows", async () => {
  const result = await inOneGo(jobOf("measurement", "rows"), task, data, surroundings());
  expect(result).toMatchObject({ kind: "measurement", value: data.source.rows.rows + data.target.rows.rows });
});

test("no label of the target has been seen", () => {
  expect(data.target.labels).toBeDefined();
  expect(seen.length).toBe(2);
  for (const given of seen) {
    expect(given.source.labels).toBeDefined();
    expect(given.target.labels).toBeUndefined();
    if ("scored" in given) expect(given.scored.labels).toBeUndefined();
  }
});

test("stopped, it ends at the next word about its progress", async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(inOneGo(jobOf("baseline", "first"), task, data, surroundings(stop.signal))).rejects.toMatchObject({
    kind: "interrupted",
  });
});
