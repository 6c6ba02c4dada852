/** Runs that differ in nothing but the seed are one group; what tells the groups apart are the keys that differ. */
import { isPlain, type Plain } from "../../config/merge.ts";
import type { RunRecord } from "./read.ts";

export interface RunGroup {
  /** A, B, …, Z, AA, … in the order of the runs. */
  readonly name: string;
  readonly runs: readonly RunRecord[];
}

/** A key of the configuration that is not the same in all groups. */
export interface KeyDifference {
  readonly key: string;
  /** By group's name; a group without the key is left out. */
  readonly values: Readonly<Record<string, unknown>>;
}

export function groupRuns(runs: readonly RunRecord[]): RunGroup[] {
  const byKey = new Map<string, RunRecord[]>();
  for (const run of runs) {
    const key = JSON.stringify([...leavesOf(run.config)].sort(([a], [b]) => (a < b ? -1 : 1)));
    byKey.set(key, [...(byKey.get(key) ?? []), run]);
  }
  return [...byKey.values()].map((own, at) => ({
    name: letters(at),
    runs: own.toSorted((a, b) => a.result.seed - b.result.seed),
  }));
}

export function differencesOf(groups: readonly RunGroup[]): KeyDifference[] {
  const leaves = groups.map(({ name, runs: [run] }) => ({ name, own: leavesOf(run?.config ?? {}) }));
  const keys = [...new Set(leaves.flatMap(({ own }) => [...own.keys()]))].sort();
  return keys.flatMap((key) => {
    const texts = new Set(leaves.map(({ own }) => JSON.stringify(own.get(key))));
    if (texts.size < 2) return [];
    const known = leaves.filter(({ own }) => own.has(key));
    return [{ key, values: Object.fromEntries(known.map(({ name, own }) => [name, own.get(key)])) }];
  });
}

/** Keys of a run's own: which seed it is, and where it lies. */
const runsOwn: ReadonlySet<string> = new Set(["train.seed", "seeds", "out"]);

/** Values by path. Lists are values; a group of keys without any is one as well. */
function leavesOf(config: Plain, path: readonly string[] = []): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [key, value] of Object.entries(config)) {
    const here = [...path, key];
    if (value === undefined || runsOwn.has(here.join("."))) continue;
    if (isPlain(value)) for (const [leaf, one] of leavesOf(value, here)) leaves.set(leaf, one);
    else leaves.set(here.join("."), value);
  }
  return leaves;
}

const letters = (at: number): string => {
  const last = String.fromCharCode(65 + (at % 26));
  return at < 26 ? last : `${letters(Math.floor(at / 26) - 1)}${last}`;
};
