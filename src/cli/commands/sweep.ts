/** `dann sweep`: many settings of one adaptation, compared without target labels. */
import { join } from "node:path";
import { openBackend } from "#runtime";
import { stateOf } from "../../benchmark/store.ts";
import type { SweepPlanDocument } from "../../benchmark/sweep/document.ts";
import { type DataHashes, planSettings, requireVariable, type SweepPlan } from "../../benchmark/sweep/plan.ts";
import { sweepMarkdown } from "../../benchmark/sweep/render.ts";
import { runSweep, type SweepRung } from "../../benchmark/sweep/run.ts";
import { resolveRun } from "../../config/resolve.ts";
import type { RunConfig } from "../../config/schema.ts";
import { writeAtomic } from "../../data/atomic.ts";
import { runError, usageError } from "../../errors.ts";
import { commandOf } from "../../report/shell.ts";
import { collect, makeCommand, trainingFlags } from "../command.ts";
import { addFlags, flagFor, helpOf, layerOfSettings } from "../flags.ts";
import { followJobs } from "../follow-jobs.ts";
import { catchInterrupt } from "../interrupt.ts";
import { layersOf, refuseDevices } from "../layers.ts";
import { made, type Parallelism, parallelism } from "../many-jobs.ts";
import { createOutput, type Output } from "../output.ts";
import { renderSweep, renderSweepPlan } from "../render/sweep.ts";
import { checkAdaptation, savedConfig } from "../run-adapt.ts";
import {
  type Asked,
  adaptWords,
  defaultStore,
  type GivenSweep,
  hereWords,
  ownWords,
  refuseGiven,
  rungsFor,
  seedsOf,
  settingsOf,
  sweepFlags,
  tuningSeeds,
} from "../sweep-request.ts";
import { wordsOf } from "../words.ts";

export function command(): ReturnType<typeof makeCommand> {
  const sweep = makeCommand("sweep", "many settings of one adaptation, compared without target labels");
  const seeds = `seeds of every setting; default: --seed, or ${tuningSeeds.join(",")}`;
  addFlags(sweep, sweepFlags, (flag) => (flag.key === "seeds" ? seeds : helpOf(flag)));
  sweep
    .option("--config <file>", "configuration (YAML or JSON) under all settings; flags win over it")
    .option("--grid <key=values>", "values of a key with commas between; repeatable: the product is tried", collect)
    .option("--random <n>", "try n settings drawn from --space")
    .option("--space <key=range>", "KEY=LOW..HIGH, KEY=log:LOW..HIGH or KEY=VALUE,VALUE; repeatable", collect)
    .option("--random-seed <n>", "decides what is drawn; default 0")
    .option("--halving", "all settings for few steps, the best 1/eta of them for eta times as many, and so on")
    .option("--eta <n>", "of --halving; default 3")
    .option("--store <folder>", "where jobs and their results are kept", defaultStore)
    .option("--jobs <n>", "processes at a time; default: as many as the cores allow")
    .option("--out <folder>", "write sweep.json and sweep.md there");
  return trainingFlags(
    sweep,
    "any key of the configuration, the same in all settings; repeatable",
    "check everything and say what would be done",
  )
    .addHelpText(
      "after",
      `
Examples:
  dann sweep --source clinic-a.csv --source-labels diagnosis --target clinic-b.csv \\
    --grid train.lambda.max=0.1,0.3,1 --grid method.domainLoss=half,sum
  dann sweep --config clinics.yaml --random 27 --halving \\
    --space train.rate.from=log:1e-4..1e-2 --space network.options.hidden=[64],[64,64]

Labels of the target (--target-labels) only score: they choose nothing. Finished jobs are kept in the store and never
done twice; after Ctrl-C or a kill the same command goes on.`,
    )
    .action(async (given: unknown) => run(given as GivenSweep));
}

