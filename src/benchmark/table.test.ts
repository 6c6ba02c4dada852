/** The table against numbers worked out by hand, and what the renderers make of it. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { AdaptResult, ModelRow } from "../adapt/result.ts";
import { presets } from "../config/presets.ts";
import { resolveRecipe } from "../config/resolve.ts";
import type { Job } from "./job.ts";
import type { Plan } from "./plan.ts";
import type { Report } from "./pool.ts";
import { renderFile } from "./render/files.ts";
import { gridOf, labelOf, remarks } from "./render/grid.ts";
import type { JobResult } from "./store.ts";
import type { Quantity, Suite, Task } from "./suite.ts";
import { type BenchmarkTable, benchmarkTable, tabulate } from "./table.ts";

const recipe = resolveRecipe([{ origin: "test", config: { ...presets.modern } }]);

const metrics = (accuracy: number): NonNullable<ModelRow["metrics"]["source"]> => ({
  ...{ rows: 10, accuracy, balancedAccuracy: accuracy / 2, macroF1: accuracy / 4, perClass: [], confusion: [] },
});
const row = (
  name: string,
  selection: ModelRow["selection"],
  target: number,
  on: "target" | "target-holdout" = "target",
): ModelRow => ({
  ...{ name, method: name, selection, selectable: selection === "last" || selection === "validator", epoch: 1 },
  metrics: { source: metrics(0.9), target: metrics(target) },
  scoredOn: { source: "source-holdout", target: on },
  validators: {},
});
/** Accuracies of source-only, the method at the last epoch, selected, best, and of the bound. */
const result = (values: readonly [number, number, number, number, number] | "diverged"): JobResult => ({
  kind: "adapt",
  result: {
    models:
      values === "diverged"
        ? [row("source-only", "last", 0.5)]
        : [
            row("source-only", "last", values[0]),
            row("source-only", "validator", 0.99),
            row("dann", "last", values[1]),
            row("dann", "validator", values[2]),
            row("dann", "oracle", values[3]),
            row("target-trained", "target-trained", values[4], "target-holdout"),
          ],
    verdict: { code: values === "diverged" ? "diverged" : "helped", text: "", remedies: [] },
    seconds: 10,
  } as unknown as AdaptResult,
});

const adapted = (models: ModelRow[]): JobResult => ({
  kind: "adapt",
  result: { models, verdict: { code: "helped", text: "", remedies: [] }, seconds: 1 } as unknown as AdaptResult,
});

const task = (name: string): Task => ({
  ...{ name, title: `${name} -> x`, needs: [], config: {}, seconds: 1 },
  load: () => Promise.reject(new Error("not read")),
});
const job = (name: string, seed: number): Job => ({
  ...{
    kind: "adapt",
    id: `${name}-${seed}`,
    at: { kind: "suite", suite: "tiny", task: name },
    seed,
    data: "",
    setting: "",
    seconds: 1,
  },
  ...{ recipe, preprocess: {} },
});
const suite: Suite = {
  ...{
    name: "tiny",
    title: "a tiny suite",
    tasks: [task("a"), task("b"), task("c")],
    methods: ["dann"],
    seeds: [0, 1, 2],
  },
  printed: [
    { label: "DANN", source: "a paper, table 2", values: { a: 0.7666, b: 0.81 } },
    { label: "DANN", source: "another paper", values: { a: 0.8149 } },
  ],
  notes: ["100 % made up & not_real."],
};
const plan: Plan = {
  ...{ suite, settings: [{ name: "", config: {} }], methods: ["dann"], seeds: [0, 1, 2] },
  tasks: [
    { task: task("a"), missing: [], jobs: [0, 1, 2].map((seed) => job("a", seed)) },
    { task: task("b"), missing: [], jobs: [0, 1, 2].map((seed) => job("b", seed)) },
    { task: task("c"), missing: ["svhn"], jobs: [] },
  ],
};
const made = { date: "2016-04-01", machine: "an abacus", engine: "beads" };
const table = (results: Record<string, JobResult>, reports: Record<string, Report> = {}): BenchmarkTable =>
  tabulate({
    ...{ plan, command: "dann benchmark tiny", made },
    results: new Map(Object.entries(results)),
    reports: new Map(Object.entries(reports)),
  });

const full = table({
  "a-0": result([0.5, 0.7, 0.6, 0.8, 1]),
  "a-1": result([0.6, 0.9, 0.7, 0.9, 1]),
  "a-2": result([0.7, 0.8, 0.8, 0.9, 1]),
  "b-0": result([0.4, 0.4, 0.4, 0.5, 0.9]),
  "b-1": result([0.4, 0.5, 0.4, 0.5, 0.9]),
  "b-2": result([0.4, 0.6, 0.4, 0.6, 0.9]),
});
const found = (of: BenchmarkTable, model: string, selection: string): BenchmarkTable["rows"][number] => {
  const one = of.rows.find((row) => row.model === model && row.selection === selection);
  if (one === undefined) throw new Error(`no row ${model} ${selection}`);
  return one;
};
/** Student's t for 2 degrees of freedom, from a printed table. */
const t2 = 4.30265;

