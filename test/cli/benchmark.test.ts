/** Benchmarks as users run them: many processes, any of which may be killed, stopped or started twice. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BenchmarkTable } from "../../src/benchmark/table.ts";
import { random } from "../../src/random.ts";
import { dann, type Ran, temporaryFolder } from "../support/cli.ts";
import { jobFolders, killWorkers, lastingTable, readText, sittings, until, workersOf } from "../support/jobs.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Three jobs of a second or so, with checkpoints often enough to be taken up in the middle. */
const moons = (store: string): string[] => [
  ...["benchmark", "moons", "--tasks", "moons-150", "--seeds", "0,1,2", "--jobs", "2", "--store", store, "--json"],
  ...["--baselines", "none"],
  ...["--set", "train.steps=300", "--set", "train.checkpointEvery=20", "--set", "train.logEvery=10", "--quiet"],
];

const lasting = ({ stdout }: Ran): unknown => lastingTable(JSON.parse(stdout) as BenchmarkTable);

let whole: Ran;
const undisturbed = join(folder, "whole");
beforeAll(async () => {
  whole = await dann(moons(undisturbed));
  expect(whole.code, whole.stderr).toBe(0);
}, 300_000);

test("the table has the rows of design 6, printed figures, and a command that gives it again", async () => {
  const table = JSON.parse(whole.stdout) as BenchmarkTable;
  expect(table.rows.map(({ model, selection, selectable }) => [model, selection, selectable])).toEqual([
    ["source-only", "last", true],
    ["dann", "last", true],
    ["dann", "validator", true],
    ["dann", "oracle", false],
    ["target-trained", "target-trained", false],
  ]);
  expect(table.rows.every(({ cells }) => cells["moons-150"]?.target.n === 3)).toBe(true);
  expect(table.printed.map(({ label, values }) => [label, values])).toEqual([
    ["NN", { "moons-150": 0.828 }],
    ["DANN", { "moons-150": 0.944 }],
  ]);
  const words = table.command.split(" ");
  expect(words.slice(0, 2)).toEqual(["dann", "benchmark"]);
  const again = await dann([...words.slice(1), "--store", undisturbed, "--json", "--quiet"]);
  expect(lasting(again)).toEqual(lasting(whole));
});

test("what is finished is not done again", async () => {
  const before = jobFolders(undisturbed).map((job) => [
    job,
    readText(join(job, "result.json")),
    readText(join(job, "metrics.jsonl")),
  ]);
  const again = await dann(moons(undisturbed));
  expect([again.code, lasting(again)]).toEqual([0, lasting(whole)]);
  expect(
    jobFolders(undisturbed).map((job) => [
      job,
      readText(join(job, "result.json")),
      readText(join(job, "metrics.jsonl")),
    ]),
  ).toEqual(before);
  const dry = await dann([...moons(undisturbed), "--dry-run"]);
  const states = (JSON.parse(dry.stdout) as { tasks: { jobs: { id: string; state: string }[] }[] }).tasks[0]?.jobs;
  expect(states?.map(({ state }) => state)).toEqual(["finished", "finished", "finished"]);
  // Names of jobs are the same in another process: they are the folders.
  expect(states?.map(({ id }) => id).sort()).toEqual(readdirSync(join(undisturbed, "jobs")).sort());
});

test("killed workers are replaced, and the table is the same to the last digit", async () => {
  const store = join(folder, "killed");
  const chance = random("kills");
  let running = true;
  const ran = dann(moons(store)).finally(() => {
    running = false;
  });
  const kills = await killWorkers({ store, kills: 5, chance, running: () => running });
  const { code, stderr } = await ran;
  expect([code, stderr], `${kills} kills`).toEqual([0, ""]);
  expect(kills).toBe(5);
  expect(lasting(await ran)).toEqual(lasting(whole));
}, 180_000);

