/** A few labels of the target given for training: what they are worth, what they may not touch, and how they are given. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AdaptOptions, type AdaptResult, adapt, type Dataset, moons, poolDatasets } from "dann";
import { afterAll, describe, expect, test } from "vitest";
import { selectDataset } from "../src/data/select.ts";
import { clinics, dann, quickRun, temporaryFolder } from "./support/cli.ts";
import { fingerprint, killAfter } from "./support/resume.ts";

/** So many rows of each class, and the others. */
function parted(dataset: Dataset, each: number): { given: Dataset; rest: Dataset } {
  const counts = new Map<string | undefined, number>();
  const [given, rest]: [number[], number[]] = [[], []];
  dataset.labels?.forEach((label, row) => {
    const seen = counts.get(label) ?? 0;
    counts.set(label, seen + 1);
    (seen < each ? given : rest).push(row);
  });
  return { given: selectDataset(dataset, given), rest: selectDataset(dataset, rest) };
}

/** Every label wrong. */
const wronged = (dataset: Dataset): Dataset => ({
  ...dataset,
  labels: (dataset.labels ?? []).map((label) => (label === "0" ? "1" : "0")),
});

const accuracyOf = ({ models }: AdaptResult, name: string, selection = "last"): number =>
  models.find((row) => row.name === name && row.selection === selection)?.metrics.target?.accuracy ?? Number.NaN;
const bothLabels = "source-and-labelled-target";

/** Half circles turned so far that without labels the wrong ones are joined. */
async function turned(seed: number, more: (parts: ReturnType<typeof parted>) => Partial<AdaptOptions>) {
  const { source, target } = moons({ rows: 300, rotation: 70, seed });
  const parts = parted(target, 5);
  const run = await adapt({
    ...{ source, target: parts.rest, thread: "same" as const },
    evaluate: { targetTrained: false, adabn: false, evaluations: 3 },
    train: { steps: 500, seed },
    ...more(parts),
  });
  return { result: await run.done, model: await run.model() };
}

test.each([0, 1, 2])("five labelled rows a class turn the half circles the right way, seed %d", async (seed) => {
  const { result: without } = await turned(seed, () => ({}));
  const { result } = await turned(seed, ({ given }) => ({ targetLabelled: given }));
  expect(result.task).toMatchObject({ targetRows: 290, labelledTargetRows: 10 });
  expect(without.task.labelledTargetRows).toBeUndefined();
  expect(without.models.some(({ name }) => name === bothLabels)).toBe(false);
  // What the labels are worth by themselves is told beside what adaptation makes of them.
  expect(accuracyOf(result, bothLabels)).toBeGreaterThan(accuracyOf(result, "source-only") + 0.3);
  expect(accuracyOf(result, "dann")).toBeGreaterThan(accuracyOf(without, "dann") + 0.1);
  expect(accuracyOf(result, "source-only")).toBe(accuracyOf(without, "source-only"));
  expect(result.verdict.text).toContain(`Compared with ${bothLabels}, which has the same labels.`);
  const chosen = result.models[result.chosen];
  expect(chosen).toMatchObject(
    result.verdict.code === "helped"
      ? { name: "dann", selection: "validator" }
      : { name: bothLabels, selection: "last" },
  );
});

test("labels that score change no bit of any model, given beside labels that train", async () => {
  const scored = (flip: boolean, train: boolean) =>
    turned(100, ({ given, rest }) => ({
      ...(train && { targetLabelled: given }),
      target: flip ? wronged(rest) : rest,
      train: { steps: 60, seed: 100 },
    }));
  for (const train of [true, false]) {
    const [right, wrong] = [await scored(false, train), await scored(true, train)];
    expect(accuracyOf(wrong.result, "dann")).toBeCloseTo(1 - accuracyOf(right.result, "dann"), 10);
    expect(wrong.model).toEqual(right.model);
    const blind = ({ models }: AdaptResult): unknown =>
      models
        .filter(({ selectable }) => selectable)
        .map(({ name, validators, metrics: { source } }) => ({ name, validators, source }));
    expect(blind(wrong.result)).toEqual(blind(right.result));
  }
});

test("labels that train do change it", async () => {
  const trained = (flip: boolean) =>
    turned(100, ({ given }) => ({
      targetLabelled: flip ? wronged(given) : given,
      train: { steps: 60, seed: 100 },
    }));
  const [right, wrong] = [await trained(false), await trained(true)];
  expect(accuracyOf(wrong.result, bothLabels)).toBeLessThan(accuracyOf(right.result, bothLabels));
  expect(accuracyOf(wrong.result, "source-only")).toBe(accuracyOf(right.result, "source-only"));
});