async function run(given: GivenSweep): Promise<void> {
  const output = createOutput(given);
  const layers = await layersOf(given, sweepFlags);
  refuseDevices(layers);
  const { search, keys, settings } = settingsOf(given);
  refuseGiven(keys, layers, given.config);
  const base = resolveRun(layers, flagFor);
  refuseRegression(base.task);
  const rungs = rungsFor(given, settings.length, base);
  requireVariable(keys, given.halving === true ? rungs[0]?.budget?.key : undefined);
  const plan: SweepPlan = {
    seeds: seedsOf(base, layers),
    device: "cpu",
    async resolve(words) {
      // As the winner's command has it: behind the words of --set.
      const config = layerOfSettings([...(given.set ?? []), ...words]);
      const swept = { origin: search === "grid" ? "--set, --grid" : "--set, --space", config };
      const resolved = resolveRun([...layers.slice(0, -1), swept], flagFor);
      checkAdaptation(resolved);
      refuseRegression(resolved.task);
      return savedConfig(resolved, ".");
    },
  };
  for (const { words } of settings) await plan.resolve(words);
  const engine = await openBackend(base.train.device);
  await work({
    ...{ given, output, base, search, keys, settings, rungs },
    ...{ plan: { ...plan, device: engine.device === "wasm" ? "wasm" : "cpu" }, engine: engine.version },
    parallel: parallelism(given.jobs, base.train.threads, output),
  });
}

/** Settings are ranked by accuracy and by what class probabilities tell. */
function refuseRegression(task: RunConfig["task"]): void {
  if (task !== "regression") return;
  throw usageError(
    "sweep-regression",
    "task (--task): expected classification or binary, because settings are ranked by what classes tell, got regression",
    "Run dann adapt --task regression for each setting, and compare the errors.",
  );
}

interface Work extends Asked {
  readonly given: GivenSweep;
  readonly output: Output;
  readonly base: RunConfig;
  readonly rungs: readonly SweepRung[];
  readonly plan: SweepPlan;
  readonly engine: string;
  readonly parallel: Parallelism;
}

async function work({
  given,
  output,
  base,
  search,
  keys,
  settings,
  rungs,
  plan,
  engine,
  parallel,
}: Work): Promise<void> {
  const { store } = given;
  const hashes: DataHashes = new Map();
  if (given.dryRun === true) {
    const document = await describe({ plan, settings, rungs, store, parallel, hashes });
    output.document(document);
    output.result(renderSweepPlan(document));
    return;
  }
  output.progress.busy("reading the data");
  const again = [...wordsOf(sweepFlags, given), ...ownWords(given)];
  const interrupt = catchInterrupt(output.note);
  try {
    const sweep = await runSweep({
      ...{ plan, settings, rungs, hashes, store, places: {}, workers: parallel.workers, signal: interrupt.signal },
      follow(jobs, rung) {
        if (rungs.length > 1) output.note(`rung ${rung + 1} of ${rungs.length}: ${jobs.length} jobs`);
        return followJobs(jobs, output);
      },
      commandOf: (words) => commandOf("dann adapt", adaptWords(given, words, plan.seeds, base)),
      resume: commandOf("dann sweep", [...again, ...hereWords(given)]),
      head: {
        ...{ source: [base.data.source].flat().join(" + "), target: base.data.target, search, keys: [...keys] },
        command: commandOf("dann sweep", again),
        made: made(engine, parallel),
      },
    });
    output.progress.clear();
    if (given.out !== undefined) {
      await writeAtomic(join(given.out, "sweep.json"), `${JSON.stringify(sweep, undefined, 2)}\n`);
      await writeAtomic(join(given.out, "sweep.md"), sweepMarkdown(sweep));
    }
    output.document(sweep);
    output.result(renderSweep(sweep, output.paint));
    if (sweep.failures.length > 0)
      throw runError("sweep", `${sweep.failures.length} jobs failed`, "The reasons stand under the table.");
  } finally {
    output.progress.clear();
    interrupt.release();
  }
}

async function describe({
  plan,
  settings,
  rungs,
  store,
  parallel,
  hashes,
}: Pick<Work, "plan" | "settings" | "rungs" | "parallel"> & {
  store: string;
  hashes: DataHashes;
}): Promise<SweepPlanDocument> {
  const budget = rungs.length > 1 ? rungs[0]?.budget : undefined;
  const words = budget == null ? [] : [`${budget.key}=${budget.value}`];
  const described: SweepPlanDocument["settings"] = [];
  for (const { setting, jobs } of await planSettings(settings, plan, hashes, words)) {
    const own: SweepPlanDocument["settings"][number]["jobs"] = [];
    for (const job of jobs) own.push({ seed: job.seed, id: job.id, state: await stateOf(store, job) });
    described.push({ name: setting.name, jobs: own });
  }
  return {
    schema: 1,
    dryRun: true,
    store,
    ...parallel,
    seeds: [...plan.seeds],
    rungs: [...rungs],
    settings: described,
  };
}
