/** A module of the user's that exports `suite`: nothing has checked what is in it, so a mistake is told by its place. */
import * as z from "zod";
import { checkConfig } from "../config/check.ts";
import { list } from "../data/names.ts";
import { usageError } from "../errors.ts";
import type { Suite } from "./suite.ts";

export async function suiteOfModule(path: string): Promise<Suite> {
  const { resolve } = process.getBuiltinModule("node:path");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  let suite: unknown;
  try {
    ({ suite } = (await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)) as { suite?: unknown });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw usageError(
      "suite-module",
      `${path}: cannot be loaded (${message})`,
      code === "ERR_UNKNOWN_FILE_EXTENSION" ? "Compile it to JavaScript first." : undefined,
    );
  }
  if (suite === undefined)
    throw usageError("suite-module", `${path}: expected it to export suite, got none`, "See docs/for-researchers.md.");
  checkSuite(suite, path);
  return suite;
}

const text = z.string().min(1);
const number = z.number();
const anything = z.unknown();
const called = (name: string): z.ZodType => z.custom((value) => typeof value === "function", `${name} is no function`);
const differ = <T extends z.ZodType>(of: T): z.ZodType =>
  z.array(of).refine((all) => new Set(all).size === all.length, "expected each once");

const suiteShape = z.strictObject({
  ...{ name: text, title: z.string(), tasks: z.array(anything), methods: differ(text) },
  seeds: differ(z.int().nonnegative()).refine((all) => (all as unknown[]).length > 0, "expected at least one"),
  settings: z.array(z.strictObject({ name: z.string(), config: z.looseObject({}) })).optional(),
  metric: z.enum(["accuracy", "balancedAccuracy", "macroF1", "proxyDistance"]).optional(),
  printed: z.array(z.strictObject({ label: text, source: z.string(), values: z.record(z.string(), number) })),
  notes: z.array(z.string()),
});

const taskShape = z.strictObject({
  ...{ name: text, title: z.string(), group: z.string().optional(), needs: z.array(text), load: called("load") },
  ...{ perSeed: z.boolean().optional(), config: z.looseObject({}), seconds: number },
  ...{ baselines: z.array(anything).optional(), measurements: z.array(anything).optional() },
});

const inOneGo = { name: text, title: z.string(), settings: z.looseObject({}), seconds: number };
const seeds = z.enum(["each", "first"]).optional();
const baselineShape = z.strictObject({ ...inOneGo, seeds, predict: called("predict") });
const measurementShape = z.strictObject({ ...inOneGo, seeds, measure: called("measure") });

/** Throws for the first thing that is no suite. */
export function checkSuite(suite: unknown, path: string): asserts suite is Suite {
  const { name, tasks, settings = [], printed } = checkConfig(suiteShape, suite, `${path}: suite`);
  if (tasks.length === 0) throw usageError("suite-module", `${path}: suite ${name}: expected tasks, got none`);
  const found = tasks.map((task, i) => {
    const { baselines = [], measurements = [], ...own } = checkConfig(taskShape, task, `${path}: ${placeOf(task, i)}`);
    const at = `${path}: task ${own.name}`;
    const inside = [
      ...baselines.map((one, j) => checkConfig(baselineShape, one, `${at}: baseline ${nameOr(one, j)}`)),
      ...measurements.map((one, j) => checkConfig(measurementShape, one, `${at}: measurement ${nameOr(one, j)}`)),
    ];
    requireApart(inside, `${at}: baselines and measurements`);
    return { ...own, inside };
  });
  requireApart(found, `${path}: tasks`);
  requireApart(settings, `${path}: settings`);
  requireOneTitle(
    found.flatMap(({ inside }) => inside),
    path,
  );
  const known = found.map((task) => task.name);
  for (const { label, values } of printed)
    for (const task of Object.keys(values))
      if (!known.includes(task))
        throw usageError(
          "suite-module",
          `${path}: printed ${label}: expected names of tasks (${list(known, 12)}), got ${task}`,
        );
}

/** Jobs find a task, and a baseline in it, by name; a setting names a row. */
function requireApart(all: readonly { readonly name: string }[], what: string): void {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw usageError("suite-module", `${what}: expected different names, got ${twice} twice`);
  const listed = names.find((name) => name.includes(","));
  if (listed !== undefined)
    throw usageError("suite-module", `${what}: expected names without commas, which part them in flags, got ${listed}`);
}

/** Rows of a table are told apart by title. */
function requireOneTitle(all: readonly { readonly name: string; readonly title: string }[], path: string): void {
  const names = new Map<string, string>();
  for (const { name, title } of all) {
    const other = names.get(title) ?? name;
    if (other !== name)
      throw usageError("suite-module", `${path}: expected different titles, got "${title}" of ${other} and of ${name}`);
    names.set(title, name);
  }
}

const nameOr = (value: unknown, at: number): string => {
  const name = (value as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" && name !== "" ? name : String(at + 1);
};

const placeOf = (task: unknown, at: number): string => `task ${nameOr(task, at)}`;