test("several sources, source-only as the method, and options without rows", async () => {
  const { source, target } = moons({ rows: 60, rotation: 70, seed: 100 });
  const { given, rest } = parted(target, 3);
  const quick = { train: { steps: 20 }, evaluate: { evaluations: 1, targetTrained: false }, thread: "same" } as const;
  const sources = poolDatasets([source, { ...moons({ rows: 60, rotation: 20, seed: 101 }).source, origin: "other" }]);
  const several = await (await adapt({ source: sources, target: rest, targetLabelled: given, ...quick })).done;
  expect(several.models.map(({ name }) => name)).toContain(bothLabels);
  expect(several.task.sources?.every(({ apart }) => apart)).toBe(true);

  const only = await (await adapt({ source, target: rest, targetLabelled: given, method: "source-only", ...quick }))
    .done;
  expect(only.models.map(({ name }) => name)).toEqual(["source-only", bothLabels]);
  expect(only.models[only.chosen]?.name).toBe(bothLabels);
  expect(only.verdict.text).toContain(`${bothLabels} has learnt from the labelled rows`);

  for (const train of [
    { steps: 5, labelledTargetWeight: 2 },
    { steps: 5, batch: { labelledTarget: 4 } },
  ])
    await expect(adapt({ source, target, ...quick, train })).rejects.toThrow(/expected labelled rows of the target/);
  // What has no say in them yet is refused, not left out.
  const data = { source, target: rest, targetLabelled: given };
  await expect(adapt({ ...data, ...quick, evaluate: { select: "reverse" } })).rejects.toThrow(/--select reverse/);
  const { labels = [], ...one } = data.targetLabelled;
  const single = { ...one, labels: labels.map((label, row) => (row === 0 ? label : undefined)) };
  await expect(adapt({ ...data, ...quick, targetLabelled: single })).rejects.toThrow(
    "expected at least 2 labelled rows of the target to train on, got 1",
  );
  const numbers = { ...data, source: { ...source, labels: (source.labels ?? []).map((_, i) => String(i)) } };
  await expect(adapt({ ...numbers, ...quick, task: "regression" })).rejects.toThrow(/got --task regression/);
  const stray = { ...given, labels: (given.labels ?? []).map(() => "2") };
  await expect(adapt({ source, target: rest, targetLabelled: stray, ...quick })).rejects.toThrow(
    /expected the classes 0, 1, got 2/,
  );
  const { labels: _given, ...unlabelled } = given;
  await expect(adapt({ source, target: rest, targetLabelled: unlabelled, ...quick })).rejects.toThrow(
    /expected labels for the labelled rows of the target, got none/,
  );
});

test("rows that score and train are told; rows that only adapt may be the labelled ones", async () => {
  const { source, target } = moons({ rows: 60, rotation: 70, seed: 100 });
  const { given } = parted(target, 3);
  const quick = { train: { steps: 5 }, evaluate: { evaluations: 1, targetTrained: false }, thread: "same" } as const;
  const warnings = async (data: Partial<AdaptOptions>): Promise<readonly string[]> =>
    (await (await adapt({ source, target, targetLabelled: given, ...quick, ...data })).done).warnings;
  const told = expect.stringContaining("6 of 60 rows are also among the rows whose labels are trained on");
  expect(await warnings({})).toContainEqual(told);
  const { labels: _target, ...silent } = target;
  expect(await warnings({ target: silent })).not.toContainEqual(told);
  expect(await warnings({ target: silent, targetTest: target })).toContainEqual(told);
});

describe("the command line", () => {
  const folder = temporaryFolder();
  const files = clinics(folder);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const [head = "", ...lines] = readFileSync(files.c, "utf8").trimEnd().split("\n");
  const few = join(folder, "few.csv");
  writeFileSync(few, [head, ...lines.slice(0, 10)].join("\n"));
  const semi = (out: string): string[] => [...quickRun(files, out), "--target-labelled", few, "--quiet"];

  test("--target-labelled, in the result, the configuration, the events and the page", async () => {
    const out = join(folder, "run");
    const ran = await dann([...semi(out), "--target-labels", "diagnosis", "--set", "train.labelledTargetWeight=0.5"]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain("120 target rows and 10 labelled ones");
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as AdaptResult;
    expect(result.task.labelledTargetRows).toBe(10);
    expect(result.models.map(({ name }) => name)).toContain(bothLabels);
    const config = readFileSync(join(out, "config.yaml"), "utf8");
    expect(config).toMatch(/targetLabelled: .*few\.csv/);
    expect(config).toMatch(/labelledTargetWeight: 0\.5/);
    const metrics = readFileSync(join(out, "metrics.jsonl"), "utf8");
    expect(metrics).toMatch(/"targetLabelLoss"/);
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("10 labelled target rows");
    expect(page).toContain("Label loss on the target");
    const exported = await dann(["export", out, "--model", bothLabels, "--out", join(folder, "m.onnx"), "--quiet"]);
    expect(exported.code, exported.stderr).toBe(0);
  }, 120_000);

  test("killed and resumed, the same bits", async () => {
    const long = (out: string): string[] => [
      ...semi(out),
      ...["--target-labels", "diagnosis", "--steps", "400"],
      ...["--set", "train.checkpointEvery=30", "--set", "train.logEvery=7"],
    ];
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    expect((await dann(long(whole))).code).toBe(0);
    const events = readFileSync(join(whole, "metrics.jsonl"), "utf8").split("\n").length;
    await killAfter(long(killed), killed, Math.floor(events / 2), "SIGKILL");
    expect(existsSync(join(killed, "result.json"))).toBe(false);
    const resumed = await dann(["adapt", "--resume", killed, "--quiet"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(fingerprint(killed)).toEqual(fingerprint(whole));
  }, 180_000);

  test("a rehearsal counts them; a refinement, and labels that are not there, are refused", async () => {
    const rehearsal = await dann([...semi(join(folder, "dry")), "--dry-run"]);
    expect(rehearsal.stdout).toContain("120 target and 10 labelled ones (not scored)");
    expect(rehearsal.stdout).toContain(`${bothLabels} 40 steps`);
    const refined = await dann([
      "adapt",
      "--from",
      "anything",
      "--method",
      "shot",
      "--target",
      few,
      "--target-labelled",
      few,
    ]);
    expect(refined.code).toBe(2);
    expect(refined.stderr).toContain("--target-labelled with --from: a refinement reads no labels");
    const column = await dann([...semi(join(folder, "no")), "--target-labelled-labels", "disease"]);
    expect(column.code).toBe(3);
    expect(column.stderr).toContain("disease");
  }, 60_000);
});
