/** `dann report` on the folders of runs, made up but for their form. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { dann, mainScript, temporaryFolder } from "../support/cli.ts";
import { makeRun } from "../support/run-folders.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** What is spawned is built first. */
beforeAll(() => void mainScript(), 300_000);
const run = makeRun(join(folder, "run"), {
  seed: 3,
  config: { data: { source: "/a b.csv", target: "/c.csv" } },
});

test("a page in the run's folder, and one document with --json", async () => {
  const ran = await dann(["report", run, "--json"]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  const schema = JSON.parse(readFileSync(new URL("../../schemas/report.schema.json", import.meta.url), "utf8"));
  const document = JSON.parse(ran.stdout) as unknown;
  expect(z.fromJSONSchema(schema).safeParse(document).error?.issues).toBeUndefined();
  const page = readFileSync(join(run, "report.html"));
  expect(document).toEqual({ schema: 1, run, out: join(run, "report.html"), bytes: page.length });
  expect(page.toString()).toContain(`dann adapt --config ${run}/config.yaml --out FOLDER`);
  expect(page.toString()).toContain("Adaptation helped");
});

test("several sources are files as well", async () => {
  const several = makeRun(join(folder, "several"), {
    seed: 0,
    config: { data: { source: ["/a.csv", "/b.csv"], target: "/c.csv" } },
  });
  expect((await dann(["report", several])).code).toBe(0);
  expect(readFileSync(join(several, "report.html"), "utf8")).toContain(`dann adapt --config ${several}/config.yaml`);
});

test("elsewhere with --out", async () => {
  const out = join(folder, "page.html");
  const ran = await dann(["report", run, "--out", out]);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/page\.html: [\d.]+ kB\n$/)]);
  expect(existsSync(out)).toBe(true);
});

test("a run of code or of a suite has no command that repeats it, and the page says so", async () => {
  const suite = makeRun(join(folder, "suite"), { seed: 0, config: { data: { suite: "moons" } } });
  expect((await dann(["report", suite])).code).toBe(0);
  expect(readFileSync(join(suite, "report.html"), "utf8")).toContain("no one command repeats it");
});

test("what is no finished run, and what is no page, is refused", async () => {
  const begun = join(folder, "begun");
  mkdirSync(begun);
  writeFileSync(join(begun, "config.yaml"), "train: {}\n");
  const damaged = makeRun(join(folder, "damaged"), { seed: 0 });
  writeFileSync(join(damaged, "embedding.npz"), "no zip");
  for (const [args, code, words] of [
    [[begun], 3, `dann adapt --resume ${begun}`],
    [[join(folder, "none")], 3, "expected the folder of a run"],
    [[damaged], 3, "expected an NPZ (zip) file"],
    [[run, "--out", "page.pdf"], 2, "--out: expected a name that ends in .html, got page.pdf"],
  ] as const) {
    const ran = await dann(["report", ...args]);
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, "", expect.stringContaining(words)]);
  }
});
