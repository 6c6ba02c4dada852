/** `--task` from the command line: a regression from files to predictions, kill and resume, and what is refused. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEmbedding } from "../../src/adapt/embedding-file.ts";
import { type AdaptResult, adaptResult } from "../../src/adapt/result.ts";
import { seedsSummary } from "../../src/adapt/seeds.ts";
import { evaluateDocument, exportDocument, inspectDocument, predictDocument } from "../../src/cli/documents.ts";
import { clinics, dann, quickRun, temporaryFolder } from "../support/cli.ts";
import { fingerprint, killAfter } from "../support/resume.ts";
import { shiftedFiles } from "../support/shifted-regression.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = shiftedFiles(folder, 0, 200);
const out = join(folder, "run");

const quick = (to: string, ...more: string[]): string[] => [
  ...["adapt", "--task", "regression", "--source", files.a, "--source-labels", "price", "--target", files.b],
  ...["--id", "house", "--target-labels", "price", "--steps", "200", "--out", to, ...more],
];

let result: AdaptResult;
beforeAll(async () => {
  const ran = await dann(quick(out, "--json", "--quiet"));
  expect(ran.code, ran.stderr).toBe(0);
  result = adaptResult.parse(JSON.parse(ran.stdout));
}, 300_000);

const ran = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await dann(args);
  expect(code, stderr).toBe(0);
  return stdout;
};

describe("data inspect", () => {
  test("sums up labels that are numbers, and counts no classes", async () => {
    const asked = ["data", "inspect", files.a, files.b, "--id", "house", "--labels", "price", "--task", "regression"];
    const { datasets, findings } = inspectDocument.parse(JSON.parse(await ran(...asked, "--json")));
    const prices = readFileSync(files.a, "utf8").trim().split("\n").slice(1);
    expect(datasets[0]?.labels).toMatchObject({ notFinite: 0 });
    expect(datasets[0]?.labels?.min).toBeLessThan(datasets[0]?.labels?.mean ?? 0);
    expect(datasets[0]).toMatchObject({ rows: prices.length });
    expect(datasets[0]).not.toHaveProperty("classes");
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    expect(await ran(...asked)).toMatch(/labels [-\d.]+ to [-\d.]+, mean [-\d.]+, deviation [\d.]+/);
    expect(await ran(...asked.slice(0, -2))).toContain(" classes: ");
  });

  test("says which label is no number", async () => {
    const path = join(folder, "strays.csv");
    writeFileSync(path, "area,price\n1,10\n2,dear\n3,30\n");
    const text = await ran("data", "inspect", path, "--labels", "price", "--task", "regression");
    expect(text).toContain("labels 10 to 30, mean 20, deviation 10, 1 not a number");
    expect(text).toContain('label of row 2: expected a finite number, because the task is a regression, got "dear"');
  });

  test("refuses a task that there is none of", async () => {
    const { code, stderr } = await dann(["data", "inspect", files.a, "--task", "ranking"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--task: expected classification, binary, regression, got ranking");
  });
});

describe("a regression", () => {
  test("has errors in the label's unit in the place of accuracies, and says what does not apply", async () => {
    const rows = result.models.map(({ name, selection, selectable }) => `${name} ${selection} ${selectable}`);
    expect(rows).toEqual([
      ...["source-only last true", "adabn last true", "dann last true", "dann validator true", "dann oracle false"],
      "target-trained target-trained false",
    ]);
    for (const { metrics, errors } of result.models) {
      expect(metrics).toEqual({ source: null, target: null });
      expect(errors?.source.rmse).toBeGreaterThan(0);
      expect(errors?.target?.mae).toBeLessThanOrEqual(errors?.target?.rmse ?? 0);
    }
    const { verdict } = result;
    expect(verdict.code).not.toBe("helped");
    expect(verdict.text).toContain("The error on the target is not estimated");
    expect(JSON.parse(readFileSync(join(out, "labels.json"), "utf8"))).toEqual([]);
  });

  test("prints a table of errors", async () => {
    const text = await ran("adapt", "--resume", out);
    expect(text).toMatch(/model +epoch +source +target +target MAE +target R2/);
    expect(text).toContain("source: RMSE on held-out source rows; target: RMSE on the adapted rows");
    expect(text).toContain("not applicable to a regression: calibration, prediction-collapse, label-shift");
    expect(text).not.toMatch(/accuracy on|classes/);
  });

  test("draws predicted against true, and no confusion", async () => {
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("Predicted against true");
    expect(page).toContain("Error (RMSE) on the target");
    expect(page).not.toContain("Confusion");
    expect(page).not.toContain("NaN");
    const arrays = await readEmbedding(join(out, "embedding.npz"));
    expect(arrays.target_truth?.dims).toEqual([200]);
    expect(arrays.source_predicted?.dims).toEqual(arrays.source_truth?.dims);
  });

  test("predicts numbers in every format, and evaluates them as training did", async () => {
    const text = await ran("predict", out, files.b, "--id", "house");
    const lines = text
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(lines[0]).toEqual(["id", "value"]);
    expect(lines[1]?.[0]).toBe("r0");
    expect(lines.length).toBe(201);
    const jsonl = join(folder, "out.jsonl");
    const said = predictDocument.parse(JSON.parse(await ran("predict", out, files.b, "--out", jsonl, "--json")));
    expect(said).toMatchObject({ rows: 200, classes: {}, probabilities: null, abstained: null });
    const first = JSON.parse(readFileSync(jsonl, "utf8").split("\n")[0] ?? "") as { id: string; value: number };
    expect(first).toEqual({ id: "0", value: Number(lines[1]?.[1]) });
    expect(said.value?.min).toBeLessThanOrEqual(first.value);
    const npz = join(folder, "out.npz");
    await ran("predict", out, files.b, "--out", npz);
    expect(Number((await readEmbedding(npz)).value?.values[0])).toBeCloseTo(first.value, 3);

    const scored = evaluateDocument.parse(
      JSON.parse(await ran("evaluate", out, files.b, "--labels", "price", "--json")),
    );
    expect(scored.metrics).toBeNull();
    const errors = result.models[result.chosen]?.errors?.target;
    for (const key of ["rmse", "mae", "r2"] as const) expect(scored.errors?.[key]).toBeCloseTo(errors?.[key] ?? 0, 3);
    expect(await ran("evaluate", out, files.b, "--labels", "price")).toMatch(
      /^RMSE [\d.]+, MAE [\d.]+, R2 -?[\d.]+ on 200 rows\n$/,
    );
  });

  test("exports one output in the label's unit, verified in both engines", async () => {
    const file = join(folder, "model.onnx");
    const said = exportDocument.parse(JSON.parse(await ran("export", out, "--model", "dann", "--out", file, "--json")));
    expect(said.outputs).toEqual([{ name: "value", dtype: "float32", shape: ["N", 1] }]);
    expect(said.classes).toEqual([]);
    expect(said.verification.map((one) => "absent" in one)).not.toContain(true);
    expect(said.withoutData).toBeNull();
    const both = join(folder, "with-domain.onnx");
    const domain = await ran("export", out, "--model", "dann", "--with", "domain-classifier", "--out", both, "--json");
    expect(exportDocument.parse(JSON.parse(domain)).outputs.map(({ name }) => name)).toEqual([
      "value",
      "domainLogit",
      "domain",
    ]);
  });

  test("says what it would do", async () => {
    const text = await ran(...quick(join(folder, "dry")), "--dry-run");
    expect(text).toContain("labels     numbers (regression)");
    expect(existsSync(join(folder, "dry"))).toBe(false);
  });

  test("killed and resumed gives the same bits", async () => {
    const more = [
      ...["--no-target-trained", "--no-adabn", "--steps", "150"],
      "--set",
      "train.checkpointEvery=30",
      "--set",
      "train.logEvery=7",
      "--select",
      "source-risk",
      "--quiet",
    ];
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    await ran(...quick(whole, ...more));
    const lines = readFileSync(join(whole, "metrics.jsonl"), "utf8").split("\n").length;
    const dead = await killAfter(quick(killed, ...more), killed, Math.floor(0.6 * lines), "SIGKILL");
    expect(dead.code).toBeNull();
    await ran("adapt", "--resume", killed, "--quiet");
    expect(fingerprint(killed)).toEqual(fingerprint(whole));
  }, 300_000);

  test("over three seeds DANN's error on the target is below source-only's, and they are summed up by it", async () => {
    const seeds = join(folder, "seeds");
    const few = ["--no-target-trained", "--no-adabn", "--steps", "150"];
    const text = await ran(...quick(seeds, "--seeds", "0,1,2", ...few, "--json", "--quiet"));
    const summary = seedsSummary.parse(JSON.parse(text));
    expect(summary.metric).toBe("rmse");
    const dannRow = summary.models.find(({ name, selection }) => name === "dann" && selection === "last");
    expect(dannRow?.target?.n).toBe(3);
    const baseline = summary.models.find(({ name }) => name === "source-only");
    expect(dannRow?.target?.mean).toBeLessThan(0.7 * (baseline?.target?.mean ?? 0));
    // Also on the worst of the three.
    expect((dannRow?.difference?.mean ?? 0) + 2 * (dannRow?.difference?.sd ?? 0)).toBeLessThan(0);
    expect(summary.verdicts).not.toHaveProperty("helped", 3);
    expect(existsSync(join(seeds, "report.html"))).toBe(false);
  }, 300_000);
});

describe("refused in one line", () => {
  const text = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const rows = (label: (i: number) => string): string =>
    `x,price\n${Array.from({ length: 40 }, (_, i) => `${i},${label(i)}`).join("\n")}\n`;
  const adapting = (source: string, ...more: string[]): string[] => [
    ...["adapt", "--task", "regression", "--source", source, "--source-labels", "price", "--target", files.b],
    ...["--drop", "house,length,width,price", "--steps", "5", "--out", join(folder, "never"), ...more],
  ];

  test.each<[string, () => string[], number, RegExp]>([
    [
      "words",
      () =>
        adapting(
          text(
            "words.csv",
            rows((i) => (i === 7 ? "dear" : "1")),
          ),
        ),
      3,
      /words\.csv: line 9, column "price": expected a finite number for a label, because the task is a regression, got "dear"/,
    ],
    [
      "NaN",
      () =>
        adapting(
          text(
            "nan.csv",
            rows((i) => (i === 3 ? "NaN" : String(i))),
          ),
        ),
      3,
      /nan\.csv: line 5, column "price": .* got "NaN"/,
    ],
    [
      "one label",
      () =>
        adapting(
          text(
            "one.csv",
            rows(() => "4"),
          ),
        ),
      3,
      /one\.csv: expected labels that differ, got 4 in every row/,
    ],
    [
      "words of the target",
      () => adapting(files.a, "--target-labels", "house"),
      3,
      /b\.csv: line 2, column "house": .* got "r0"/,
    ],
    [
      "a method of classes",
      () => quick(join(folder, "never"), "--method", "mcd"),
      2,
      /method mcd: expected one that takes numbers for labels, because the task is a regression, got mcd: its discrepancy/,
    ],
    [
      "a task that is none",
      () => quick(join(folder, "never"), "--task", "ranking"),
      2,
      /--task.*: expected one of classification, binary, regression, got "ranking"/,
    ],
    [
      "abstaining",
      () => ["predict", out, files.b, "--abstain-below", "0.8"],
      2,
      /--abstain-below: expected a classifier, but .* is a regression/,
    ],
    [
      "raw probabilities",
      () => ["predict", out, files.b, "--raw-probabilities"],
      2,
      /--raw-probabilities: expected a classifier/,
    ],
    [
      "words to evaluate with",
      () => ["evaluate", out, files.b, "--labels", "house"],
      3,
      /b\.csv: line 2, column "house"/,
    ],
    [
      "a sweep",
      () => ["sweep", ...quick("x").slice(1, -2), "--grid", "train.lambda.max=0.1,1", "--store", join(folder, "store")],
      2,
      /task \(--task\): expected classification or binary, because settings are ranked by what classes tell, got regression/,
    ],
    [
      "a benchmark",
      () => ["benchmark", "moons", "--set", "task=regression", "--dry-run"],
      2,
      /task: expected classification, because suites are tables of the accuracy of classifiers, got regression/,
    ],
    [
      "a comparison",
      () => ["compare", out],
      2,
      /expected a classifier, got a regression: runs are compared by accuracy/,
    ],
    [
      "a probe of label shift",
      () => ["probe", "--source", files.a, "--target", files.b, "--drop", "house,price", "--run", out],
      2,
      /--run: expected the run of a classifier/,
    ],
    [
      "a refinement",
      () => ["adapt", "--from", out, "--target", files.b, "--method", "shot"],
      2,
      /--from: .* is a regression: shot goes on from class probabilities/,
    ],
  ])("%s", async (_, args, code, message) => {
    const { code: ended, stderr, stdout } = await dann(args());
    expect(stderr.replaceAll("\n", " ")).toMatch(message);
    expect(ended, stdout).toBe(code);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  test("three classes of a binary task", async () => {
    const three = text(
      "three.csv",
      rows((i) => "abc"[i % 3] ?? ""),
    );
    const { code, stderr } = await dann([...adapting(three), "--task", "binary"]);
    expect(stderr).toMatch(/three\.csv: expected the two classes of a binary task, got 3: a, b, c/);
    expect(code).toBe(3);
  });
});

test("two classes by one logit go through run, export and refinement", async () => {
  const own = join(folder, "clinics");
  const clinic = clinics(folder, 60);
  const run = [...quickRun(clinic, own), "--task", "binary", "--target-labels", "diagnosis", "--json", "--quiet"];
  const said = adaptResult.parse(JSON.parse(await ran(...run)));
  expect(said.task).toMatchObject({ kind: "binary", classes: ["sick", "well"] });
  expect(said.models[said.chosen]?.calibration?.temperature).toBeGreaterThan(0);
  expect(said.network.description).toContain("[0, logit]");
  const exported = await ran("export", own, "--out", join(folder, "binary.onnx"), "--json");
  expect(exportDocument.parse(JSON.parse(exported)).withoutData).toBeNull();
  const text = await ran("predict", own, clinic.b, "--abstain-below", "0.7");
  expect(text).toMatch(/^id,label,abstained,p_sick,p_well\n/);
  const refined = await ran(
    ...[
      "adapt",
      "--from",
      own,
      "--target",
      clinic.c,
      "--method",
      "shot",
      "--steps",
      "10",
      "--out",
      join(folder, "shot"),
      "--json",
    ],
  );
  expect(adaptResult.parse(JSON.parse(refined)).task.kind).toBe("binary");
}, 120_000);
