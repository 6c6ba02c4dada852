/**
 * Frozen copies of parts of a network: what a part has as parameters or statistics is carried beside it as state that no
 * step changes, under `copy/` and its own path. Training fills copies where they begin, and anew where a method says so.
 */
import type { Scope } from "./layer.ts";

const prefix = "copy/";

/** The scope in which a network is applied as it was when it was copied. */
export const frozenCopy = (root: Scope): Scope => copied(root.child("copy"));

const copied = (scope: Scope): Scope => ({
  ...scope,
  child: (name) => copied(scope.child(name)),
  parameter: (name, dims, initialiser) => scope.statistic(name, dims, initialiser),
  updateStatistic: () => undefined,
});

/** What a state is a copy of, by its name; undefined for all that is none. */
export const originalOf = (name: string): string | undefined =>
  name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
