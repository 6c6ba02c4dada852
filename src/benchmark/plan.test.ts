import { expect, test } from "vitest";
import { hashData } from "../adapt/data-hash.ts";
import type { AdaptData } from "../adapt/prepare.ts";
import { moons } from "../data/synthetic/moons.ts";
import { idOf } from "./job.ts";
import { type Choice, planSuite } from "./plan.ts";
import { jobsOf } from "./run.ts";
import type { Baseline, Measurement, Suite, Task } from "./suite.ts";
import { suites } from "./suites.ts";

const task = (name: string, more: Partial<Task> = {}): Task => ({
  name,
  title: name,
  needs: [],
  load: async () => moons({ rows: 40 }),
  config: { train: { steps: 10 } },
  seconds: 1,
  ...more,
});
const suite = (...tasks: Task[]): Suite => ({
  ...{ name: "tiny", title: "tiny", tasks, methods: ["dann"], seeds: [0, 1], printed: [], notes: [] },
});
const plan = (of: Suite, choice: Choice = {}, data?: string): ReturnType<typeof planSuite> =>
  planSuite({ suite: of, reference: of.name, choice, places: { cache: false, data }, device: "cpu" });
const ids = async (of: Suite, choice: Choice = {}): Promise<string[]> =>
  jobsOf(await plan(of, choice)).map(({ id }) => id);

test("the order of keys does not matter, their values do; what is undefined is not there", () => {
  const one = idOf({ a: 1, b: { c: [1, { d: 2, e: 3 }] } });
  expect(idOf({ b: { c: [1, { e: 3, d: 2 }] }, a: 1, f: undefined })).toBe(one);
  expect(idOf({ a: 1, b: { c: [{ d: 2, e: 3 }, 1] } })).not.toBe(one);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
});

test("a job's name depends on configuration, seed and data, not on the names of suite and task", async () => {
  const first = await ids(suite(task("a")));
  expect(new Set(first).size).toBe(2);
  expect(await ids({ ...suite(task("b")), name: "other", title: "other" })).toEqual(first);
  expect(await ids(suite(task("a", { config: { train: { steps: 10, logEvery: 50 } } })))).toEqual(first);
  const others = [
    await ids(suite(task("a")), { overrides: { train: { steps: 11 } } }),
    await ids(suite(task("a")), { overrides: { data: { preprocess: { standardise: "none" } } } }),
    await ids(suite(task("a")), { overrides: { network: { options: { dropout: 0.5 } } } }),
    await ids(suite(task("a")), { threads: 2 }),
    await ids(suite(task("a")), { methods: ["source-only"] }),
    await ids(suite(task("a", { load: async () => moons({ rows: 40, seed: 1 }) }))),
    await ids(suite(task("a")), { seeds: [2, 3] }),
  ].flat();
  expect(new Set([...first, ...others]).size).toBe(first.length + others.length);
});

test("the hash of data sees every row, label and part, and not where they came from", () => {
  const data = (): AdaptData => moons({ rows: 20 });
  const hash = hashData(data());
  const change = (edit: (data: AdaptData) => AdaptData): string => hashData(edit(data()));
  expect(change(({ source, target }) => ({ source: { ...source, origin: "elsewhere", notes: ["x"] }, target }))).toBe(
    hash,
  );
  const edits: ((data: AdaptData) => AdaptData)[] = [
    ({ source, target }) => ({ source: target, target: source }),
    ({ source, target }) => ({ source: { ...source, labels: source.labels?.toReversed() ?? [] }, target }),
    ({ source, target }) => ({ source, target, targetTest: target }),
    ({ source, target }) => ({ source, target: { ...target, groups: source.labels?.map(String) ?? [] } }),
    ({ source, target }) => {
      if (target.rows.kind === "dense") target.rows.values[39] = 7;
      return { source, target };
    },
  ];
  expect(new Set([hash, ...edits.map(change)]).size).toBe(1 + edits.length);
});

