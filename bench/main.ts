/**
 * `npm run bench`: time of one training step, ours against PyTorch. Rows take turns within a round, so that whatever
 * else the machine does meets all of them alike; ratios are taken within a round.
 *
 *   npm run bench -- [--rounds 7] [--workloads mnist,moons] [--rows native,repeat,wasm,stock,tuned] [--threads 1,2] [--json FILE]
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { type Runner, type RunnerCommand, startRunner, type Timing } from "./protocol.ts";
import { modelFolder } from "./resnet18.ts";
import { workloads } from "./workloads.ts";

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    workloads: { type: "string", default: workloads.map(({ name }) => name).join(",") },
    rows: { type: "string", default: "native,repeat,wasm,stock,tuned" },
    threads: { type: "string", default: "1,2" },
    python: { type: "string", default: "/usr/bin/python3" },
    json: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const threadCounts = flags.threads.split(",").map(Number);
const chosen = workloads.filter(({ name }) => flags.workloads.split(",").includes(name));

const folder = mkdtempSync(join(tmpdir(), "dann-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

/** Writes the network that some workloads train into the temporary folder, and says why where it cannot. */
async function exportNetwork(): Promise<string | undefined> {
  const { stderr, failed } = await promisify(execFile)(flags.python, [join(here, "export_resnet18.py"), folder]).then(
    () => ({ stderr: "", failed: false }),
    (cause: Error & { stderr?: string }) => ({ stderr: cause.stderr || cause.message, failed: true }),
  );
  return failed ? (stderr.trim().split("\n").at(-1) ?? "the export failed") : undefined;
}

/** OpenBLAS settings that some machines force; stock keeps them, tuned drops them. The losses are compared below. */
const coreOverrides = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];

