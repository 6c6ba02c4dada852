/**
 * Takes tables into the documentation: dann benchmark SUITE --out SUITE.json, then
 * npx tsx --conditions=dann-source scripts/make-benchmarks.ts SUITE.json && npx biome format --write docs
 * A table of a part of a suite, or with other methods, is called SUITE-WHAT.json.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { benchmarkTable } from "../src/benchmark/table.ts";
import { benchmarksPage, renderPage, storedTables, tablesFolder } from "./benchmarks.ts";

mkdirSync(tablesFolder, { recursive: true });
for (const file of process.argv.slice(2)) {
  const name = basename(file);
  const table = benchmarkTable.parse(JSON.parse(readFileSync(file, "utf8")));
  if (!new RegExp(`^${table.suite}(-.+)?\\.json$`).test(name))
    throw new Error(`${file}: expected a name like ${table.suite}.json or ${table.suite}-methods.json`);
  writeFileSync(new URL(name, tablesFolder), `${JSON.stringify(table, undefined, 2)}\n`);
}
writeFileSync(benchmarksPage, renderPage(storedTables()));