test("two coordinators share a store: every job is done once, and both have the table", async () => {
  const store = join(folder, "shared");
  const both = await Promise.all([dann(moons(store)), dann(moons(store))]);
  for (const ran of both) expect([ran.code, lasting(ran)], ran.stderr).toEqual([0, lasting(whole)]);
  expect(jobFolders(store).map(sittings)).toEqual([1, 1, 1]);
}, 180_000);

test("Ctrl-C leaves checkpoints and says how to go on", async () => {
  const store = join(folder, "interrupted");
  const args = moons(store).filter((arg) => arg !== "--quiet");
  let child: ChildProcess | undefined;
  const ran = dann(args, {
    started: (process) => {
      child = process;
    },
  });
  await until(
    () => workersOf(store).some(({ job }) => existsSync(join(job, "checkpoint/progress.json"))),
    "a checkpoint",
  );
  child?.kill("SIGINT");
  const { code, stdout, stderr } = await ran;
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).toMatch(
    /error\[interrupted\]: interrupted with \d of 3 jobs done, checkpoints written\n {2}Go on with: dann benchmark moons /,
  );
  expect(stderr).toContain(`--store ${store}`);
  expect(workersOf(store)).toEqual([]);
  expect(lasting(await dann(moons(store)))).toEqual(lasting(whole));
}, 120_000);

test.runIf(process.platform !== "win32")(
  "a worker that was stopped and lost its job writes nothing more when it wakes",
  async () => {
    const store = join(folder, "stopped");
    // `dann` builds once; two processes of one job each, so that it is known who does what.
    const args = moons(store).map((arg) => (arg === "0,1,2" ? "0" : arg));
    const first = dann(args);
    const { job, pid } = await until(
      () => workersOf(store).find(({ job }) => existsSync(join(job, "checkpoint/progress.json"))),
      "a job in the middle",
    );
    process.kill(pid, "SIGSTOP");
    for (const name of readdirSync(job).filter((one) => one.startsWith(".lock"))) rmSync(join(job, name));
    const second = await dann(args);
    expect(second.code, second.stderr).toBe(0);
    const files = ["result.json", "metrics.jsonl", "checkpoint/progress.json", "model.onnx"];
    const before = files.map((name) => readText(join(job, name)));
    process.kill(pid, "SIGCONT");
    const woken = await first;
    expect([woken.code, lasting(woken)], woken.stderr).toEqual([0, lasting(second)]);
    expect(files.map((name) => readText(join(job, name)))).toEqual(before);
  },
  120_000,
);

/** A suite of a user's own: one task that works, one whose process dies, one that throws, and a baseline. */
const own = `
const rows = (shift, classes = ["no", "yes"]) => ({
  origin: "made " + shift,
  rows: { kind: "dense", rows: 40, width: 2, values: Float32Array.from({ length: 80 }, (_, i) => ((i * 0.618) % 1) + (Math.floor(i / 2) % 2) + shift) },
  labels: Array.from({ length: 40 }, (_, i) => classes[i % 2]),
});
const load = (shift) => async () => ({ source: rows(0), target: rows(shift) });
const task = (name, more) => ({ name, title: name, needs: [], load: load(0.2), config: { train: { steps: 5, batch: { source: 8, target: 8 } } }, seconds: 1, ...more });
const atWork = (shift, act) => async () => { if (process.send) act(); return load(shift)(); };
const majority = { name: "no", title: "all no", settings: {}, seconds: 1, predict: async ({ scored, target }, seed, work) => {
  if (scored.labels !== undefined || target.labels !== undefined) throw new Error("labels of the target were shown");
  await work.progress(0.5);
  const labels = Array.from({ length: scored.rows.rows }, () => "no");
  return { labels, chosen: { setting: { C: 0.1 }, risk: 0.25, tried: 3 } };
} };
const once = { ...majority, name: "once", title: "no, once", seeds: "first" };
export const suite = {
  name: "own", title: "a suite of one's own", methods: ["dann"], seeds: [0, 1], printed: [], notes: [],
  tasks: [
    task("works", { baselines: [majority, once] }),
    task("dies", { load: atWork(0.3, () => { console.error("last words"); process.exit(7); }), seconds: 9 }),
    task("throws", { load: atWork(0.4, () => { throw new Error("no such luck"); }) }),
  ],
};
`;

