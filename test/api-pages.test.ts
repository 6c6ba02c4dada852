/** The API pages come from the docstrings: they build without a warning, and every public name has its place there. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as dann from "dann";
import * as graph from "dann/graph";
import { expect, test } from "vitest";

interface Page {
  readonly name: string;
  readonly children?: readonly Page[];
}

test("pages for every public name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dann-api-"));
  try {
    const docs = fileURLToPath(new URL("../docs", import.meta.url));
    const json = join(folder, "api.json");
    // In the workspace's own tree, or lifted to the root's: npm decides.
    const main = join(
      dirname(createRequire(join(docs, "package.json")).resolve("typedoc/package.json")),
      "bin/typedoc",
    );
    // Warnings are errors there (docs/typedoc.json): a broken link or an undocumented type ends in a failure here.
    await promisify(execFile)(process.execPath, [main, "--options", "typedoc.json", "--json", json], { cwd: docs });
    const { children = [] } = JSON.parse(readFileSync(json, "utf8")) as Page;
    const pages = (door: string): string[] =>
      (children.find(({ name }) => name === door)?.children ?? []).map(({ name }) => name);
    expect(pages("index")).toEqual(expect.arrayContaining(Object.keys(dann)));
    expect(pages("graph")).toEqual(expect.arrayContaining(Object.keys(graph)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
