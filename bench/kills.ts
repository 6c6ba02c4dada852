/**
 * Do kills do harm? A small suite (moons, few steps, two processes) once undisturbed, and once with random workers killed
 * by SIGKILL; then the two tables are compared to the last digit, and the models of all jobs to the last bit.
 *
 *   npm run build && npx tsx --conditions=dann-source bench/kills.ts [--kills 40] [--seed 0] [--jobs 10] [--steps 200]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import type { BenchmarkTable } from "../src/benchmark/table.ts";
import { random } from "../src/random.ts";
import { jobFolders, killWorkers, lastingTable } from "../test/support/jobs.ts";

const { values: flags } = parseArgs({
  options: {
    kills: { type: "string", default: "40" },
    seed: { type: "string", default: "0" },
    jobs: { type: "string", default: "10" },
    steps: { type: "string", default: "200" },
  },
});
const wanted = Number(flags.kills);
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "dann-kills-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

interface Done {
  readonly table: BenchmarkTable;
  readonly said: string;
  readonly seconds: number;
}

function benchmark(store: string): Promise<Done> {
  const seeds = Array.from({ length: Number(flags.jobs) }, (_, seed) => seed).join(",");
  const args = [
    "benchmark",
    "moons",
    "--tasks",
    "moons-150",
    "--baselines",
    "none",
    "--seeds",
    seeds,
    "--jobs",
    "2",
    "--store",
    store,
    "--json",
  ];
  const often = ["train.checkpointEvery=20", "train.logEvery=10", `train.steps=${flags.steps}`];
  const began = performance.now();
  const child = spawn(process.execPath, [main, ...args, ...often.flatMap((setting) => ["--set", setting]), "--quiet"]);
  let [out, said] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(`dann benchmark ended with ${code}: ${said}`));
      else resolve({ table: JSON.parse(out) as BenchmarkTable, said, seconds: (performance.now() - began) / 1000 });
    });
  });
}

const models = (store: string): string[] =>
  jobFolders(store).map(
    (job) => `${job.slice(store.length)} ${readFileSync(join(job, "model.onnx")).toString("base64")}`,
  );

const [calm, killed] = [join(folder, "undisturbed"), join(folder, "killed")];
const whole = await benchmark(calm);
console.log(`undisturbed: ${flags.jobs} jobs, ${whole.seconds.toFixed(0)} s`);
let running = true;
const run = benchmark(killed).finally(() => {
  running = false;
});
const kills = await killWorkers({
  ...{ store: killed, kills: wanted, chance: random(Number(flags.seed)).split("kills") },
  running: () => running,
});
const again = await run;
const same = {
  table: isDeepStrictEqual(lastingTable(again.table), lastingTable(whole.table)),
  models: isDeepStrictEqual(models(killed), models(calm)),
};
console.log(`killed: ${flags.jobs} jobs, ${kills} kills, ${again.seconds.toFixed(0)} s`);
console.log(
  `tables ${same.table ? "the same to the last digit" : "DIFFER"}, models ${same.models ? "the same bits" : "DIFFER"}`,
);
if (kills < wanted) console.log(`the suite ended before ${wanted} kills: give it more --steps or --jobs`);
process.exitCode = same.table && same.models && kills === wanted ? 0 : 1;