test("means, errors and paired differences, by hand", () => {
  expect(full.rows.map(({ model, selection, selectable }) => [model, selection, selectable])).toEqual([
    ["source-only", "last", true],
    ["dann", "last", true],
    ["dann", "validator", true],
    ["dann", "oracle", false],
    ["target-trained", "target-trained", false],
  ]);
  const { cells, means } = found(full, "dann", "last");
  // a: .7 .9 .8: mean .8, sd .1. Differences .2 .3 .1: mean .2, sd .1.
  expect(cells.a?.target.mean).toBeCloseTo(0.8, 12);
  expect(cells.a?.target.se).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  expect(cells.a?.difference?.mean).toBeCloseTo(0.2, 12);
  expect(cells.a?.difference?.low).toBeCloseTo(0.2 - (t2 * 0.1) / Math.sqrt(3), 5);
  expect(cells.a?.difference?.high).toBeCloseTo(0.2 + (t2 * 0.1) / Math.sqrt(3), 5);
  // Mean of a and b, by seed: .55 .7 .7; of source-only .45 .5 .55; differences .1 .2 .15.
  expect(means[""]?.target.mean).toBeCloseTo(0.65, 12);
  expect(means[""]?.target.sd).toBeCloseTo(Math.sqrt(0.0075), 12);
  expect(means[""]?.difference?.mean).toBeCloseTo(0.15, 12);
  expect(means[""]?.difference?.high).toBeCloseTo(0.15 + (t2 * 0.05) / Math.sqrt(3), 5);
  expect(found(full, "source-only", "last").cells.a?.difference).toBeNull();
  expect(found(full, "source-only", "last").cells.a?.target.mean).toBeCloseTo(0.6, 12);
});

test("scored on other rows than source-only, a value is not paired with it", () => {
  expect(found(full, "target-trained", "target-trained").cells.a).toMatchObject({ difference: null, target: { n: 3 } });
});

test("another metric is another column of the results", () => {
  const other = tabulate({
    ...{ command: "", made: null, reports: new Map() },
    plan: { ...plan, suite: { ...suite, metric: "macroF1" } },
    results: new Map([["a-0", result([0.4, 0.8, 0.8, 0.8, 0.8])]]),
  });
  expect(found(other, "dann", "last").cells.a?.target).toEqual({ mean: 0.2, sd: null, se: null, n: 1 });
});

/** A suite of two tasks without methods: a baseline with a choice, or a measurement of the first seed alone. */
const inOneGo = (kind: "baseline" | "measurement", quantity: Quantity): BenchmarkTable => {
  const row = { name: "nn", title: "NN, counts", settings: {}, seconds: 1, seeds: "first" } as const;
  const never = (): Promise<never> => Promise.reject(new Error("not asked"));
  const rows =
    kind === "baseline" ? { baselines: [{ ...row, predict: never }] } : { measurements: [{ ...row, measure: never }] };
  const tasks = ["a", "b"].map((name) => ({ ...task(name), ...rows }));
  const jobs = tasks.map(
    ({ name }): Job => ({
      ...{
        kind,
        id: name,
        at: { kind: "suite", suite: "tiny", task: name },
        seed: 4,
        data: "",
        setting: "",
        seconds: 1,
      },
      ...{ name: "nn", settings: {} },
    }),
  );
  const common = { schema: 1, name: "nn", seconds: 1 } as const;
  const setting = { hidden: 50, lambda: 0.31622776 };
  const chosen = { setting, by: "reverse-validation", risk: 0.175, tried: 5 } as const;
  const resultOf = (value: number): JobResult =>
    kind === "baseline"
      ? { kind, result: { ...common, kind, metrics: metrics(value), chosen } }
      : { kind, result: { ...common, kind, value } };
  return tabulate({
    ...{ command: "dann benchmark tiny", made, reports: new Map() },
    plan: {
      ...{ suite: { ...suite, tasks, methods: [], printed: [], metric: quantity }, settings: plan.settings },
      ...{ methods: [], seeds: [4, 5] },
      tasks: tasks.map((one, i) => ({ task: one, missing: [], jobs: jobs.slice(i, i + 1) })),
    },
    results: new Map([
      ["a", resultOf(0.7)],
      ["b", resultOf(0.9)],
    ]),
  });
};

test("what is worked out for the first seed alone has n = 1 and a mean, and says what it settled on", () => {
  const of = inOneGo("baseline", "accuracy");
  expect(of.rows).toMatchObject([{ model: "NN, counts", method: null, cells: { a: { target: { mean: 0.7, n: 1 } } } }]);
  expect(of.rows[0]?.means[""]?.target).toEqual({ mean: 0.8, sd: null, se: null, n: 1 });
  expect(of.chosen.map(({ task: name, model, seed }) => [name, model, seed])).toEqual([
    ["a", "NN, counts", 4],
    ["b", "NN, counts", 4],
  ]);
  expect(benchmarkTable.safeParse(of).error).toBeUndefined();
  const text = renderFile(of, "md");
  expect(text).toContain("| NN, counts | 0.700 (n=1) | 0.900 (n=1) | 0.800 (n=1) |");
  expect(text).toContain("| a → x | seed 4: hidden 50, lambda 0.316 (0.175, of 5) |");
  expect(text).not.toContain("not selectable");
});

