/** The study of validators on stores that were made by hand: what it must say is known. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { validatorsPage } from "../scripts/validator-study/page.ts";
import { readStudyRuns } from "../scripts/validator-study/runs.ts";
import { spearman } from "../scripts/validator-study/spearman.ts";
import { studyOf } from "../scripts/validator-study/study.ts";
import type { AdaptResult } from "../src/adapt/result.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Made {
  readonly suite: string;
  readonly task: string;
  readonly seed?: number;
  readonly method?: string;
  /** Of each evaluation. */
  readonly target: readonly number[];
  readonly validators: Readonly<Record<string, readonly number[]>>;
  readonly chosen?: number;
  readonly verdict?: AdaptResult["verdict"]["code"];
}

function store(...jobs: readonly (Made | "baseline" | "unfinished")[]): string {
  const folder = mkdtempSync(join(tmpdir(), "dann-study-"));
  folders.push(folder);
  jobs.forEach((job, i) => {
    const own = join(folder, "jobs", String(i));
    mkdirSync(own, { recursive: true });
    const write = (name: string, text: string): void => writeFileSync(join(own, name), text);
    if (job === "unfinished") {
      write("metrics.jsonl", "");
      return;
    }
    if (job === "baseline") {
      write("result.json", JSON.stringify({ schema: 1, kind: "baseline", name: "1-NN" }));
      return;
    }
    const { suite, task, seed = 0, method = "dann", target, validators, chosen = 0, verdict = "helped" } = job;
    write(
      "config.yaml",
      JSON.stringify({ data: { suite, task }, method: { name: method }, train: { seed }, evaluate: { sample: 500 } }),
    );
    const event = (model: string, epoch: number, scores: object, scored: object): string =>
      JSON.stringify({ type: "epoch", model, epoch, step: 10 * epoch, validators: scored, scores });
    const lines = target.map((accuracy, k) => {
      const scored = Object.fromEntries(Object.entries(validators).map(([name, values]) => [name, values[k]]));
      return event(method, k + 1, { source: 0.9, target: accuracy }, scored);
    });
    const first = event("source-only", 1, { source: 0.9 }, { "source-accuracy": 0.9 });
    write("metrics.jsonl", [JSON.stringify({ type: "plan" }), first, ...lines, ""].join("\n"));
    write("result.json", JSON.stringify(resultOf(chosen, target, verdict)));
  });
  return folder;
}

function resultOf(chosen: number, target: readonly number[], code: AdaptResult["verdict"]["code"]): AdaptResult {
  const scores = (accuracy: number) => ({
    ...{ rows: 400, accuracy, balancedAccuracy: accuracy, macroF1: accuracy },
    ...{ perClass: [], confusion: [] },
  });
  const model = (name: string, accuracy: number, selection: "last" | "validator"): AdaptResult["models"][number] => ({
    ...{ name, method: name, selection, selectable: true, epoch: 1, validators: {} },
    metrics: { source: scores(0.9), target: scores(accuracy) },
    scoredOn: { source: "source-test", target: "target-test" },
  });
  return {
    schema: 1,
    run: null,
    task: { kind: "classification", classes: ["a", "b"], sourceRows: 9, targetRows: 9, inputShape: [1] },
    network: { name: "mlp", description: "", why: "", parameters: 1 },
    models: [model("source-only", 0.5, "last"), model("dann", target.at(-1) ?? 0, "validator")],
    chosen,
    verdict: { code, text: "", remedies: [] },
    domainDistance: { before: 1, sourceOnly: 1, after: 1 },
    ...{ steps: 1, seconds: 1, stepsPerSecond: 1, device: "cpu", threads: 1, seed: 0 },
    verification: { difference: 0, rows: 1 },
    warnings: [],
    version: "0",
  };
}

