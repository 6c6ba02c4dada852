/** The jobs of a store as another process sees them: who is at which, how often each was taken up; and their killers. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchmarkTable } from "../../src/benchmark/table.ts";
import type { Random } from "../../src/random.ts";

export const jobFolders = (store: string): string[] =>
  readdirSync(join(store, "jobs")).map((id) => join(store, "jobs", id));

/** Sittings of a job: each opens with a plan. */
export const sittings = (job: string): number =>
  readFileSync(join(job, "metrics.jsonl"), "utf8").split('"type":"plan"').length - 1;

/** Jobs in hand, with the processes that have them. */
export const workersOf = (store: string): { readonly job: string; readonly pid: number }[] =>
  existsSync(join(store, "jobs"))
    ? jobFolders(store).flatMap((job) => {
        const lock = readdirSync(job).find((name) => name.startsWith(".lock"));
        const pid = lock === undefined ? 0 : Number(readText(join(job, lock)).split("\n")[0]);
        return pid > 0 ? [{ job, pid }] : [];
      })
    : [];

/** A file's text; empty where it is not there, which in a living store may be so from one moment to the next. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function until<T>(look: () => T | undefined | false, what: string): Promise<T> {
  for (let waited = 0; waited < 60_000; waited += 5) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(5);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** A table without what may depend on when, where and how often it was done. */
export function lastingTable({ made: _m, tasks, rows, ...table }: BenchmarkTable): object {
  return {
    ...table,
    tasks: tasks.map(({ seconds: _s, ...task }) => task),
    rows: rows.map(({ trainingSeconds: _t, ...row }) => row),
  };
}

export interface Killing {
  readonly store: string;
  readonly kills: number;
  /** Decides whom and when. */
  readonly chance: Random;
  /** Whether there is anybody left to kill. */
  readonly running: () => boolean;
}

/**
 * SIGKILL for random workers, one after the other, each when its job has written a random number of further events: at
 * any moment, before its first checkpoint as well, however fast the machine is. Gives the number of kills.
 */
export async function killWorkers({ store, kills, chance, running }: Killing): Promise<number> {
  const dead = new Set<number>();
  while (running() && dead.size < kills) {
    // The claim of a dead one stays until somebody takes its job up.
    const [victim] = chance.shuffle(workersOf(store).filter(({ pid }) => !dead.has(pid)));
    if (victim === undefined) {
      await sleep(5);
      continue;
    }
    const events = (): number => readText(join(victim.job, "metrics.jsonl")).split("\n").length;
    const at = events() + chance.integer(8);
    const has = (): boolean => workersOf(store).some(({ pid }) => pid === victim.pid);
    while (has() && events() < at) await sleep(5);
    if (!has()) continue;
    try {
      process.kill(victim.pid, "SIGKILL");
      dead.add(victim.pid);
    } catch {
      // It had just ended.
    }
  }
  return dead.size;
}
