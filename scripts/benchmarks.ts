/** `docs/benchmarks.md` from the tables that lie in `docs/benchmarks/`, in the order of the suites. */
import { readdirSync, readFileSync } from "node:fs";
import { toMarkdown } from "../src/benchmark/render/files.ts";
import { suites } from "../src/benchmark/suites.ts";
import { type BenchmarkTable, benchmarkTable } from "../src/benchmark/table.ts";

export const tablesFolder: URL = new URL("../docs/benchmarks/", import.meta.url);
export const benchmarksPage: URL = new URL("../docs/benchmarks.md", import.meta.url);

/** A table that is kept, and what its page calls it. */
interface StoredTable {
  /** The suite, and which part of it or which methods where it is not the suite as it is. */
  readonly name: string;
  readonly table: BenchmarkTable;
}

/**
 * The stored tables: of a suite as it is, `SUITE.json`; of a part of it or with other methods, `SUITE-WHAT.json`. A suite
 * that was not measured has none.
 */
export const storedTables = (): StoredTable[] => {
  const files = readdirSync(tablesFolder).sort();
  return suites.flatMap(({ name }) =>
    [...files.filter((file) => file === `${name}.json`), ...files.filter((file) => file.startsWith(`${name}-`))].map(
      (file) => ({
        name: [name, file.slice(name.length + 1, -".json".length).replaceAll("-", " ")].filter(Boolean).join(", "),
        table: benchmarkTable.parse(JSON.parse(readFileSync(new URL(file, tablesFolder), "utf8"))),
      }),
    ),
  );
};

/** As GitHub makes the anchors of headings. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

export const renderPage = (tables: readonly StoredTable[]): string =>
  [
    "# Benchmarks\n\n",
    "Measured, not chosen: every figure is a mean over seeds 0, 1, 2, …, each run once, by the command under its table. ",
    "Models are selected without target labels; rows that use them are marked. Made by `scripts/make-benchmarks.ts` from ",
    "the tables in `docs/benchmarks/`; a test runs the smallest suite again.\n\n",
    ...tables.map(({ name, table }) => `- [${name}](#${anchor(`${name}: ${table.title}`)})\n`),
    "\n",
    ...tables.map(({ name, table }) => toMarkdown(table, name)).join("\n"),
  ].join("");
