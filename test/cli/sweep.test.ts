/** Sweeps as users run them: killed and resumed, without target labels, and the winner's command gives its model again. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { SweepDocument, SweepPlanDocument } from "../../src/benchmark/sweep/document.ts";
import { dann, type Ran, temporaryFolder } from "../support/cli.ts";
import { jobFolders, sittings, until, workersOf } from "../support/jobs.ts";
import { moonsFiles } from "../support/sweep.ts";

const folder = temporaryFolder();
const files = moonsFiles(folder, 150);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const data = ["--source", files.source, "--source-labels", "label", "--target", files.target];
const quick = [
  "--network",
  "mlp",
  "--batch",
  "32",
  "--seeds",
  "100,101",
  "--no-adabn",
  "--no-target-trained",
  "--quiet",
];
const labelled = ["--target-labels", "label"];
/** Four jobs of a second or so, with checkpoints often enough to be taken up in the middle. */
const sweep = (store: string): string[] => [
  ...["sweep", ...data, ...labelled, ...quick, "--steps", "120", "--jobs", "2", "--store", store],
  ...["--set", "train.checkpointEvery=20", "--grid", "train.lambda.max=0.05,0.5", "--json"],
];
const read = (ran: Ran): SweepDocument => JSON.parse(ran.stdout) as SweepDocument;
/** What may not depend on when and how often it was done. */
const lasting = (ran: Ran): unknown => {
  const { made: _, settings, ...rest } = read(ran);
  return { ...rest, settings: settings.map(({ seconds: _s, ...setting }) => setting) };
};

let whole: Ran;
const store = join(folder, "whole");
beforeAll(async () => {
  whole = await dann(sweep(store));
  expect([whole.code, whole.stderr]).toEqual([0, ""]);
}, 600_000);

test("settings are ordered by what can be known without target labels, and fit the schema", () => {
  const document = read(whole);
  const schema = JSON.parse(readFileSync(new URL("../../schemas/sweep.schema.json", import.meta.url), "utf8"));
  expect(z.fromJSONSchema(schema).safeParse(document).error?.issues).toBeUndefined();
  expect(document.settings.map(({ standing }) => standing)).toEqual(["eligible", "eligible"]);
  const [first, second] = document.settings.map(({ scores }) => scores?.information ?? 0);
  expect(first).toBeGreaterThan(second ?? 1);
  expect(document.settings.every(({ target }) => target?.n === 2)).toBe(true);
  expect(document.winner).toMatchObject({ setting: 0 });
  expect(document.keys).toEqual(["train.lambda.max"]);
});

test("the winner's command trains the winner's models again, to the same bits", async () => {
  const { winner, settings } = read(whole);
  const words = winner?.command.split(" ") ?? [];
  expect(words.slice(0, 2)).toEqual(["dann", "adapt"]);
  const out = join(folder, "winner");
  const ran = await dann([...words.slice(1), "--out", out, "--quiet"]);
  expect(ran.code, ran.stderr).toBe(0);
  for (const { seed, id } of settings[0]?.jobs ?? []) {
    const model = (run: string): string => readFileSync(join(run, "model.onnx")).toString("base64");
    expect(model(join(out, `seed-${seed}`)), `seed ${seed}`).toBe(model(join(store, "jobs", id)));
  }
  // A job is a run: its configuration gives it again as well, and what reads runs reads it.
  const [job] = settings[0]?.jobs ?? [];
  const dry = await dann(["adapt", "--config", join(store, "jobs", job?.id ?? "", "config.yaml"), "--dry-run"]);
  expect(dry.code, dry.stderr).toBe(0);
}, 600_000);

test("killed in the middle, with its workers, it goes on, and the document is the same to the last digit", async () => {
  const killed = join(folder, "killed");
  let child: ChildProcess | undefined;
  const ran = dann(sweep(killed), { started: (process) => (child = process) });
  await until(
    () => workersOf(killed).some(({ job }) => existsSync(join(job, "checkpoint/progress.json"))),
    "a checkpoint",
  );
  const pids = workersOf(killed).map(({ pid }) => pid);
  child?.kill("SIGKILL");
  for (const pid of pids) process.kill(pid, "SIGKILL");
  expect((await ran).signal).toBe("SIGKILL");
  const left = jobFolders(killed).filter((job) => existsSync(join(job, "checkpoint/progress.json")));
  expect(left.length).toBeGreaterThan(0);
  const again = await dann(sweep(killed));
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(lasting(again)).toEqual(lasting(whole));
  // It went on instead of beginning anew: a second sitting of the job that had a checkpoint.
  expect(Math.max(...left.map(sittings))).toBe(2);
}, 600_000);

test("what is finished is not done again, and the files of --out are those of stdout", async () => {
  const before = jobFolders(store).map((job) => statSync(join(job, "result.json")).mtimeMs);
  const out = join(folder, "out");
  const again = await dann([...sweep(store), "--out", out]);
  expect(lasting(again)).toEqual(lasting(whole));
  expect(jobFolders(store).map((job) => statSync(join(job, "result.json")).mtimeMs)).toEqual(before);
  expect(JSON.parse(readFileSync(join(out, "sweep.json"), "utf8"))).toEqual(read(again));
  const text = readFileSync(join(out, "sweep.md"), "utf8");
  expect(text).toContain("| 0.5 |");
  expect(text).toContain("target (scoring only)");
  expect(text).toContain(read(again).winner?.command);
}, 600_000);

/** Fewer steps than mean anything: what these are about is not how well it learns. */
const tiny = (name: string): string[] => [
  ...["sweep", ...data, ...quick.map((word) => (word === "100,101" ? "100" : word))],
  ...["--store", join(folder, name), "--json"],
];

