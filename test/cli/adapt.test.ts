import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adaptResult } from "../../src/adapt/result.ts";
import { clinics, dann, quickRun, type Ran, temporaryFolder } from "../support/cli.ts";

const folder = temporaryFolder();
const files = clinics(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a run", () => {
  const out = join(folder, "run");
  let ran: Ran;
  beforeAll(async () => {
    ran = await dann([...quickRun(files, out), "--target-labels", "diagnosis", "--json"]);
  }, 120_000);

  test("exits with 0 and prints exactly one document, which result.json repeats", () => {
    expect(ran.code, ran.stderr).toBe(0);
    const document = adaptResult.parse(JSON.parse(ran.stdout));
    expect(JSON.parse(readFileSync(join(out, "result.json"), "utf8"))).toEqual(JSON.parse(ran.stdout));
    expect(document.run).toBe(out);
    expect(document.task).toMatchObject({ classes: ["sick", "well"], sourceRows: 108, targetRows: 120 });
  });

  test("has the rows of design 6, the last two marked not selectable", () => {
    const { models } = adaptResult.parse(JSON.parse(ran.stdout));
    expect(models.map(({ name, selection, selectable }) => [name, selection, selectable])).toEqual([
      ["source-only", "last", true],
      ["adabn", "last", true],
      ["dann", "last", true],
      ["dann", "validator", true],
      ["dann", "oracle", false],
      ["target-trained", "target-trained", false],
    ]);
    expect(models.at(-1)?.scoredOn.target).toBe("target-holdout");
  });

  test("its folder holds what the design lists, and nothing unfinished", () => {
    expect(readdirSync(out).sort()).toEqual([
      "checkpoint",
      "config.yaml",
      "embedding.npz",
      "labels.json",
      "log.txt",
      "metrics.jsonl",
      "model.onnx",
      "report.html",
      "result.json",
    ]);
    const events = readFileSync(join(out, "metrics.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(["plan", "start", "step", "epoch", "checkpoint", "done"]),
    );
    expect(JSON.parse(readFileSync(join(out, "labels.json"), "utf8"))).toEqual(["sick", "well"]);
  });

  test("progress went to stderr, and nothing moved", () => {
    expect(ran.stderr).toContain("dann 100% 40/40");
    expect(ran.stderr).not.toContain("\r");
    expect(ran.stderr).not.toContain("\u001b");
  });

  test("the same place is refused a second time", async () => {
    const again = await dann(quickRun(files, out));
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(`--resume ${out}`);
  });
});