/** Rows by name; `stock-1` is stock PyTorch on one thread. */
function commandOf(row: string, threads: number): RunnerCommand {
  const name = `${row}-${threads}`;
  if (row === "native" || row === "repeat" || row === "wasm") {
    const args = ["--conditions=dann-source", "--import", "tsx", join(here, "worker.ts"), row, String(threads)];
    return { name, command: process.execPath, args, env: { [modelFolder]: folder } };
  }
  const env = { [modelFolder]: folder, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
  const tuned = {
    TUNED: "1",
    // Freed memory stays in the process: without these, every step pays page faults for its activations.
    MALLOC_MMAP_MAX_: "0",
    MALLOC_TRIM_THRESHOLD_: "17179869184",
    MALLOC_TOP_PAD_: "268435456",
    ...Object.fromEntries(coreOverrides.map((variable) => [variable, undefined])),
  };
  return {
    name,
    command: flags.python,
    args: [join(here, "torch_steps.py")],
    env: row === "tuned" ? { ...env, ...tuned } : env,
  };
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

const format = (ms: number): string => (ms >= 10 ? ms.toFixed(1) : ms.toFixed(3));
const spread = (numbers: readonly number[]): string =>
  `${median(numbers).toFixed(2)}x [${Math.min(...numbers).toFixed(2)}-${Math.max(...numbers).toFixed(2)}]`;

interface Row {
  readonly name: string;
  readonly runner: Runner;
  readonly timings: Timing[];
  firstLoss: number;
  failure: string | undefined;
}

/** Losses of two implementations after the first block: float32 sums in another order drift apart slowly. */
const agree = (a: number, b: number): boolean => Math.abs(a - b) <= 2e-3 * Math.max(1, Math.abs(b));

const report: unknown[] = [];
console.log(
  `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, node ${process.version}, ${rounds} rounds`,
);

const missing = chosen.some(({ exported }) => exported) ? await exportNetwork() : undefined;

for (const workload of chosen) {
  if (workload.exported && missing !== undefined) {
    console.log(`\n${workload.name}: absent: torchvision's ResNet-18 was not exported: ${missing}`);
    continue;
  }
  const rows: Row[] = flags.rows
    .split(",")
    .filter((row) => row !== "repeat" || workload.stepsPerRun > 1)
    .flatMap((row) => threadCounts.map((threads) => commandOf(row, threads)))
    .map((command) => ({
      name: command.name,
      runner: startRunner(command),
      timings: [],
      firstLoss: Number.NaN,
      failure: undefined,
    }));
  const ask = async (row: Row, steps: number, warmup: number): Promise<Timing | undefined> => {
    if (row.failure !== undefined) return undefined;
    try {
      return await row.runner.time({ workload: workload.name, steps, warmup });
    } catch (cause) {
      row.failure = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    }
  };
  // The same number of first steps for every row: the loss after them must be the same number.
  // A row that does many steps a run does them all, and is not compared.
  // A pass over all rows is long enough to need no warming up.
  const warmup = workload.kind === "training" ? 1 : 0;
  const checked = workload.exported ? (workload.kind === "training" ? 3 : 1) : 5;
  for (const row of rows) row.firstLoss = (await ask(row, checked, 0))?.loss ?? Number.NaN;
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const timing = await ask(row, workload.steps, warmup);
      if (timing !== undefined) row.timings.push(timing);
    }
  }
  for (const row of rows) row.runner.close();

  const ratios = (other: string, ours: string, of: "ms" | "cpuMs" = "ms"): readonly number[] => {
    const [a, b] = [other, ours].map((name) => rows.find((row) => row.name === name)?.timings ?? []);
    if (a === undefined || b === undefined || a.length === 0 || a.length !== b.length) return [];
    return a.map((timing, round) => timing[of] / (b[round]?.[of] ?? Number.NaN));
  };
  const reference = rows.find((row) => row.failure === undefined)?.firstLoss ?? Number.NaN;
  console.log(`\n${workload.name}: ${workload.description}`);
  const unit =
    workload.kind === "training"
      ? `ms a step   best      peak MB   loss@${checked}  `
      : "ms a pass   best      peak MB   checksum";
  console.log(
    `row        ${unit}   stock / row             tuned / row${workload.kind === "features" ? "             images a second" : ""}`,
  );
  for (const row of rows) {
    if (row.failure !== undefined) {
      console.log(`${row.name.padEnd(10)} absent: ${row.failure}`);
      continue;
    }
    const threads = row.name.split("-")[1];
    const ms = row.timings.map((timing) => timing.ms);
    const versus = ["stock", "tuned"].map((torch) => {
      const found = ratios(`${torch}-${threads}`, row.name);
      return found.length === 0 || row.name.startsWith(torch) ? "-" : spread(found);
    });
    const compared = !row.name.startsWith("repeat");
    const loss = compared ? `${row.firstLoss.toFixed(5)}${agree(row.firstLoss, reference) ? " " : "!"}` : "-        ";
    const peak = Math.max(...row.timings.map(({ peakMB }) => peakMB));
    const perSecond = workload.kind === "features" ? `  ${((1000 * workload.rows) / median(ms)).toFixed(0)}` : "";
    console.log(
      `${row.name.padEnd(10)} ${format(median(ms)).padStart(9)} ${format(Math.min(...ms)).padStart(9)} ${peak.toFixed(0).padStart(9)}   ${loss}   ${versus[0]?.padEnd(22)}  ${versus[1]?.padEnd(workload.kind === "features" ? 22 : 0)}${perSecond}`,
    );
    report.push({
      workload: workload.name,
      row: row.name,
      ms,
      peakMB: peak,
      loss: row.firstLoss,
      versusStock: ratios(`stock-${threads}`, row.name),
      versusTuned: ratios(`tuned-${threads}`, row.name),
    });
  }
  for (const threads of threadCounts) {
    for (const [torch, ours] of [
      ["stock", "native"],
      ["stock", "repeat"],
      ["tuned", "native"],
    ] as const) {
      const found = ratios(`${torch}-${threads}`, `${ours}-${threads}`, "cpuMs");
      if (found.length > 0) console.log(`processor time, ${torch}-${threads} / ${ours}-${threads}: ${spread(found)}`);
    }
    const slower = ratios(`wasm-${threads}`, `native-${threads}`);
    if (slower.length > 0)
      console.log(`wasm / native, ${threads} thread${threads === 1 ? "" : "s"}: ${spread(slower)}`);
  }
}
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 1)}\n`);