test("data that depend on the seed are read for each, others once", async () => {
  const asked: number[] = [];
  const load = async (_: unknown, seed: number): Promise<AdaptData> => {
    asked.push(seed);
    return moons({ rows: 20, seed });
  };
  await plan(suite(task("a", { load }), task("b", { load, perSeed: true })));
  expect(asked).toEqual([0, 0, 1]);
});

test("a module's data that depend on the seed without saying so are refused: which seed's they were was chance", async () => {
  const of = (perSeed: boolean): Suite =>
    suite(task("a", { perSeed, load: async (_, seed) => moons({ rows: 40, seed }) }));
  const planned = (one: Suite, seeds: number[]): ReturnType<typeof planSuite> =>
    planSuite({ suite: one, reference: "./own.mjs", choice: { seeds }, places: { cache: false }, device: "cpu" });
  await expect(planned(of(false), [3, 4])).rejects.toMatchObject({
    ...{ kind: "usage", message: "task a: its load gives other data for seed 4, and perSeed is not true" },
  });
  await expect(planned(of(true), [3, 4])).resolves.toBeDefined();
  await expect(planned(of(false), [3])).resolves.toBeDefined();
  await expect(planned(suite(task("a")), [3, 4])).resolves.toBeDefined();
});

test("a set that is not there: the task has no jobs, and asked for by name it is an error with the command", async () => {
  const of = suite(task("a"), task("b", { needs: ["svhn"] }));
  const { tasks } = await plan(of);
  expect(tasks.map(({ missing, jobs }) => [missing, jobs.length])).toEqual([
    [[], 2],
    [["svhn"], 0],
  ]);
  await expect(plan(of, { tasks: ["b"] })).rejects.toMatchObject({
    kind: "data",
    code: "missing-set",
    remedy: expect.stringContaining("dann data fetch svhn"),
  });
});

test.each<[Choice, string, string | undefined]>([
  [{ tasks: ["aa"] }, "suite tiny has no task aa", "Did you mean a?"],
  [{ methods: [] }, "suite tiny: nothing to do", "Name some with --methods or --baselines."],
  [{ baselines: ["nn"] }, "suite tiny has no baseline nn", "It has none."],
  [{ overrides: { train: { stepz: 3 } } }, "unknown key train.stepz", "Did you mean train.steps?"],
  [{ overrides: { train: { seed: 3 } } }, "train.seed", undefined],
  [{ overrides: { method: { name: "dann" } } }, "--methods", undefined],
  [{ overrides: { data: { source: "x.csv" } } }, "data.source", "Use dann adapt for data of your own."],
  [
    { overrides: { data: { preprocess: { standardize: "none" } } } },
    "unknown key standardize",
    "Did you mean standardise?",
  ],
])("%j is refused", async (choice, message, remedy) => {
  await expect(plan(suite(task("a")), choice)).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining(message),
    ...(remedy !== undefined && { remedy }),
  });
});

test("a wrong key of a recipe is told by whose it is", async () => {
  const typo = { train: { stepz: 3 } };
  await expect(plan(suite(task("a", { config: typo })))).rejects.toThrow(/^task a: unknown key train\.stepz$/);
  await expect(plan({ ...suite(task("a")), settings: [{ name: "far", config: typo }] })).rejects.toThrow(
    /^setting far: unknown key train\.stepz$/,
  );
  await expect(plan(suite(task("a")), { overrides: typo })).rejects.toThrow(/^--set: unknown key train\.stepz$/);
});

test("what a task's load throws is told as its own, with the place where it was thrown", async () => {
  const cause = new Error("no such file");
  const failed = plan(suite(task("a", { load: () => Promise.reject(cause) })));
  await expect(failed).rejects.toMatchObject({
    ...{ kind: "data", code: "task-data", message: "task a: its load failed (no such file)", stack: cause.stack },
  });
});

