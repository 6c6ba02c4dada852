import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type MadeRun, makeRun } from "../../../test/support/run-folders.ts";
import { compareRuns } from "./compare.ts";
import { type CompareDocument, type ComparedModel, compareDocument } from "./document.ts";
import { readRuns } from "./read.ts";
import { compareMarkdown } from "./render.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
const run = (made: MadeRun): string => makeRun(join(folder, `run-${serial++}`), made);
const compare = async (
  paths: readonly string[],
  { model = "chosen", metric = "accuracy" }: { model?: ComparedModel; metric?: CompareDocument["metric"] } = {},
): Promise<CompareDocument> => compareRuns(await readRuns(paths), { model, metric });

const half = { method: { name: "dann", domainLoss: "half" }, data: { source: "/a.csv", target: "/b.csv" } };
const sum = { ...half, method: { name: "dann", domainLoss: "sum" } };
const at = (seed: number, selected: number, config: object = half): MadeRun => ({
  ...{ seed, target: [0.5, 0.6, selected], config: { ...config } },
});

describe("groups", () => {
  test("runs that differ in the seed and the folder alone are one; only keys that differ are listed", async () => {
    const runs = [run(at(1, 0.7)), run(at(0, 0.6)), run(at(0, 0.8, sum)), run(at(1, 0.8, { ...sum, extra: [1, 2] }))];
    const { groups, differences } = await compare(runs);
    expect(groups.map(({ name, runs: own }) => [name, own.map(({ seed }) => seed)])).toEqual([
      ["A", [0, 1]],
      ["B", [0]],
      ["C", [1]],
    ]);
    expect(differences).toEqual([
      { key: "extra", values: { C: [1, 2] } },
      { key: "method.domainLoss", values: { A: "half", B: "sum", C: "sum" } },
    ]);
    expect(groups[0]?.target).toEqual({
      mean: expect.closeTo(0.65, 12),
      sd: expect.closeTo(0.0707107, 6),
      se: expect.closeTo(0.05, 6),
      n: 2,
    });
    expect(groups[0]).toMatchObject({ verdicts: { helped: 2, diverged: 0 }, seconds: 2 });
  });

  test("a seed that a group has twice counts once, with a warning; a path given twice is one run", async () => {
    const [first, again] = [run(at(0, 0.7)), run(at(0, 0.9))];
    const { groups, warnings } = await compare([first, again, first]);
    expect(groups[0]?.runs.map((one) => one.run)).toEqual([first]);
    expect(warnings).toEqual([`A: ${again} left out: a seed that the group has already`]);
  });

  test("the document fits its schema and Markdown has its three tables", async () => {
    const document = await compare([run(at(0, 0.7)), run(at(0, 0.8, sum)), run(at(1, 0.8, sum))]);
    expect(compareDocument.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    const text = compareMarkdown(document);
    expect(text).toContain("| B | 0, 1 | 0.900 ± 0.000 | 0.800 ± 0.000 | dann (selected) 2 | helped 2 | 2.0 s |");
    expect(text).toContain("| method.domainLoss | half | sum |");
    expect(text).toContain("| B - A | 1 | +0.000 | 1.000 | +0.100 | 1.000 |");
  });
});

describe("paired differences", () => {
  test("over the seeds that both have, by hand", async () => {
    const first = [0, 1, 2, 3].map((seed) => run(at(seed, [0.7, 0.6, 0.7, 0.1][seed] ?? 0)));
    const second = [1, 0, 2, 9].map((seed) => run(at(seed, { 0: 0.72, 1: 0.64, 2: 0.79, 9: 0.1 }[seed] ?? 0, sum)));
    const [comparison] = (await compare([...first, ...second])).comparisons;
    // .02, .04 and .09: mean .05, error sqrt(.0013 / 3); all signs alike are 2 of 8 ways.
    expect(comparison).toMatchObject({ of: "B", to: "A", seeds: [0, 1, 2], refused: null });
    expect(comparison?.target?.mean).toBeCloseTo(0.05, 12);
    expect(comparison?.target?.low).toBeCloseTo(0.05 - 4.302653 * Math.sqrt(0.0013 / 3), 6);
    expect(comparison?.target?.high).toBeCloseTo(0.05 + 4.302653 * Math.sqrt(0.0013 / 3), 6);
    expect([comparison?.target?.n, comparison?.target?.p]).toEqual([3, 0.25]);
    expect(comparison?.source).toEqual({ mean: 0, low: 0, high: 0, n: 3, p: 1 });
  });

  test("each model and metric by name; a run that diverged has no model of the method", async () => {
    const runs = [run(at(0, 0.7)), run({ ...at(1, 0.7), diverged: true })];
    const targets = async (model: ComparedModel, metric?: CompareDocument["metric"]): Promise<(number | null)[]> =>
      (await compare(runs, { model, ...(metric && { metric }) })).groups.flatMap((group) =>
        group.runs.map(({ target }) => target),
      );
    expect(await targets("chosen")).toEqual([0.7, 0.5]);
    expect(await targets("selected")).toEqual([0.7, null]);
    expect(await targets("last")).toEqual([0.6, null]);
    expect(await targets("source-only")).toEqual([0.5, 0.5]);
    expect(await targets("chosen", "macroF1")).toEqual([0.175, 0.125]);
    const { warnings, groups } = await compare(runs, { model: "last" });
    expect(warnings).toEqual(['A: no model "last" on seed 1']);
    expect(groups[0]?.target?.n).toBe(1);
  });

  test("a refinement's own model is not what it began with, and AdaBN is a method where it was asked for", async () => {
    const [record] = await readRuns([run(at(0, 0.7))]);
    if (record === undefined) throw new Error("no run");
    const [model] = record.result.models;
    if (model === undefined) throw new Error("no model");
    const row = (name: string, epoch: number) => ({ ...model, name, epoch, selection: "validator" as const });
    const selected = (method: string, names: readonly string[], from?: { run: string; model: string }) =>
      compareRuns(
        [
          {
            ...record,
            config: { ...record.config, method: { name: method } },
            result: { ...record.result, models: names.map(row), ...(from && { from }) },
          },
        ],
        { model: "selected", metric: "accuracy" },
      ).groups[0]?.runs[0];
    expect(selected("shot", ["cdan", "shot"], { run: "r", model: "cdan" })).toMatchObject({ model: "shot", epoch: 1 });
    expect(selected("shot", ["shot", "shot"], { run: "r", model: "shot" })).toMatchObject({ model: "shot", epoch: 1 });
    expect(selected("adabn", ["source-only", "adabn"])).toMatchObject({ model: "adabn", epoch: 1 });
  });

  test("without target labels the source alone is compared", async () => {
    const runs = [run({ ...at(0, 0), target: null }), run({ ...at(0, 0, sum), target: null })];
    const { comparisons, groups } = await compare(runs);
    expect([groups[0]?.target, comparisons[0]?.target, comparisons[0]?.source?.n]).toEqual([null, null, 1]);
  });
});

describe("what may not be compared", () => {
  const other = { ...at(0, 0.8, sum), hash: "others" };
  const standardised = { ...sum, data: { ...half.data, preprocess: { standardise: "none" } } };
  test.each<[string, MadeRun, string]>([
    ["files that have changed", other, "the files have changed in between"],
    [
      "other files",
      { ...other, config: { ...sum, data: { ...half.data, target: "/c.csv" } } },
      "data differ (data.target)",
    ],
    ["other classes", { ...at(0, 0.8, sum), classes: ["a", "b"] }, "their classes differ"],
    ["other rows", { ...at(0, 0.8, sum), rows: 21 }, "scored on 20 rows (source-holdout) and 21 rows"],
    ["another seed", at(5, 0.8, sum), "they share no seed"],
  ])("%s: refused with the reason", async (_, made, reason) => {
    const { comparisons, groups } = await compare([run(at(0, 0.7)), run(made)]);
    expect(comparisons[0]).toMatchObject({ source: null, target: null, refused: expect.stringContaining(reason) });
    // They stand side by side all the same.
    expect(groups).toHaveLength(2);
  });

  test.each<[string, MadeRun, string]>([
    ["another preprocessing", { ...other, config: standardised }, "(data.preprocess.standardise)"],
    ["another start", { ...other, config: { ...sum, from: { model: "dann" } } }, "they differ in from.model"],
    ["other labels", { ...other, config: { ...sum, task: "binary" } }, "they differ in task"],
    ["no hash any more", { ...at(0, 0.8, sum), hash: null }, "has no hash of its data any more"],
  ])("%s: compared with a warning", async (_, made, warning) => {
    const { comparisons, warnings } = await compare([run(at(0, 0.7)), run(made)]);
    expect(comparisons[0]).toMatchObject({ refused: null, target: { n: 1 } });
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  test("the same rows under another path are the same", async () => {
    const moved = { ...at(0, 0.8), config: { ...half, data: { ...half.data, source: "/elsewhere/a.csv" } } };
    const { comparisons, warnings } = await compare([run(at(0, 0.7)), run(moved)]);
    expect([comparisons[0]?.refused, warnings]).toEqual([null, []]);
  });
});

describe("folders", () => {
  test("a folder of seeds stands for its runs", async () => {
    const seeds = join(folder, "seeds");
    for (const seed of [0, 1]) makeRun(join(seeds, `seed-${seed}`), at(seed, 0.7));
    const verdicts = { helped: 2, "no-gain": 0, "negative-transfer": 0, diverged: 0 };
    writeFileSync(
      join(seeds, "summary.json"),
      JSON.stringify({ schema: 1, runs: ["/moved/since"], seeds: [0, 1], models: [], verdicts }),
    );
    expect((await readRuns([seeds])).map(({ path }) => path)).toEqual([join(seeds, "seed-0"), join(seeds, "seed-1")]);
  });

  test("the jobs of a store are named for it", async () => {
    const store = join(folder, "store");
    mkdirSync(join(store, "jobs"), { recursive: true });
    await expect(readRuns([store])).rejects.toMatchObject({
      message: expect.stringContaining("got a store of jobs"),
      remedy: expect.stringContaining(join(store, "jobs", "*")),
    });
  });

  test("what is no finished run is refused", async () => {
    const begun = join(folder, "begun");
    mkdirSync(begun);
    await expect(readRuns([begun])).rejects.toThrow("expected the folder of a run or of seeds");
    writeFileSync(join(begun, "config.yaml"), "train: {}");
    await expect(readRuns([begun])).rejects.toMatchObject({
      message: expect.stringContaining("expected a finished run"),
      remedy: `Finish it by dann adapt --resume ${begun}.`,
    });
    writeFileSync(join(begun, "result.json"), '{"schema": 1}');
    await expect(readRuns([begun])).rejects.toThrow("not the result of a run of this version of dann");
  });

  test("baselines among the jobs of a store are left out", async () => {
    const jobs = join(folder, "jobs");
    mkdirSync(join(jobs, "b"), { recursive: true });
    writeFileSync(join(jobs, "b", "result.json"), '{"schema": 1, "kind": "baseline"}');
    makeRun(join(jobs, "a"), at(0, 0.7));
    expect((await readRuns([join(jobs, "a"), join(jobs, "b")])).map(({ path }) => path)).toEqual([join(jobs, "a")]);
    await expect(readRuns([join(jobs, "b")])).rejects.toThrow("got 1 of a benchmark's baselines or measurements");
  });
});
