/** Trainings that no method has a say in are done once for all methods of a task, and nothing changes by that. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { planSuite } from "../src/benchmark/plan.ts";
import { runBenchmark } from "../src/benchmark/run.ts";
import { jobFolder } from "../src/benchmark/store.ts";
import { findSuite } from "../src/benchmark/suites.ts";

const made: string[] = [];
afterAll(() => {
  for (const store of made) rmSync(store, { recursive: true, force: true });
});

async function run(methods: readonly string[], select = "auto") {
  const store = mkdtempSync(join(tmpdir(), "dann-benchmarks-"));
  made.push(store);
  const overrides = { train: { steps: 40 }, evaluate: { evaluations: 2, select } };
  const choice = { tasks: ["moons-150"], methods, baselines: [], seeds: [0], threads: 1, overrides };
  const suite = await findSuite("moons");
  const plan = await planSuite({ suite, reference: "moons", choice, places: { cache: false }, device: "cpu" });
  const table = await runBenchmark({
    ...{ plan, store, places: { cache: false }, workers: 1, command: "", resume: "" },
    signal: new AbortController().signal,
  });
  const folders = plan.tasks.flatMap(({ jobs }) => jobs.map((job) => jobFolder(store, job)));
  return { table, folders };
}

const read = (folder: string | undefined, name: string): string => readFileSync(join(folder ?? "", name), "utf8");
const begun = (log: string): string[] => [...log.matchAll(/^(\S+): \d+ steps on/gm)].map(([, name = ""]) => name);

test("the second method of a task begins with the trainings of the first", { timeout: 120_000 }, async () => {
  const both = await run(["dann", "mcc"]);
  const alone = await run(["mcc"]);
  expect(both.table.failures).toEqual([]);

  const logs = both.folders.map((folder) => begun(read(folder, "log.txt")));
  expect(logs.toSorted((a, b) => b.length - a.length)).toEqual([
    ["source-only", expect.stringMatching(/dann|mcc/), "target-trained"],
    [expect.stringMatching(/dann|mcc/)],
  ]);

  for (const { model, selection, cells } of alone.table.rows) {
    const same = both.table.rows.find((row) => row.model === model && row.selection === selection);
    expect(same?.cells, `${model}, ${selection}`).toEqual(cells);
  }
  // Rows keep their order though the method's came last.
  const order = ["source-only", "dann", "dann", "dann", "target-trained"];
  const result = JSON.parse(read(both.folders[0], "result.json"));
  expect(result.models.map(({ name }: { name: string }) => name)).toEqual(order);

  // Their curves are in the stream of every run.
  const streams = both.folders.map((folder) =>
    read(folder, "metrics.jsonl")
      .split("\n")
      .filter((line) => line.includes('"model":"source-only"') && line.includes('"type":"epoch"'))
      .map((line) => JSON.parse(line)),
  );
  expect(streams[0]?.length).toBeGreaterThan(0);
  expect(streams[1]).toEqual(streams[0]);
  expect(both.folders.every((folder) => existsSync(join(folder, "model.onnx")))).toBe(true);
});

test("each method is trained on the way back from its own predictions", { timeout: 120_000 }, async () => {
  const { folders } = await run(["dann", "mcc"], "reverse");
  const logs = folders.map((folder) => read(folder, "log.txt"));
  for (const [at, name] of ["dann", "mcc"].entries())
    expect(logs[at], name).toMatch(new RegExp(`^reverse of ${name}: \\d+ steps on`, "m"));
  expect(logs.filter((log) => /^reverse of source-only: \d+ steps on/m.test(log))).toHaveLength(1);
});
