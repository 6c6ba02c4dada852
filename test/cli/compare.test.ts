/** `dann compare` on runs that were really trained. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { CompareDocument } from "../../src/benchmark/compare/document.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [first, second] = [join(folder, "half"), join(folder, "sum")];
const quick = ["--steps", "5", "--no-adabn", "--no-target-trained", "--target-labels", "diagnosis", "--quiet"];

beforeAll(async () => {
  for (const [out, more] of [
    [first, ["--seeds", "0,1"]],
    [second, ["--seed", "1", "--set", "method.domainLoss=sum"]],
  ] as const) {
    const ran = await dann([...quickRun(files, out), ...quick, ...more]);
    expect(ran.code, ran.stderr).toBe(0);
  }
}, 600_000);

test("a folder of seeds beside a run: what differs is said, and the seed that they share is paired", async () => {
  const ran = await dann(["compare", first, second, "--model", "selected", "--json"]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  const document = JSON.parse(ran.stdout) as CompareDocument;
  const schema = JSON.parse(readFileSync(new URL("../../schemas/compare.schema.json", import.meta.url), "utf8"));
  expect(z.fromJSONSchema(schema).safeParse(document).error?.issues).toBeUndefined();
  expect(document.groups.map(({ runs }) => runs.map(({ seed, model }) => [seed, model]))).toEqual([
    [
      [0, "dann"],
      [1, "dann"],
    ],
    [[1, "dann"]],
  ]);
  expect(document.differences).toEqual([{ key: "method.domainLoss", values: { A: "half", B: "sum" } }]);
  expect(document.comparisons).toMatchObject([{ of: "B", to: "A", seeds: [1], refused: null, target: { n: 1, p: 1 } }]);
  expect(document.warnings).toEqual([]);
});

test("tables for people and in a file", async () => {
  const out = join(folder, "compare.md");
  const ran = await dann(["compare", first, second, "--out", out]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toMatch(/^method\.domainLoss +half +sum$/m);
  expect(ran.stdout).toContain(`B: ${second}`);
  expect(readFileSync(out, "utf8")).toContain("| method.domainLoss | half | sum |");
});

test("--report: a page of all of them; a folder of seeds has one already, and each seed its own", async () => {
  const out = join(folder, "compare.html");
  const ran = await dann(["compare", first, second, "--report", out, "--json"]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  const page = readFileSync(out, "utf8");
  expect(page.split('<details class="run">')).toHaveLength(4);
  expect(page).toContain("method.domainLoss");
  expect(page).toContain(`dann compare ${first} ${second} --model chosen --metric accuracy --report ${out}`);
  expect(page).not.toMatch(/NaN|undefined|https?:\/\/|<script/);
  const seeds = readFileSync(join(first, "report.html"), "utf8");
  expect(seeds.split('<details class="run">')).toHaveLength(3);
  expect(readFileSync(join(first, "seed-1/report.html"), "utf8")).toContain("dann report: seed-1");

  // Without a name it is beside where the command was given.
  const cwd = mkdtempSync(join(folder, "pages-"));
  expect((await dann(["compare", first, second, "--report"], { cwd })).code).toBe(0);
  expect(readFileSync(join(cwd, "compare.html"), "utf8")).toContain("method.domainLoss");
});

test.each<[string[], string]>([
  [[first, "--model", "choosen"], "Did you mean chosen?"],
  [[first, "--report", "page.pdf"], "--report: expected a name that ends in .html, got page.pdf"],
  [[first, "--out", "x.tex"], "--out: expected a name that ends in .md or .json"],
])("%j is refused", async (args, message) => {
  const ran = await dann(["compare", ...args]);
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, "", expect.stringContaining(message)]);
});
