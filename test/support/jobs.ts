/** The jobs of a store as another process sees them: who is at which, and how often each was taken up. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

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