const baseline = (name: string, more: Partial<Baseline> = {}): Baseline => ({
  ...{ name, title: name, settings: {}, seconds: 1, predict: () => Promise.reject(new Error("not asked")) },
  ...more,
});
const measurement: Measurement = {
  ...{ name: "far", title: "far", settings: {}, seconds: 1, measure: () => Promise.reject(new Error("not asked")) },
};

test("baselines and measurements are jobs of every seed or of the first, and can be chosen or left out", async () => {
  const own = { baselines: [baseline("a"), baseline("b", { seeds: "first" })], measurements: [measurement] };
  const of = suite(task("t", own));
  const jobs = async (choice: Choice): Promise<(string | number)[][]> =>
    jobsOf(await plan(of, choice)).flatMap((job) => (job.kind === "adapt" ? [] : [[job.kind, job.name, job.seed]]));
  expect(await jobs({})).toEqual([
    ["baseline", "a", 0],
    ["baseline", "b", 0],
    ["measurement", "far", 0],
    ["baseline", "a", 1],
    ["measurement", "far", 1],
  ]);
  expect(await jobs({ seeds: [5, 6], baselines: ["b"] })).toEqual([["baseline", "b", 5]]);
  expect(await jobs({ baselines: [] })).toEqual([]);
  const without = await plan(of, { methods: [], baselines: ["far"] });
  expect([without.methods, jobsOf(without).length]).toEqual([[], 2]);
  const settings = suite(task("t", { baselines: [baseline("a", { settings: { C: 1 } })] }));
  expect((await ids(settings, { methods: [] }))[0]).not.toBe((await ids(of, { methods: [], baselines: ["a"] }))[0]);
});

test("source-only beside a method is no job of its own", async () => {
  const { methods, tasks } = await plan(suite(task("a")), { methods: ["source-only", "dann"] });
  expect([methods, tasks[0]?.jobs.length]).toEqual([["dann"], 2]);
});

test("options of a method are for the jobs whose method reads them", async () => {
  const choosing = (method: object, methods: readonly string[]): Choice => ({
    methods,
    seeds: [0],
    overrides: { method },
  });
  const recipes = async (choice: Choice): Promise<unknown[]> => {
    const jobs = jobsOf(await plan(suite(task("a", { config: { method: { domainWeight: 0.5 } } })), choice));
    return jobs.map((job) => (job.kind === "adapt" ? job.recipe.method : undefined));
  };
  expect(await recipes(choosing({ temperature: 2 }, ["dann", "mcc", "cdan+mcc"]))).toEqual([
    expect.objectContaining({ name: "dann", domainWeight: 0.5 }),
    { name: "mcc", labelSmoothing: 0, temperature: 2, confusionWeight: 1 },
    expect.objectContaining({ name: "cdan+mcc", domainWeight: 0.5, temperature: 2 }),
  ]);
  await expect(recipes(choosing({ temperature: 2 }, ["dann"]))).rejects.toThrow(
    "method.temperature: none of dann reads it",
  );
  await expect(recipes(choosing({ temprature: 2 }, ["mcc"]))).rejects.toThrow("unknown key method.temprature");
});

test("the suites: names are unique, printed figures belong to tasks, recipes resolve", async () => {
  expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
  for (const { name, tasks, printed, seeds } of suites) {
    const names = tasks.map((one) => one.name);
    expect(new Set(names).size, name).toBe(names.length);
    expect(seeds.length, name).toBeGreaterThanOrEqual(3);
    for (const { values, label } of printed)
      for (const [known, value] of Object.entries(values)) {
        expect(names, `${name}: ${label}`).toContain(known);
        expect(value > 0 && value <= 1, `${name}: ${label} ${known}`).toBe(true);
      }
    // Without data there are no jobs, but every recipe is resolved.
    const without = suites.find((one) => one.name === name) ?? suite();
    await planSuite({
      ...{ reference: name, choice: { seeds: [0] }, places: { cache: false }, device: "cpu" as const },
      suite: { ...without, tasks: tasks.map((one) => ({ ...one, needs: ["none"] })) },
    });
  }
});
