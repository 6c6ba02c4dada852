/**
 * Takes tables into the documentation: dann benchmark SUITE --out SUITE.json, then
 * npx tsx --conditions=dann-source scripts/make-benchmarks.ts SUITE.json && npx biome format --write docs
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { benchmarkTable } from "../src/benchmark/table.ts";
import { benchmarksPage, renderPage, storedTables, tablesFolder } from "./benchmarks.ts";

mkdirSync(tablesFolder, { recursive: true });
for (const file of process.argv.slice(2)) {
  const table = benchmarkTable.parse(JSON.parse(readFileSync(file, "utf8")));
  writeFileSync(new URL(`${table.suite}.json`, tablesFolder), `${JSON.stringify(table, undefined, 2)}\n`);
}
writeFileSync(benchmarksPage, renderPage(storedTables()));