test("Spearman's correlation, ties and degenerate cases", () => {
  expect(spearman([1, 2, 3], [10, 20, 50])).toBe(1);
  expect(spearman([1, 2, 3], [3, 2, 1])).toBe(-1);
  // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]): ranks 0 1.5 1.5 3 and 0 2 1 3.
  expect(spearman([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(spearman([1, 2], [1, 2])).toBeNull();
});

const kept = [0.9, 0.9, 0.9];
const good: Made = {
  suite: "moons",
  task: "moons-30",
  target: [0.6, 0.8, 0.7],
  // snd is right, bnm wrong, entropy (lower is better) right.
  validators: {
    "source-accuracy": kept,
    "information-maximisation": [0.1, 0.2, 0.3],
    snd: [1, 3, 2],
    bnm: [0.9, 0.1, 0.2],
    entropy: [0.6, 0.2, 0.4],
  },
  chosen: 1,
};

describe("a store", () => {
  const other: Made = {
    ...good,
    suite: "digits",
    task: "a-b",
    target: [0.4, 0.5, 0.9],
    // Here snd is wrong and bnm is right.
    validators: { ...good.validators, snd: [3, 2, 1], bnm: [0.1, 0.2, 0.3], entropy: [0.1, 0.2, 0.3] },
  };
  const { runs, leftOut } = readStudyRuns(
    store(
      good,
      { ...good, seed: 1, target: [0.6, 0.9, 0.7] },
      other,
      "baseline",
      "unfinished",
      { ...good, task: "short", target: [0.5, 0.6] },
      { ...good, task: "alone", method: "source-only" },
    ),
  );
  const study = studyOf(runs);
  const [digits, moons] = study.cells;

  test("what cannot be used is counted, not passed over in silence", () => {
    expect(runs.map(({ family, task, seed }) => [family, task, seed])).toEqual([
      ["digits", "a-b", 0],
      ["moons", "moons-30", 0],
      ["moons", "moons-30", 1],
    ]);
    expect(leftOut).toEqual({
      "no adaptation": 1,
      "not finished": 1,
      "fewer than 3 evaluations": 1,
      "source-only alone": 1,
    });
  });

  test("correlations and losses, the mean of seeds, by each one's direction", () => {
    expect(moons).toMatchObject({ runs: 2, epochs: 3, oracle: expect.closeTo(0.85, 12) });
    expect(moons?.correlation.get("snd")).toBe(1);
    expect(moons?.correlation.get("entropy")).toBe(1);
    expect(moons?.correlation.get("bnm")).toBe(-1);
    expect(moons?.correlation.get("source-accuracy")).toBeNull();
    expect(moons?.correlation.get("mixval")).toBeNull();
    expect(moons?.lost.get("snd")).toBe(0);
    expect(moons?.lost.get("entropy")).toBe(0);
    // Seed 0 takes .6 of .8, seed 1 .6 of .9.
    expect(moons?.lost.get("bnm")).toBeCloseTo(0.25, 12);
    // The last, by information: .7 of .8 and of .9.
    expect(moons?.lost.get("last")).toBeCloseTo(0.15, 12);
    expect(moons?.lost.get("auto")).toBeCloseTo(0.15, 12);
    expect(digits?.lost.get("bnm")).toBe(0);
    expect(digits?.gain).toEqual({ mean: expect.closeTo(0.4, 12), worst: expect.closeTo(0.4, 12) });
  });

  test("a family is judged by the choice of the others, which may be a bad one", () => {
    expect(study.leftOut).toEqual([
      // On moons entropy and snd lose nothing; entropy is named first, and on digits takes .4 of .9.
      { family: "digits", choice: "entropy", lost: expect.closeTo(0.5, 12) },
      // On digits the last epoch is the best: auto is the first to take it.
      { family: "moons", choice: "auto", lost: expect.closeTo(0.15, 12) },
    ]);
  });

  test("verdicts, with what became of the models that were not chosen", () => {
    const lost: Made = { ...good, seed: 2, target: [0.6, 0.9, 0.3], chosen: 0, verdict: "negative-transfer" };
    const sure: Made = { ...good, seed: 3, method: "mcc" };
    const { cells, judged } = studyOf(readStudyRuns(store(good, other, lost, sure)).runs);
    expect(judged).toEqual([
      { verdict: "helped", sharpens: false, runs: 2, mean: expect.closeTo(0.3, 12), better: 2, worse: 0 },
      { verdict: "helped", sharpens: true, runs: 1, mean: expect.closeTo(0.2, 12), better: 1, worse: 0 },
      { verdict: "negative-transfer", sharpens: false, runs: 1, mean: expect.closeTo(-0.2, 12), better: 0, worse: 1 },
    ]);
    expect(cells.find(({ family }) => family === "moons")?.verdicts).toMatchObject({
      helped: 1,
      "negative-transfer": 1,
    });
  });

  test("the page", () => {
    const page = validatorsPage({ runs, leftOut }, "command");
    expect(page).toContain("3 runs, 2 cells, 2 families; left out: 1 (fewer than 3 evaluations), 1 (no adaptation)");
    expect(page).toContain("| snd | -1.00 | 1.00 | 0.00 |");
    expect(page).toContain("| bnm | 0.0 | 25.0 | 12.5 |");
    expect(page).toContain("| digits | entropy | 50.0 | 0.0 | 0.0 |");
    expect(page).toContain("| digits: a-b | dann | 1 | 3 | 90.0 | 0.0 | 0.0 | 40.0 | 40.0 | helped |");
    expect(page).not.toContain("NaN");
  });
});

test("one family has no others; without any usable run there is no page", () => {
  const { runs, leftOut } = readStudyRuns(store(good));
  expect(validatorsPage({ runs, leftOut }, "")).toContain("Needs two families or more.");
  expect(() => validatorsPage(readStudyRuns(store("baseline")), "")).toThrow(
    "expected runs that were scored on target labels at three evaluations or more, got none (1 (no adaptation))",
  );
  expect(() => readStudyRuns(tmpdir())).toThrow("expected the store of a benchmark");
});