test("labels of the target have no say", async () => {
  const args = [...tiny("tiny"), "--steps", "20", "--grid", "train.lambda.max=0.05,1"];
  const [without, scored] = [await dann(args), await dann([...args, ...labelled])];
  expect(without.code, without.stderr).toBe(0);
  const choice = (ran: Ran): unknown =>
    read(ran).settings.map(({ name, standing, scores, verdicts }) => ({ name, standing, scores, verdicts }));
  expect(choice(scored)).toEqual(choice(without));
  expect(read(without).settings.map(({ target, difference }) => [target, difference])).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(read(scored).settings.every(({ target }) => target !== null)).toBe(true);
}, 600_000);

test("--select reverse: two more trainings a job, and the lowest risk wins instead of the highest information", async () => {
  const args = [...tiny("reverse"), "--steps", "60", "--set", "evaluate.holdout=0.4"];
  // A high learning rate makes a model sure, and wrong: what it says of the target teaches no way back.
  args.push("--grid", "train.rate.from=0.2,0.01");
  const [auto, reverse] = [await dann(args), await dann([...args, "--select", "reverse"])];
  expect([auto.code, reverse.code], reverse.stderr).toEqual([0, 0]);
  const trainings = (ran: Ran): number[] =>
    read(ran).settings.map(({ jobs }) => {
      const lines = readFileSync(join(folder, "reverse/jobs", jobs[0]?.id ?? "", "metrics.jsonl"), "utf8").split("\n");
      return lines.filter((line) => line.startsWith('{"type":"start"')).length;
    });
  expect(trainings(auto)).toEqual([2, 2]);
  expect(trainings(reverse)).toEqual([4, 4]);
  const { settings, rule, winner } = read(reverse);
  expect(read(auto).settings.map(({ name }) => name)).toEqual(["train.rate.from=0.2", "train.rate.from=0.01"]);
  expect(settings.map(({ name }) => name)).toEqual(["train.rate.from=0.01", "train.rate.from=0.2"]);
  const [first, second] = settings.map(({ scores }) => scores?.reverseRisk ?? Number.NaN);
  expect(first).toBeLessThan(second ?? 0);
  expect(rule).toMatch(/^lowest mean risk of reverse validation/);
  expect(read(auto).rule).toMatch(/^highest mean information/);
  expect(winner?.command).toContain("--select reverse");
}, 600_000);

test("--select reverse is refused once where there is no other direction, not by every job", async () => {
  const args = [...tiny("no-way-back"), "--select", "reverse", "--grid", "train.steps=2,4"];
  const ran = await dann([...args, "--method", "source-only"]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("error[select-reverse]")]);
  expect(existsSync(join(folder, "no-way-back"))).toBe(false);
}, 120_000);

test("halving: the best third goes on, and its jobs are those of a sweep without halving", async () => {
  const args = [...tiny("halving"), "--steps", "12", "--grid", "train.lambda.max=0.05,0.1,0.5"];
  const halved = await dann([...args, "--halving"]);
  expect(halved.code, halved.stderr).toBe(0);
  const { rungs, settings } = read(halved);
  expect(rungs).toEqual([
    { settings: 3, budget: { key: "train.steps", value: 4 } },
    { settings: 1, budget: { key: "train.steps", value: 12 } },
  ]);
  expect(settings.map(({ rung }) => rung)).toEqual([1, 0, 0]);
  expect(readdirSync(join(folder, "halving/jobs"))).toHaveLength(4);
  const dry = JSON.parse((await dann([...args, "--dry-run"])).stdout) as SweepPlanDocument;
  const own = dry.settings.find(({ name }) => name === settings[0]?.name);
  expect(own?.jobs.map(({ id, state }) => [id, state])).toEqual(settings[0]?.jobs.map(({ id }) => [id, "finished"]));
  expect(dry.settings.flatMap(({ jobs }) => jobs).filter(({ state }) => state === "to do")).toHaveLength(2);
}, 600_000);

test("random draws, and a job that fails is told with its reason", async () => {
  const args = [...tiny("random"), "--steps", "4", "--random", "2", "--space", "train.batch.source=4..8"];
  const ran = await dann([...args, "--space", "train.rate.from=log:1e-4..1e-2", "--random-seed", "3"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(read(ran).settings.every(({ values }) => Number.isInteger(values["train.batch.source"]))).toBe(true);
  // The rows do not fit a network of images: no job has a result, and nothing is chosen.
  const free = tiny("failed").filter((word) => word !== "--network" && word !== "mlp");
  const failed = await dann([...free, "--steps", "4", "--grid", "network.name=mnist,svhn"]);
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("error[sweep]: 2 jobs failed")]);
  expect(read(failed)).toMatchObject({ winner: null, settings: [{ standing: "failed" }, { standing: "failed" }] });
  expect(read(failed).failures[0]?.reason).not.toBe("");
}, 600_000);

test("an unknown key is refused with a guess before anything runs", async () => {
  const ran = await dann([...tiny("refused"), "--grid", "train.lamda.max=1,2"]);
  expect([ran.code, ran.stdout]).toEqual([2, ""]);
  expect(ran.stderr).toContain("unknown key train.lamda\n  Did you mean train.lambda?");
  expect(existsSync(join(folder, "refused"))).toBe(false);
}, 120_000);

test("data that cannot be trained on are refused once, not by every job", async () => {
  const args = ["sweep", "--source", files.source, "--source-labels", "lable", "--target", files.target];
  const ran = await dann([...args, "--grid", "train.lambda.max=1,2", "--store", join(folder, "refused")]);
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('Did you mean "label"?')]);
  expect(existsSync(join(folder, "refused"))).toBe(false);
}, 120_000);
