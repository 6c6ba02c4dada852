/** The page of several runs. */
import { describe, expect, test } from "vitest";
import { hostileNames, reportedRun } from "../../test/support/reported-run.ts";
import { compareReport } from "./compare-page.ts";
import type { ReportedComparison } from "./comparison.ts";

const group = (name: string, target: number | null, seeds = 2): ReportedComparison["groups"][number] => ({
  name,
  runs: Array.from({ length: seeds }, (_, seed) => ({
    ...{ run: `runs/${name}-${seed}`, seed, source: 0.9, target, verdict: "helped" as const },
  })),
  source: { mean: 0.9, se: 0.01, n: seeds },
  target: target === null ? null : { mean: target, se: 0.02, n: seeds },
});

const difference = { mean: 0.1, low: 0.02, high: 0.18, n: 2, p: 0.5 };

const comparison = (changes: Partial<ReportedComparison> = {}): ReportedComparison => ({
  metric: "accuracy",
  groups: [group("A", 0.7), group("B", 0.8)],
  comparisons: [{ of: "B", to: "A", source: { ...difference, low: -0.1 }, target: difference, refused: null }],
  version: "0.1.0",
  tables: [
    { title: "Runs", heading: ["", "seeds"], rows: [["A", "0, 1"]] },
    { title: "What differs in the configuration", heading: ["key", "A", "B"], rows: [["a.b", "<1>", "2"]] },
    { title: "Paired differences", heading: ["", "target"], rows: [["B - A", "+0.100"]] },
  ],
  remarks: ["warning: <careful>"],
  command: "dann compare a b --report c.html",
  ...changes,
});

const read: Parameters<typeof compareReport>[1] = async (run) =>
  reportedRun({ result: { run, seed: Number(run.split("-").at(-1)) } });

describe("several runs", () => {
  test("what came out is first, in words that say how sure it is", async () => {
    const page = await compareReport(comparison(), read);
    expect(page).toContain(
      "B against A: +0.100 on the target (95 %: +0.020 to +0.180) over 2 shared seeds: the interval leaves out 0.",
    );
    expect(
      [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id).filter((id) => !id?.startsWith("run-")),
    ).toEqual([...["verdict", "groups", "table-0", "differences", "curves", "runs", "command"]]);
    expect(page).toContain("&lt;1&gt;");
    expect(page).not.toMatch(/NaN|undefined|\[object|https?:\/\/|<script/);
  });

  test.each([
    [{ ...difference, low: -0.05 }, "cannot be told from no difference"],
    [{ ...difference, low: null, high: null, n: 1 }, "over 1 shared seed: one seed shows nothing"],
  ])("an interval with 0 in it, or one seed, is no finding", async (target, words) => {
    const page = await compareReport(
      comparison({ comparisons: [{ of: "B", to: "A", source: null, target, refused: null }] }),
      read,
    );
    expect(page).toContain(words);
  });

  test("refused, without target labels, and one group alone", async () => {
    const refused = comparison({
      comparisons: [{ of: "B", to: "A", source: null, target: null, refused: "other data" }],
    });
    expect(await compareReport(refused, read)).toContain("B is not compared with A: other data.");
    const blind = {
      groups: [group("A", null), group("B", null)],
      comparisons: [{ of: "B", to: "A", source: difference, target: null, refused: null }],
    };
    expect(await compareReport(comparison(blind), read)).toContain("B against A: +0.100 on the source");
    const alone = await compareReport(comparison({ groups: [group("A", 0.7)], comparisons: [] }), read);
    expect(alone).toContain("A: adaptation helped in 2 of 2 runs.");
  });

  test("every run has its own part, and no id is there twice", async () => {
    const page = await compareReport(comparison(), read);
    expect(page.split('<details class="run">')).toHaveLength(5);
    const ids = [...page.matchAll(/ (?:id|name)="([^"]+)"/g)].map(([, id]) => id);
    const radios = ids.filter((id) => id?.endsWith("-colour"));
    expect(new Set(radios).size).toBe(4);
    const others = ids.filter((id) => !radios.includes(id) && id !== "viewport" && id !== "generator");
    expect(new Set(others).size).toBe(others.length);
  });

  test("curves: a line a run, a group in the legend, at most 12 runs and it says so", async () => {
    const page = await compareReport(comparison(), read);
    const curves = /<section id="curves">(.*?)<\/section>/s.exec(page)?.[1] ?? "";
    const [first = ""] = curves.split("</figure>");
    expect(first.split('class="stroke"').length - 1).toBe(4 + 2);
    expect(first).toContain(">A, seed 1</th>");
    const many = await compareReport(comparison({ groups: [group("A", 0.7, 10), group("B", 0.8, 10)] }), read);
    expect(many).toContain("12 of 20 runs");
    expect(many).toContain(">B, seed 5</th>");
    expect(many).not.toContain(">B, seed 6</th>");
  });

  test("forty large runs with hostile names stay below 3 MB, and the page says what it left out", {
    timeout: 120_000,
  }, async () => {
    const classes = [...hostileNames, ...Array.from({ length: 40 }, (_, n) => `class ${n}`)];
    const large = reportedRun({ classes, rows: 1000, width: 8, steps: 2000, epochs: 50 });
    const groups = ["A", "B", "C", "D"].map((name) => group(name, 0.5, 10));
    const page = await compareReport(comparison({ groups }), async () => large);
    expect(Buffer.byteLength(page)).toBeLessThan(3e6);
    expect(page).toMatch(/There is no room for \d+ more runs: dann report RUN/);
    expect(page).not.toMatch(/<script|<svg onload/);
  });
});
