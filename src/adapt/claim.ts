/**
 * Who may write to a folder: at most one living process. A claim is a file that names its process; the claim of a
 * process that is gone (killed) is taken over. Node only.
 *
 * Claims are numbered (`.lock`, `.lock-2`, `.lock-3`, …) and the highest counts. Taking over makes the next number, which
 * only one process can (`wx`), and nothing that counts is ever removed by another: with one name for all, two processes
 * that see the same dead claim could each remove it, the second one the living claim of the first.
 *
 * A claim can be lost: somebody deletes the file while its process is stopped, or the folder lies on a disk that several
 * machines share. So `held` is asked before every write.
 */
import { unwritable } from "../data/atomic.ts";
import { nodeModules } from "../data/files.ts";
import { DannError, usageError } from "../errors.ts";

export interface Claim {
  /** Whether the folder is still ours. */
  held(): Promise<boolean>;
  /** Gives it back. Does nothing where it was lost. */
  release(): Promise<void>;
}

/** The process that a claim names. */
export interface Holder {
  readonly pid: number;
  /** When the process began, as far as the platform tells: numbers of processes are used again. */
  readonly began?: string | undefined;
  /** Name of its machine; of one that is not ours nothing can be told. */
  readonly host?: string | undefined;
  /** Differs from claim to claim of one process. */
  readonly mark?: string | undefined;
}

const base = ".lock";
const nameOf = (number: number): string => (number === 1 ? base : `${base}-${number}`);
const numberOf = (name: string): number => (name === base ? 1 : Number(/^\.lock-([1-9]\d*)$/.exec(name)?.[1] ?? 0));

/** Marks of claims that this process holds. */
const ours = new Set<string>();
let serial = 0;

/** Claims a folder that exists; an error where another living process has it. */
export async function claimFolder(folder: string): Promise<Claim> {
  const own = await describeSelf();
  // Before the file is there: others of this process would take a claim in the making for a dead one's.
  ours.add(own.mark);
  return takeClaim(folder, own).catch((cause: unknown) => {
    ours.delete(own.mark);
    throw cause;
  });
}

async function takeClaim(folder: string, own: Self): Promise<Claim> {
  const { fs, path } = nodeModules();
  const at = (number: number): string => path.join(folder, nameOf(number));
  for (let attempt = 0; attempt < 20; attempt++) {
    const highest = await highestOf(folder);
    if (highest > 0) {
      const holder = await readHolder(at(highest));
      if (holder === undefined) continue;
      if (await isAlive(holder)) throw claimed(at(highest), holder);
    }
    const number = highest + 1;
    try {
      await fs.writeFile(at(number), print(own), { flag: "wx" });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw unwritable(at(number), cause);
    }
    const names = await namesIn(folder);
    // The dead claim that this one follows must still be there, else others have come and gone in between.
    const follows = highest === 0 || names.includes(nameOf(highest));
    if (Math.max(...names.map(numberOf)) !== number || !follows) {
      await fs.rm(at(number), { force: true });
      continue;
    }
    for (const name of names) {
      if (numberOf(name) > 0 && numberOf(name) < number) await fs.rm(path.join(folder, name), { force: true });
    }
    return makeClaim(folder, number, own.mark);
  }
  throw claimed(at(1), undefined);
}

function makeClaim(folder: string, number: number, mark: string): Claim {
  const { fs, path } = nodeModules();
  const file = path.join(folder, nameOf(number));
  const held = async (): Promise<boolean> => {
    if (!ours.has(mark) || (await highestOf(folder)) !== number) return false;
    return parse(await fs.readFile(file, "utf8").catch(() => ""))?.mark === mark;
  };
  return {
    held,
    async release() {
      if (await held()) await fs.rm(file, { force: true });
      ours.delete(mark);
    },
  };
}

/** The living process that has a folder, or undefined where it is free. */
export async function holderOf(folder: string): Promise<Holder | undefined> {
  const highest = await highestOf(folder);
  if (highest === 0) return undefined;
  const holder = await readHolder(nodeModules().path.join(folder, nameOf(highest)));
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
}

/** Another process has the folder, or has taken it over. */
export const isClaimed = (error: unknown): boolean =>
  error instanceof DannError && (error.code === "run-locked" || error.code === "run-lost");

export const claimLost = (folder: string): DannError =>
  usageError(
    "run-lost",
    `${folder}: another process has taken this run over, nothing more is written here`,
    "Let the other one end; then the run can be resumed.",
  );

const claimed = (file: string, holder: Holder | undefined): DannError =>
  usageError(
    "run-locked",
    `${file}: another process ${holder === undefined ? "" : `(${holder.pid}${holder.host === undefined || holder.host === hostname() ? "" : ` on ${holder.host}`}) `}is writing to this run`,
    "Wait for it to end; if it is gone, delete this file.",
  );

const namesIn = (folder: string): Promise<string[]> =>
  nodeModules()
    .fs.readdir(folder)
    .catch(() => []);

const highestOf = async (folder: string): Promise<number> => Math.max(0, ...(await namesIn(folder)).map(numberOf));

/** Undefined where the claim is gone by now. One that says nothing was made by a process killed in the middle. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const { fs } = nodeModules();
  for (let attempt = 0; attempt < 10; attempt++) {
    const text = await fs.readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const holder = parse(text);
    if (holder !== undefined) return holder;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { pid: 0 };
}

const print = ({ pid, began = "", host = "", mark = "" }: Holder): string => `${[pid, began, host, mark].join("\n")}\n`;

function parse(text: string): Holder | undefined {
  const [pid = "", began, host, mark] = text.split("\n");
  // A claim of four lines is whole with its last line break; one number alone is whole as it is.
  if (!/^\d+$/.test(pid) || (began !== undefined && !text.endsWith("\n"))) return undefined;
  return { pid: Number(pid), began: began || undefined, host: host || undefined, mark: mark || undefined };
}

const hostname = (): string => process.getBuiltinModule("node:os").hostname();

type Self = Holder & { readonly mark: string };

async function describeSelf(): Promise<Self> {
  const { pid } = process;
  const state = await processState(pid);
  const began = state === "gone" ? undefined : state;
  return { pid, began, host: hostname(), mark: `${pid}-${began ?? ""}-${serial++}` };
}

async function isAlive({ pid, began, host, mark }: Holder): Promise<boolean> {
  if (host !== undefined && host !== hostname()) return true;
  if (pid <= 0) return false;
  if (pid === process.pid && mark === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it lives, and belongs to somebody else.
    if ((cause as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const state = await processState(pid);
  if (state === "gone" || (began !== undefined && state !== undefined && state !== began)) return false;
  return pid !== process.pid || ours.has(mark ?? "");
}

/**
 * What Linux tells of a process: when it began (the boot, and clock ticks since), or that it is gone, even where nobody
 * has asked for its exit code yet. Undefined elsewhere.
 */
async function processState(pid: number): Promise<string | "gone" | undefined> {
  const { fs } = nodeModules();
  const [stat, boot] = await Promise.all([
    fs.readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined),
    fs.readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined),
  ]);
  if (boot === undefined) return undefined;
  if (stat === undefined) return "gone";
  // The name, in brackets, may hold anything; behind it come the state and, 19 fields on, the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return "gone";
  return `${boot.trim()}/${fields[19]}`;
}