test("a distance is called one, and no classifier has it", () => {
  const of = inOneGo("measurement", "proxyDistance");
  expect(of.rows).toMatchObject([{ model: "NN, counts", cells: { a: { target: { mean: 0.7 } } } }]);
  expect(remarks(of)[0]).toBe(
    "Proxy A-distance between source and target rows, 0 (alike) to 2: mean ± standard error, n = 2 seeds (4, 5).",
  );
  expect(renderFile(of, "csv")).toContain(",proxyDistance,0.7,");
  expect(renderFile(of, "md")).not.toContain("Chosen");
  expect(inOneGo("baseline", "proxyDistance").rows).toEqual([]);
});

test("what failed, diverged or has no data is said, and no mean is made of what is there", () => {
  const partly = table(
    { "a-0": result([0.5, 0.7, 0.7, 0.7, 1]), "a-1": result("diverged"), "b-0": result([0.5, 0.6, 0.6, 0.6, 1]) },
    { "a-2": { kind: "failed", reason: "no memory" } },
  );
  expect(found(partly, "dann", "last").cells.a?.target.n).toBe(1);
  expect(found(partly, "source-only", "last").cells.a?.target.n).toBe(2);
  expect(partly.rows.every(({ means }) => means[""] === undefined)).toBe(true);
  expect(partly.tasks.map(({ state, missing }) => [state, missing])).toEqual([
    ["incomplete", []],
    ["incomplete", []],
    ["missing-data", ["svhn"]],
  ]);
  const text = remarks(partly).join("\n");
  expect(text).toContain("Failed: dann, a, seed 2: no memory");
  expect(text).toContain("1 of 6 runs diverged, and have no rows: dann, a, seed 1.");
  expect(text).toContain("No data for svhn: dann data fetch svhn.");
  expect(gridOf(partly).rows[1]).toEqual(["dann, last epoch", "0.700 (n=1)", "0.600 (n=1)", "no data"]);
});

test("AdaBN that was asked for is a row of its own beside the one of each run", () => {
  const by = (name: string): Job =>
    ({ ...job("a", 0), id: name, recipe: { ...recipe, method: { ...recipe.method, name } } }) as Job;
  const asked = tabulate({
    plan: {
      ...plan,
      seeds: [0],
      methods: ["dann", "adabn"],
      tasks: [{ task: task("a"), missing: [], jobs: [by("dann"), by("adabn")] }],
    },
    ...{ command: "", made, reports: new Map() },
    results: new Map([
      ["dann", adapted([row("source-only", "last", 0.5), row("adabn", "last", 0.7), row("dann", "last", 0.8)])],
      ["adabn", adapted([row("source-only", "last", 0.5), row("adabn", "last", 0.6), row("adabn", "validator", 0.65)])],
    ]),
  });
  expect(asked.rows.map((one) => [labelOf(one), one.cells.a?.target.mean])).toEqual([
    ["source-only", 0.5],
    ["adabn", 0.7],
    ["dann, last epoch", 0.8],
    ["adabn, last epoch", 0.6],
    ["adabn, selected without target labels", 0.65],
  ]);
});

test("figures that are printed have a mean where all tasks that were measured have one", () => {
  expect(full.printed.map(({ means }) => means)).toEqual([{ "": (0.7666 + 0.81) / 2 }, {}]);
});

test("the document fits its schema", () => {
  expect(benchmarkTable.safeParse(full).error).toBeUndefined();
  expect(z.toJSONSchema(benchmarkTable)).toHaveProperty("properties.rows");
});

test("Markdown", () => expect(renderFile(full, "md")).toMatchSnapshot());
test("LaTeX", () => expect(renderFile(full, "tex")).toMatchSnapshot());
test("CSV", () => expect(renderFile(full, "csv")).toMatchSnapshot());
test("JSON", () => expect(JSON.parse(renderFile(full, "json"))).toEqual(full));

describe("many tasks", () => {
  const tasksOf = (names: readonly string[]): BenchmarkTable => ({
    ...full,
    tasks: names.map((name) => ({ name, title: name, group: "", state: "done", missing: [], jobs: 1, seconds: 1 })),
  });
  const lines = gridOf(full).rows.map(([label]) => label);
  const more = Array.from({ length: lines.length }, (_, i) => `task ${i}`);

  test("are rows and models columns, where they and their mean are more than the models", () => {
    const { heading, rows } = gridOf(tasksOf(more));
    expect(heading.slice(0, 4)).toEqual([
      ...["task", "source-only", "dann, last epoch", "dann, last epoch: difference to source-only"],
    ]);
    expect(rows.map(([first]) => first)).toEqual([...more, `mean of ${more.length}`]);
  });

  test("are columns beside as many models", () => {
    const { heading, rows } = gridOf(tasksOf(more.slice(1)));
    expect(heading).toEqual(["", ...more.slice(1), `mean of ${more.length - 1}`]);
    expect(rows.map(([label]) => label)).toEqual(lines);
  });
});
