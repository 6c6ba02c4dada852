import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluateDocument } from "../../src/cli/documents.ts";
import { dann, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Recordings of slow and fast swings, half a recording each; another sensor swings around another middle. */
function swings(name: string, recordings: number, middle: number): string {
  let text = "recording,left,right,pace\n";
  for (let r = 0; r < recordings; r++)
    for (let t = 0; t < 128; t++) {
      const slow = t < 64 === (r % 2 === 0);
      const phase = (slow ? 0.2 : 1.1) * t + r;
      text += `r${r},${(middle + Math.sin(phase)).toFixed(3)},${Math.cos(phase).toFixed(3)},${slow ? "slow" : "fast"}\n`;
    }
  writeFileSync(file(name), text);
  return file(name);
}
const a = swings("a.csv", 20, 0);
const b = swings("b.csv", 10, 2);
const flags = ["--source", a, "--source-labels", "pace", "--target", b, "--group", "recording", "--window", "32"];

beforeAll(async () => {
  const ran = await dann([
    "adapt",
    ...flags,
    "--channels",
    "left,right",
    "--steps",
    "40",
    "--batch",
    "16",
    "--no-adabn",
    "--out",
    file("run"),
    "--quiet",
  ]);
  expect(ran.code, ran.stderr).toBe(0);
}, 120_000);

test("predict gives a row a window, by recording and first sample", async () => {
  const ran = await dann(["predict", file("run"), b]);
  expect(ran.code, ran.stderr).toBe(0);
  const lines = ran.stdout.trimEnd().split("\n").slice(1);
  expect(lines).toHaveLength(10 * 7);
  expect(lines.slice(0, 3).map((line) => line.split(",")[0])).toEqual(["r0:0", "r0:16", "r0:32"]);
});

test("data inspect cuts windows of the second file at its recordings, too", async () => {
  const reading = ["--labels", "pace", "--group", "recording", "--window", "32", "--channels", "left,right"];
  const ran = await dann(["data", "inspect", a, b, ...reading]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/140 rows of signal.*20 groups.*70 rows of signal.*10 groups/s);
});

test("evaluate leaves mixed windows out, or takes them by most of their samples", async () => {
  const scored = async (...more: string[]): Promise<number> => {
    const ran = await dann(["evaluate", file("run"), b, "--labels", "pace", "--json", ...more]);
    expect(ran.code, ran.stderr).toBe(0);
    const { metrics } = evaluateDocument.parse(JSON.parse(ran.stdout));
    expect(metrics?.accuracy).toBeGreaterThan(0.8);
    return metrics?.rows ?? 0;
  };
  expect([await scored(), await scored("--mixed", "keep")]).toEqual([60, 70]);
});

test("a single recording cannot be held out in part", async () => {
  const ran = await dann([
    "adapt",
    ...flags.filter((flag) => flag !== "--group" && flag !== "recording"),
    ...["--drop", "recording", "--channels", "left,right", "--out", file("one")],
  ]);
  expect(ran.code).toBe(3);
  expect(ran.stderr).toMatch(/no-holdout.*groups that can be held out/);
});

test("what is about windows needs a window", async () => {
  const ran = await dann(["predict", file("run"), b, "--hop", "4", "--id", "recording"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/expected no id column/);
  const without = flags.filter((flag) => flag !== "--window" && flag !== "32");
  expect((await dann(["adapt", ...without, "--hop", "4"])).stderr).toMatch(/give window, too/);
});