test("without target labels nothing of the target is scored", async () => {
  const out = join(folder, "unlabelled");
  const ran = await dann([...quickRun(files, out), "--json", "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toBe("");
  const { models } = adaptResult.parse(JSON.parse(ran.stdout));
  expect(models.map(({ selection }) => selection)).toEqual(["last", "last", "last", "validator"]);
  expect(models.every(({ metrics, scoredOn }) => metrics.target === null && scoredOn.target === null)).toBe(true);
});

test("target labels do not change what is chosen, or a bit of the model", async () => {
  const [with_, without] = [join(folder, "run"), join(folder, "unlabelled")];
  const result = (path: string) => adaptResult.parse(JSON.parse(readFileSync(join(path, "result.json"), "utf8")));
  const [a, b] = [result(with_), result(without)];
  expect(a.verdict).toEqual(b.verdict);
  expect([a.models[a.chosen]?.name, a.models[a.chosen]?.epoch]).toEqual([
    b.models[b.chosen]?.name,
    b.models[b.chosen]?.epoch,
  ]);
  expect(readFileSync(join(with_, "model.onnx")).equals(readFileSync(join(without, "model.onnx")))).toBe(true);
});

test("test files score, and never train", async () => {
  const out = join(folder, "tests");
  const args = [
    "--source-test",
    files.a,
    "--target-test",
    files.c,
    "--target-labels",
    "diagnosis",
    "--method",
    "source-only",
  ];
  const ran = await dann([...quickRun(files, out), ...args, "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const { task, models, verdict, warnings } = adaptResult.parse(JSON.parse(ran.stdout));
  expect(task.sourceRows).toBe(120);
  expect(models[0]?.scoredOn).toEqual({ source: "source-test", target: "target-test" });
  expect(models.map(({ name }) => name)).toEqual(["source-only", "target-trained"]);
  expect(verdict.code).toBe("no-gain");
  // The very file that trains was given as test rows.
  expect(warnings.join(" ")).toContain("Was the same file given twice?");
});

test("--dry-run reads and checks, and writes nothing", async () => {
  const out = join(folder, "dry");
  const ran = await dann([...quickRun(files, out), "--dry-run", "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    dryRun: true,
    run: out,
    task: { sourceRows: 108, inputShape: [4] },
    trainings: [{ name: "source-only", steps: 40 }, { name: "adabn" }, { name: "dann", steps: 40 }],
  });
  expect(existsSync(out)).toBe(false);
});

test("a table for people", async () => {
  const ran = await dann([
    ...quickRun(files, join(folder, "people")),
    "--target-labels",
    "diagnosis",
    "--no-adabn",
    "--no-target-trained",
  ]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/^model +epoch +source +target +target macro F1\nsource-only /);
  expect(ran.stdout).not.toMatch(/adabn|target-trained/);
  expect(ran.stdout).toContain("(not selectable)");
  expect(ran.stdout).toMatch(/\n(helped|no-gain|negative-transfer): /);
});

test("a method that diverges: exit code 1, and a result in which source-only stands", async () => {
  const out = join(folder, "diverged");
  const settings = ["--preset", "paper", "--network", "mlp", "--set", "network.options.activation=relu"];
  const ran = await dann([
    ...quickRun(files, out),
    ...settings,
    "--set",
    "train.lambda={name: constant, value: 1e12}",
    "--set",
    "train.gradientClip=1e30",
    "--json",
  ]);
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stderr).toMatch(/error\[diverged\]: .*step \d+/);
  const result = adaptResult.parse(JSON.parse(ran.stdout));
  expect([result.verdict.code, result.models[result.chosen]?.name]).toEqual(["diverged", "source-only"]);
  expect(existsSync(join(out, "model.onnx"))).toBe(true);
});

test("a run whose working folder is removed ends all the same: whole, or with an error of writing", async () => {
  const lost = temporaryFolder();
  const out = join(lost, "runs/lost");
  const flags = quickRun({ a: files.a, b: files.b }, "runs/lost");
  const ran = await dann([...flags.map((flag) => (flag === "40" ? "600" : flag)), "--quiet"], {
    cwd: lost,
    started(child) {
      const timer = setInterval(() => {
        if (!existsSync(join(out, "metrics.jsonl"))) return;
        try {
          rmSync(lost, { recursive: true, force: true });
        } catch {
          return; // The run wrote a file in between: what is left goes the next time.
        }
        clearInterval(timer);
      }, 5);
      child.on("close", () => clearInterval(timer));
    },
  });
  // Which of the two depends on what was being written at that moment.
  if (ran.code === 0) expect(existsSync(join(out, "model.onnx"))).toBe(true);
  else expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining("cannot be written")]);
  rmSync(lost, { recursive: true, force: true });
});

test("several seeds: a folder each and a summary; the second time nothing is trained again", async () => {
  const out = join(folder, "seeds");
  const ran = await dann([...quickRun(files, out), "--seeds", "0,1", "--target-labels", "diagnosis", "--json"]);
  expect(ran.code, ran.stderr).toBe(0);
  const summary = JSON.parse(ran.stdout) as {
    runs: string[];
    models: { name: string; target: { n: number; sd: number } }[];
  };
  expect(readdirSync(out).sort()).toEqual(["config.yaml", "report.html", "seed-0", "seed-1", "summary.json"]);
  expect(summary.runs).toEqual([join(out, "seed-0"), join(out, "seed-1")]);
  expect(summary.models.map(({ target }) => target.n)).toEqual([2, 2, 2, 2, 2, 2]);
  const again = await dann(["adapt", "--resume", out, "--json"]);
  expect(again.stderr).not.toContain("steps/s");
  expect(JSON.parse(again.stdout)).toEqual(summary);
});
