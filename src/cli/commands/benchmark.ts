/** `dann benchmark`: a suite of tasks, many seeds, one honest table. */
import { openBackend } from "#runtime";
import type { DataPlaces } from "../../benchmark/data-sets.ts";
import { type Choice, type Plan, planSuite } from "../../benchmark/plan.ts";
import { formatOf, renderFile } from "../../benchmark/render/files.ts";
import { jobsOf, runBenchmark } from "../../benchmark/run.ts";
import { findSuite } from "../../benchmark/suites.ts";
import { valueAt } from "../../config/merge.ts";
import { writeAtomic } from "../../data/atomic.ts";
import { closest } from "../../data/names.ts";
import { dataError, runError, usageError } from "../../errors.ts";
import { combination, isRefusal, methodNames } from "../../methods/combination.ts";
import { commandOf } from "../../report/shell.ts";
import { describePlan, listSuites } from "../benchmark-documents.ts";
import { makeCommand, trainingFlags } from "../command.ts";
import { layerOfSettings } from "../flags.ts";
import { followJobs } from "../follow-jobs.ts";
import { catchInterrupt } from "../interrupt.ts";
import { made, parallelism, wholeNumber } from "../many-jobs.ts";
import { createOutput } from "../output.ts";
import { renderBenchmark, renderPlan, renderSuites } from "../render/benchmark.ts";
import { word } from "../words.ts";

