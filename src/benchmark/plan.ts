/** From a suite and what is asked of it to the jobs that are to be done. */
import { hashData, hashRecipeFiles } from "../adapt/data-hash.ts";
import { isModule } from "../adapt/network.ts";
import { checkConfig } from "../config/check.ts";
import { isPlain, merge, type Plain } from "../config/merge.ts";
import { resolveRecipe } from "../config/resolve.ts";
import type { RecipeConfig } from "../config/schema.ts";
import { type PreprocessOptions, preprocessOptions } from "../data/config.ts";
import { closest, list } from "../data/names.ts";
import { usageError } from "../errors.ts";
import { readOptions } from "../methods/config.ts";
import { type DataPlaces, dataSets, missingSets } from "./data-sets.ts";
import { type Job, named } from "./job.ts";
import { loadTask } from "./load-task.ts";
import type { Baseline, DataSets, Measurement, Setting, Suite, Task } from "./suite.ts";

/** What of a suite is wanted; what is left out is as the suite has it. */
export interface Choice {
  readonly tasks?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  /** Baselines and measurements by name. */
  readonly baselines?: readonly string[] | undefined;
  readonly seeds?: readonly number[] | undefined;
  /** Laid over every recipe. */
  readonly overrides?: Plain | undefined;
  readonly threads?: number | undefined;
}

export interface PlanRequest {
  readonly suite: Suite;
  /** The suite's name, or the path of its module: how workers find it. */
  readonly reference: string;
  readonly choice: Choice;
  readonly places: DataPlaces;
  /** The engine that jobs will run on: others give other bits. */
  readonly device: "cpu" | "wasm";
  /** Told before the data of a task are read, which may take seconds. */
  readonly reading?: ((task: Task) => void) | undefined;
}

export interface PlannedTask {
  readonly task: Task;
  /** Data sets that are not there; such a task has no jobs. */
  readonly missing: readonly string[];
  readonly jobs: readonly Job[];
}

export interface Plan {
  readonly suite: Suite;
  readonly settings: readonly Setting[];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly tasks: readonly PlannedTask[];
}

/** The one setting of a suite that names none. */
const asItIs: readonly Setting[] = [{ name: "", config: {} }];

export async function planSuite(request: PlanRequest): Promise<Plan> {
  const { suite, choice, places, reading } = request;
  const sets = dataSets(places);
  const seeds = choice.seeds ?? suite.seeds;
  const settings = suite.settings ?? asItIs;
  const methods = methodsOf(suite, choice.methods);
  refuseDistances(suite, methods);
  refuseUnread(methods, choice.overrides ?? {});
  refuseUnknown(suite, choice.baselines);
  const asked = tasksOf(suite, choice.tasks);
  const wanted = ({ name }: Baseline | Measurement): boolean => choice.baselines?.includes(name) ?? true;
  if (methods.length === 0 && !asked.some((task) => inOneGoOf(task).some(wanted)))
    throw usageError(
      "benchmark-empty",
      `suite ${suite.name}: nothing to do, no methods and no baselines are left`,
      "Name some with --methods or --baselines.",
    );
  const tasks: PlannedTask[] = [];
  for (const task of asked) {
    // What is wrong with the recipe is said before any data are read.
    const recipes = settings.flatMap((setting) =>
      methods.map((method) => ({ setting, ...resolveTask(task, setting, method, choice, request.device) })),
    );
    const missing = await missingSets(task, sets);
    if (missing.length > 0) {
      // Data that were asked for by name must be there; of a whole suite, what is there is done.
      if (choice.tasks !== undefined) for (const set of missing) await sets.folder(set);
      tasks.push({ task, missing, jobs: [] });
      continue;
    }
    reading?.(task);
    const resolved = await Promise.all(
      recipes.map(async (one) => ({ ...one, files: await hashRecipeFiles(one.recipe) })),
    );
    const jobs: Job[] = [];
    let data: string | undefined;
    for (const seed of seeds) {
      if (data === undefined || task.perSeed === true) data = hashData(await loadTask(task, sets, seed));
      else if (seed === seeds[1] && isModule(request.reference)) await requireOneFor(task, { sets, seed, data });
      const at = { kind: "suite", suite: request.reference, task: task.name } as const;
      const common = { at, seed, data };
      for (const { setting, recipe, preprocess, files } of resolved) {
        const own = { ...recipe, train: { ...recipe.train, seed } };
        const made = { setting: setting.name, seconds: task.seconds, recipe: own, preprocess, files };
        jobs.push(named({ kind: "adapt", ...common, ...made }));
      }
      for (const one of inOneGoOf(task).filter(wanted)) {
        if (one.seeds === "first" && seed !== seeds[0]) continue;
        const { name, settings, seconds } = one;
        const kind = "measure" in one ? "measurement" : "baseline";
        jobs.push(named({ kind, ...common, setting: "", seconds, name, settings }));
      }
    }
    tasks.push({ task, missing, jobs });
  }
  return { suite, settings, methods, seeds, tasks };
}

/** Data of the first seed would be everybody's, or each job's that finds others would fail, as workers happen to come by. */
async function requireOneFor(task: Task, asked: { sets: DataSets; seed: number; data: string }): Promise<void> {
  if (hashData(await loadTask(task, asked.sets, asked.seed)) === asked.data) return;
  throw usageError(
    "suite-module",
    `task ${task.name}: its load gives other data for seed ${asked.seed}, and perSeed is not true`,
    "Say perSeed: true in the task, or leave the seed out of its load.",
  );
}

