/** One row a suite: what `dann benchmark` offers. A module of the user's that exports `suite` is one, too. */
import { isModule } from "../adapt/network.ts";
import { closest, list } from "../data/names.ts";
import { usageError } from "../errors.ts";
import type { Suite, Task } from "./suite.ts";
import { amazonSuite } from "./suites/amazon.ts";
import { digitsSuite } from "./suites/digits.ts";
import { driftSuite } from "./suites/drift.ts";
import { moonsSuite } from "./suites/moons.ts";
import { officeCaltechSuite } from "./suites/office-caltech.ts";
import { padSuite } from "./suites/pad.ts";
import { signsSuite } from "./suites/signs.ts";

export const suites: readonly Suite[] = [
  moonsSuite,
  digitsSuite,
  signsSuite,
  officeCaltechSuite,
  amazonSuite,
  padSuite,
  driftSuite,
];

export async function findSuite(reference: string): Promise<Suite> {
  if (isModule(reference)) return fromModule(reference);
  const found = suites.find(({ name }) => name === reference);
  if (found !== undefined) return found;
  const names = suites.map(({ name }) => name);
  const guess = closest(reference, names);
  throw usageError(
    "unknown-suite",
    `benchmark: expected one of ${list(names, 24)}, or a module (.js, .ts) that exports a suite, got ${reference}`,
    guess === undefined ? "dann benchmark lists the suites." : `Did you mean ${guess}?`,
  );
}

async function fromModule(path: string): Promise<Suite> {
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
  if (isSuite(suite)) return suite;
  throw usageError(
    "suite-module",
    `${path}: expected it to export suite, with name, title, tasks, methods, seeds, printed and notes, got ${suite === undefined ? "none" : "something else"}`,
  );
}

const isSuite = (value: unknown): value is Suite => {
  if (typeof value !== "object" || value === null) return false;
  const { name, title, tasks, methods, seeds, printed, notes } = value as Partial<Record<keyof Suite, unknown>>;
  return (
    typeof name === "string" &&
    typeof title === "string" &&
    [tasks, methods, seeds, printed, notes].every(Array.isArray) &&
    (tasks as Partial<Task>[]).every((task) => typeof task.name === "string" && typeof task.load === "function")
  );
};

export async function findTask(reference: string, name: string): Promise<Task> {
  const suite = await findSuite(reference);
  const task = suite.tasks.find((one) => one.name === name);
  if (task !== undefined) return task;
  throw usageError("unknown-task", `suite ${suite.name} has no task ${name}`);
}