test("a job that keeps dying is reported with its reason, the others go on", async () => {
  const module = join(folder, "own-suite.mjs");
  writeFileSync(module, own);
  const store = join(folder, "own");
  const ran = await dann(["benchmark", module, "--store", store, "--json"]);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("error[benchmark]: 4 of 9 jobs failed");
  const table = JSON.parse(ran.stdout) as BenchmarkTable;
  expect(table.failures.map(({ task, model, seed }) => [task, model, seed])).toEqual([
    ["dies", "dann", 0],
    ["dies", "dann", 1],
    ["throws", "dann", 0],
    ["throws", "dann", 1],
  ]);
  expect(ran.stderr).toContain("warning: dann dies s0 failed: ");
  expect(table.failures[0]?.reason).toBe("its process died 3 times: it ended with code 7, having said: last words");
  expect(table.failures[2]?.reason).toBe("[task-data]: task throws: its load failed (no such luck)");
  expect(table.tasks.map(({ name, state }) => [name, state])).toEqual([
    ["works", "done"],
    ["dies", "incomplete"],
    ["throws", "incomplete"],
  ]);
  // The baseline is a row of its own: half of the rows are "no".
  const [baseline] = table.rows;
  expect([baseline?.model, baseline?.selection, baseline?.cells.works?.target]).toEqual([
    "all no",
    "none",
    { mean: 0.5, sd: 0, se: 0, n: 2 },
  ]);
  expect(table.rows[1]?.cells.works?.target).toEqual({ mean: 0.5, sd: null, se: null, n: 1 });
  expect(table.chosen.map(({ model, seed, setting }) => [model, seed, setting])).toEqual([
    ["all no", 0, { C: 0.1 }],
    ["no, once", 0, { C: 0.1 }],
    ["all no", 1, { C: 0.1 }],
  ]);
  const alone = await dann([
    ...[
      "benchmark",
      module,
      "--store",
      store,
      "--tasks",
      "works",
      "--methods",
      "none",
      "--baselines",
      "once",
      "--json",
    ],
  ]);
  const chosen = JSON.parse(alone.stdout) as BenchmarkTable;
  expect([alone.code, chosen.rows.map(({ model }) => model), chosen.tasks[0]?.jobs]).toEqual([0, ["no, once"], 1]);
  expect(chosen.command).toContain("--methods none --baselines once");
}, 120_000);

test("files of every format", async () => {
  for (const format of ["md", "tex", "csv", "json"]) {
    const out = join(folder, `table.${format}`);
    const ran = await dann([...moons(undisturbed).filter((arg) => arg !== "--json"), "--out", out]);
    expect(ran.code, ran.stderr).toBe(0);
    const text = readFileSync(out, "utf8");
    expect(text).toContain(
      { md: "| source-only |", tex: "source-only &", csv: ",source-only,", json: '"source-only"' }[format],
    );
    // LaTeX is told how to make it in a comment, the others by their own means.
    if (format !== "csv") expect(text).toContain("dann benchmark moons --tasks moons-150");
  }
});

test("data that are not there are told with the command that gets them; a task of the suite goes on without", async () => {
  const env = { XDG_CACHE_HOME: join(folder, "empty-cache") };
  const none = await dann(["benchmark", "amazon", "--seeds", "0"], { env });
  expect([none.code, none.stdout]).toEqual([3, ""]);
  expect(none.stderr).toContain("error[missing-set]: suite amazon: none of its data sets (amazon-reviews) is there");
  expect(none.stderr).toContain("dann data fetch amazon-reviews");
  const asked = await dann(["benchmark", "digits", "--tasks", "svhn-mnist", "--data", folder], { env });
  expect([asked.code, asked.stderr]).toEqual([3, expect.stringContaining("Get it by: dann data fetch svhn")]);
  const listed = await dann(["benchmark"], { env });
  expect(listed.code).toBe(0);
  expect(listed.stdout).toContain(
    "no data for mnist, bsds500, usps, optdigits, syn-numbers, svhn: dann data fetch mnist; ",
  );
});

