/** The documented tables are those of the documented runs, and the smallest suite gives its figures again. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { benchmarksPage, renderPage, storedTables } from "../scripts/benchmarks.ts";
import { planSuite } from "../src/benchmark/plan.ts";
import { runBenchmark } from "../src/benchmark/run.ts";
import { findSuite } from "../src/benchmark/suites.ts";

const tables = storedTables();

test("docs/benchmarks.md is current (npx tsx --conditions=dann-source scripts/make-benchmarks.ts)", () => {
  expect(readFileSync(benchmarksPage, "utf8")).toBe(renderPage(tables));
});

test("documented tables are whole runs: of the suites as they are, or of the parts that their command names", async () => {
  for (const {
    table: { suite, seeds, tasks, failures, command },
  } of tables) {
    expect(failures, command).toEqual([]);
    expect(command).toMatch(new RegExp(`^dann benchmark ${suite}( |$)`));
    if (command !== `dann benchmark ${suite}`) continue;
    const { seeds: own, tasks: known } = await findSuite(suite);
    expect([seeds, tasks.map(({ name }) => name)], suite).toEqual([own, known.map(({ name }) => name)]);
  }
});

test("moons, two of its seeds again", { timeout: 180_000 }, async () => {
  const store = mkdtempSync(join(tmpdir(), "dann-benchmarks-"));
  const choice = { tasks: ["moons-150"], seeds: [0, 1], threads: 1 };
  const suite = await findSuite("moons");
  const plan = await planSuite({ suite, reference: "moons", choice, places: { cache: false }, device: "cpu" });
  const again = await runBenchmark({
    ...{ plan, store, places: { cache: false }, workers: 2, command: "", resume: "" },
    signal: new AbortController().signal,
  });
  rmSync(store, { recursive: true, force: true });
  expect(again.failures).toEqual([]);
  const documented = tables.find(({ name }) => name === "moons")?.table;
  let compared = 0;
  for (const { model, selection, cells } of documented?.rows ?? []) {
    const own = again.rows.find((row) => row.model === model && row.selection === selection)?.cells["moons-150"];
    for (const { seed, target } of own?.values ?? []) {
      const then = cells["moons-150"]?.values.find((value) => value.seed === seed)?.target;
      // Another processor may round otherwise; on one machine they are the same.
      expect(Math.abs(target - (then ?? Number.NaN)), `${model}, ${selection}, seed ${seed}`).toBeLessThan(0.03);
      compared++;
    }
  }
  expect(compared).toBe(26);
});