interface Options {
  readonly tasks?: string;
  readonly methods?: string;
  readonly baselines?: string;
  readonly seeds?: string;
  readonly data?: string;
  readonly store: string;
  readonly jobs?: string;
  readonly threads?: string;
  readonly out?: string;
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const defaultStore = "runs/benchmark";

export function command(): ReturnType<typeof makeCommand> {
  const benchmark = makeCommand("benchmark", "a paper's table: a suite of tasks, many seeds, honest baselines")
    .argument("[suite]", "a suite by name, or a module (.js, .ts) that exports one; without: the list of suites")
    .option("--tasks <names>", "only these tasks, with commas between")
    .option(
      "--methods <names>",
      "methods beside source-only, with commas between (dann,cdan+e+mcc), or none; default: the suite's",
    )
    .option("--baselines <names>", "only these baselines and measurements, or none; default: the suite's")
    .option("--seeds <list>", "seeds, such as 0,1,2; default: the suite's")
    .option("--data <folder>", "where data sets are looked for before the cache: a sub-folder a set")
    .option("--store <folder>", "where jobs and their results are kept", defaultStore)
    .option("--jobs <n>", "processes at a time; default: as many as the cores allow")
    .option("--threads <n>", "threads of each process; default 1")
    .option("--out <file>", "write the table: .md, .tex, .csv or .json");
  return trainingFlags(
    benchmark as never,
    "any key of the recipes, such as train.steps=500; repeatable",
    "say what would be done",
  )
    .addHelpText(
      "after",
      `
Examples:
  dann benchmark
  dann benchmark moons
  dann benchmark digits --tasks mnist-usps,usps-mnist --data ../data --out digits.md

Finished jobs are kept in the store and never done twice; after Ctrl-C or a kill the same command goes on.`,
    )
    .action(async (suite: unknown, given: unknown) => run(suite as string | undefined, given as Options));
}

async function run(reference: string | undefined, given: Options): Promise<void> {
  const output = createOutput(given);
  const places: DataPlaces = { data: given.data };
  if (reference === undefined) {
    const other = (["tasks", "methods", "baselines", "seeds", "out", "set", "dryRun"] as const).find(
      (key) => given[key] !== undefined,
    );
    if (other !== undefined)
      throw usageError(
        "missing-argument",
        `--${other === "dryRun" ? "dry-run" : other}: expected a suite to go with it`,
      );
    const document = await listSuites(places);
    output.document(document);
    output.result(renderSuites(document, output.paint));
    return;
  }
  const format = given.out === undefined ? undefined : formatOf(given.out);
  const own = given.threads === undefined ? 1 : wholeNumber(given.threads, "--threads", 1);
  const { workers, threads } = parallelism(given.jobs, own, output);
  const suite = await findSuite(reference);
  const choice = choiceOf(given, threads);
  const engine = await openBackend("auto");
  const device = engine.device === "wasm" ? "wasm" : "cpu";
  const plan = await planSuite({
    ...{ suite, reference, choice, places, device },
    reading: ({ title }) => output.progress.busy(`reading ${title}`),
  });
  output.progress.clear();
  if (given.dryRun === true) {
    const document = await describePlan(plan, { store: given.store, workers, threads });
    output.document(document);
    output.result(renderPlan(document));
    return;
  }
  refuseNothing(plan);
  const words = wordsOf(reference, given);
  const interrupt = catchInterrupt(output.note);
  try {
    const table = await runBenchmark({
      ...{ plan, store: given.store, places, workers, signal: interrupt.signal },
      listen: followJobs(jobsOf(plan), output),
      command: commandOf("dann benchmark", words.same),
      resume: commandOf("dann benchmark", [...words.same, ...words.here]),
      made: made(await enginesOf(plan, engine.version), { workers, threads }),
    });
    output.progress.clear();
    if (given.out !== undefined && format !== undefined) await writeAtomic(given.out, renderFile(table, format));
    output.document(table);
    output.result(renderBenchmark(table, output.paint));
    if (table.failures.length > 0)
      throw runError(
        "benchmark",
        `${table.failures.length} of ${jobsOf(plan).length} jobs failed`,
        "The reasons stand under the table.",
      );
  } finally {
    output.progress.clear();
    interrupt.release();
  }
}

/** What the jobs run on; a recipe may ask for another engine than the usual one. */
async function enginesOf(plan: Plan, usual: string): Promise<string> {
  const devices = jobsOf(plan).flatMap((job) => (job.kind === "adapt" ? [job.recipe.train.device] : []));
  const versions = await Promise.all([...new Set(devices)].map(async (device) => (await openBackend(device)).version));
  return [...new Set(versions.length === 0 ? [usual] : versions)].join(", ");
}

function refuseNothing({ suite, tasks }: Plan): void {
  if (tasks.some(({ jobs }) => jobs.length > 0)) return;
  const missing = [...new Set(tasks.flatMap((task) => task.missing))];
  throw dataError(
    "missing-set",
    `suite ${suite.name}: none of its data sets (${missing.join(", ")}) is there`,
    `Get them by: ${missing.map((set) => `dann data fetch ${set}`).join("; ")}, or name their folder with --data.`,
  );
}

const namesOf = (text: string): string[] =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

function tasksOf(text: string): string[] {
  const names = namesOf(text);
  if (names.length > 0) return names;
  throw usageError("flag-value", `--tasks: expected names of tasks with commas between, got "${text}"`);
}

/** Names, or none at all. */
const someOf = (text: string): string[] => (text.trim() === "none" ? [] : namesOf(text));

function choiceOf(given: Options, threads: number): Choice {
  const overrides = layerOfSettings(given.set ?? []);
  if (valueAt(overrides, ["train", "threads"]) !== undefined)
    throw usageError("benchmark-threads", "train.threads: a benchmark takes its threads from --threads");
  return {
    tasks: given.tasks === undefined ? undefined : tasksOf(given.tasks),
    methods: given.methods === undefined ? undefined : someOf(given.methods).map(methodOf),
    baselines: given.baselines === undefined ? undefined : someOf(given.baselines),
    seeds: given.seeds === undefined ? undefined : seedsOf(given.seeds),
    overrides,
    threads,
  };
}

function methodOf(name: string): string {
  const found = combination(name);
  if (!isRefusal(found)) return found.name;
  const { refused, unknown, remedy } = found;
  const guess = unknown === undefined ? undefined : closest(unknown, methodNames);
  throw usageError("unknown-method", `--methods: ${refused}`, guess === undefined ? remedy : `Did you mean ${guess}?`);
}

function seedsOf(text: string): number[] {
  const seeds = namesOf(text).map((seed) => wholeNumber(seed, "--seeds", 0));
  if (seeds.length === 0 || new Set(seeds).size < seeds.length)
    throw usageError("flag-value", `--seeds: expected different seeds, such as 0,1,2, got "${text}"`);
  return seeds;
}

/** The words of the command that gives the same table anywhere, and those that concern this machine alone. */
function wordsOf(suite: string, given: Options): { same: string[]; here: string[] } {
  const threads = given.threads === "1" ? undefined : given.threads;
  return {
    same: [
      suite,
      ...word("--tasks", given.tasks),
      ...word("--methods", given.methods),
      ...word("--baselines", given.baselines),
      ...word("--seeds", given.seeds),
      ...word("--threads", threads),
      ...(given.set ?? []).flatMap((setting) => ["--set", setting]),
    ],
    here: [
      ...word("--data", given.data),
      ...(given.store === defaultStore ? [] : ["--store", given.store]),
      ...word("--jobs", given.jobs),
      ...word("--out", given.out),
    ],
  };
}