test("sets are looked for in --data and in the cache, in any form of the layout", async () => {
  const cache = join(folder, "cache");
  const data = join(folder, "data");
  const idx = (dims: readonly number[], value: (i: number) => number): Uint8Array => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const header = [0, 0, 8, dims.length, ...dims.flatMap((dim) => [0, 0, dim >> 8, dim & 255])];
    return Uint8Array.from([...header, ...Array.from({ length: size }, (_, i) => value(i))]);
  };
  const put = (place: string, test: string, size: number, channels: readonly number[]): void => {
    mkdirSync(place, { recursive: true });
    for (const part of ["train", test]) {
      const shape = [60, size, size, ...channels];
      writeFileSync(
        join(place, `${part}-images-idx${shape.length}-ubyte`),
        idx(shape, (i) => (i * 37) % 251),
      );
      writeFileSync(
        join(place, `${part}-labels-idx1-ubyte`),
        idx([60], (i) => i % 10),
      );
    }
  };
  put(join(cache, "dann/data/mnist"), "t10k", 28, []);
  put(join(data, "svhn"), "test", 32, [3]);
  const args = [
    "benchmark",
    "digits",
    "--tasks",
    "svhn-mnist",
    "--seeds",
    "0",
    "--data",
    data,
    "--store",
    join(folder, "sets"),
  ];
  const quick = ["--set", "train.steps=2", "--set", "train.batch.source=4", "--set", "train.batch.target=4", "--json"];
  const ran = await dann([...args, ...quick], { env: { XDG_CACHE_HOME: cache } });
  expect(ran.code, ran.stderr).toBe(0);
  const table = JSON.parse(ran.stdout) as BenchmarkTable;
  expect(table.tasks).toMatchObject([{ name: "svhn-mnist", state: "done", jobs: 1 }]);
  expect(table.command).not.toContain(data);
}, 60_000);

test.each<[string[], string]>([
  [["moon"], "error[unknown-suite]: benchmark: expected one of moons, digits"],
  [["moons", "--tasks", "moons-15"], "Did you mean moons-150?"],
  [["moons", "--methods", "dannn"], "Did you mean dann?"],
  [["amazon", "--baselines", "nn-count"], "Did you mean nn-counts?"],
  [["digits", "--baselines", "nn-counts"], "suite digits has no baseline nn-counts"],
  [["digits", "--methods", "none"], "nothing to do"],
  [["pad", "--methods", "dann"], "suite pad adapts nothing"],
  [["--baselines", "none"], "--baselines: expected a suite to go with it"],
  [["moons", "--seeds", "0,x"], '--seeds: expected a whole number of at least 0, got "x"'],
  [["moons", "--seeds", "1,1"], "--seeds: expected different seeds"],
  [["moons", "--jobs", "0"], "--jobs: expected a whole number of at least 1"],
  [["moons", "--set", "train.stepz=1"], "Did you mean train.steps?"],
  [["moons", "--set", "train.threads=2"], "takes its threads from --threads"],
  [["moons", "--out", "table.pdf"], "--out: expected a name that ends in .md, .tex, .csv, .json"],
  [["--seeds", "0"], "--seeds: expected a suite to go with it"],
  [["none.mjs"], "error[suite-module]: none.mjs: cannot be loaded"],
])("%j is refused", async (args, message) => {
  const ran = await dann(["benchmark", ...args, "--store", join(folder, "refused")]);
  expect([ran.code, ran.stdout]).toEqual([2, ""]);
  expect(ran.stderr).toContain(message);
  expect(existsSync(join(folder, "refused"))).toBe(false);
});

test("no process is left behind", () => {
  if (process.platform !== "linux") return;
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  expect(stdout.split("\n").filter((line) => line.includes(folder))).toEqual([]);
});
