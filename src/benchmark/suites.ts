/** One row a suite: what `dann benchmark` offers. A module of the user's that exports `suite` is one, too. */
import { isModule } from "../adapt/network.ts";
import { closest, list } from "../data/names.ts";
import { usageError } from "../errors.ts";
import type { Suite, Task } from "./suite.ts";
import { suiteOfModule } from "./suite-module.ts";
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
  if (isModule(reference)) return suiteOfModule(reference);
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

export async function findTask(reference: string, name: string): Promise<Task> {
  const suite = await findSuite(reference);
  const task = suite.tasks.find((one) => one.name === name);
  if (task !== undefined) return task;
  throw usageError("unknown-task", `suite ${suite.name} has no task ${name}`);
}