/** Source-only is trained beside every method, so it is a job of its own only where nothing else is asked for. */
function methodsOf(suite: Suite, asked: readonly string[] | undefined): readonly string[] {
  if (suite.methods.length === 0 && asked !== undefined && asked.length > 0)
    throw usageError("benchmark-method", `--methods: suite ${suite.name} adapts nothing, got ${asked.join(", ")}`);
  const methods = asked ?? suite.methods;
  if (methods.length === 0) return [];
  const others = methods.filter((name) => name !== "source-only");
  return others.length === 0 ? ["source-only"] : [...new Set(others)];
}

/** A distance is measured: predictions have none. */
function refuseDistances({ name, metric, tasks }: Suite, methods: readonly string[]): void {
  if (metric !== "proxyDistance") return;
  const predicting = [...methods, ...tasks.flatMap(({ baselines = [] }) => baselines.map((one) => one.name))];
  if (predicting.length > 0)
    throw usageError(
      "benchmark-metric",
      `suite ${name}: its metric is proxyDistance, which only measurements have, got ${predicting[0]}`,
      "Leave methods and baselines out, or name another metric: accuracy, balancedAccuracy, macroF1.",
    );
}

function tasksOf(suite: Suite, names: readonly string[] | undefined): readonly Task[] {
  if (names === undefined) return suite.tasks;
  const known = suite.tasks.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const guess = closest(name, known);
    throw usageError(
      "unknown-task",
      `--tasks: suite ${suite.name} has no task ${name}`,
      guess === undefined ? `It has: ${list(known, 24)}.` : `Did you mean ${guess}?`,
    );
  }
  return suite.tasks.filter(({ name }) => names.includes(name));
}

const inOneGoOf = ({ baselines = [], measurements = [] }: Task): readonly (Baseline | Measurement)[] => [
  ...baselines,
  ...measurements,
];

/** Names of the baselines and measurements of tasks. */
export const baselinesOf = (tasks: readonly Task[]): string[] => [
  ...new Set(tasks.flatMap(inOneGoOf).map(({ name }) => name)),
];

function refuseUnknown(suite: Suite, names: readonly string[] | undefined): void {
  const known = baselinesOf(suite.tasks);
  for (const name of names ?? []) {
    if (known.includes(name)) continue;
    const guess = closest(name, known);
    throw usageError(
      "unknown-baseline",
      `--baselines: suite ${suite.name} has no baseline ${name}`,
      guess !== undefined
        ? `Did you mean ${guess}?`
        : known.length === 0
          ? "It has none."
          : `It has: ${list(known, 24)}.`,
    );
  }
}

interface Resolved {
  readonly recipe: RecipeConfig;
  readonly preprocess: PreprocessOptions;
}

function resolveTask(task: Task, setting: Setting, method: string, choice: Choice, device: "cpu" | "wasm"): Resolved {
  const layers = [
    { origin: `task ${task.name}`, given: task.config },
    { origin: `setting ${setting.name}`, given: setting.config },
    { origin: "--set", given: choice.overrides ?? {} },
  ].map(({ origin, given }) => ({ origin, ...parted(given, method) }));
  const base = { origin: "methods", config: { method: { name: method }, train: { device } } };
  const threads = choice.threads === undefined ? {} : { train: { threads: choice.threads } };
  const recipe = resolveRecipe([base, ...layers, { origin: "--threads", config: threads }]);
  if (recipe.task !== undefined && recipe.task !== "classification")
    throw usageError(
      "benchmark-task",
      `task: expected classification, because suites are tables of the accuracy of classifiers, got ${recipe.task}`,
      "Leave it out, or run dann adapt --task on your own data.",
    );
  const preprocess = layers.reduce<Plain>((below, layer) => merge(below, layer.preprocess), {});
  return { recipe, preprocess: checkConfig(preprocessOptions, preprocess, `task ${task.name}: data.preprocess`) };
}

/** The two parts of a task's configuration. The data are the task's own; only how they become inputs can be set. */
function parted({ data, ...config }: Plain, name: string): { config: Plain; preprocess: Plain } {
  const { preprocess = {}, ...others } = isPlain(data) ? data : {};
  const [other] = Object.keys(others);
  if (other !== undefined || !isPlain(preprocess))
    throw usageError(
      "benchmark-data",
      `data.${other ?? "preprocess"}: expected keys of data.preprocess, the rest is the task's own`,
      "Use dann adapt for data of your own.",
    );
  const { method, train } = config;
  if (isPlain(method) && method.name !== undefined)
    throw usageError("benchmark-method", "method.name: a benchmark takes its methods from --methods");
  if (isPlain(train) && train.seed !== undefined)
    throw usageError("benchmark-seed", "train.seed: a benchmark takes its seeds from --seeds");
  if (isPlain(train) && train.threads !== undefined)
    throw usageError("benchmark-threads", "train.threads: a benchmark takes its threads from --threads");
  // Options of a task or of --set are for the methods that read them.
  return { config: isPlain(method) ? { ...config, method: readOptions(name, method) } : config, preprocess };
}

/** Refuses an option that none of the methods reads. */
function refuseUnread(methods: readonly string[], overrides: Plain): void {
  const { method } = overrides;
  const asked = methods.length === 0 ? "no method is asked for that" : `none of ${methods.join(", ")}`;
  for (const key of isPlain(method) ? Object.keys(method) : []) {
    if (key === "name" || methods.some((name) => key in readOptions(name, { [key]: undefined }))) continue;
    throw usageError("benchmark-method", `method.${key}: ${asked} reads it`);
  }
}
