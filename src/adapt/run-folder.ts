/**
 * A run is a folder (design 5.2). Files are written whole or not at all; `result.json` is written last, so a folder
 * that has one is a finished run, and one that has none can be resumed. A claim keeps two processes from writing to it.
 */
import type { FileHandle } from "node:fs/promises";
import { unwritable, writeAtomic } from "../data/atomic.ts";
import { nodeModules } from "../data/files.ts";
import { DannError, dataError, runError, usageError } from "../errors.ts";
import { type Claim, claimFolder, claimLost, holderOf } from "./claim.ts";

/** The run of a seed in a folder of seeds. */
export const seedFolder = (seed: number): string => `seed-${seed}`;

/** Names of a run's files, in one place for writers and readers. */
export const runFiles = {
  config: "config.yaml",
  result: "result.json",
  /** Of a folder of seeds, beside the folders of its runs. */
  summary: "summary.json",
  metrics: "metrics.jsonl",
  model: "model.onnx",
  labels: "labels.json",
  tokenizer: "tokenizer.json",
  checkpoint: "checkpoint",
  progress: "progress.json",
  embedding: "embedding.npz",
  report: "report.html",
  log: "log.txt",
} as const;

export interface RunFolder {
  readonly path: string;
  /** Replaces a file of the run, whole. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  /** A file's bytes, or undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Adds an event to `metrics.jsonl`. */
  event(event: object): Promise<void>;
  /** Bytes of `metrics.jsonl` so far: where a resumed run has to go on. */
  metricsLength(): number;
  /** Adds a line to `log.txt`. */
  log(line: string): Promise<void>;
  /** Names in a sub-folder. */
  list(folder: string): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
  /** Closes files and gives the claim back. */
  release(): Promise<void>;
}

/** Makes the folder of a new run. It must not exist, or be empty. */
export async function createRunFolder(path: string): Promise<RunFolder> {
  const { fs, path: paths } = nodeModules();
  await refuseOccupied(path);
  try {
    await fs.mkdir(paths.join(path, runFiles.checkpoint), { recursive: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return openFolder(path, 0, await claimFolder(path));
}

/** Refuses a place for a new run that holds something already. */
export async function refuseOccupied(path: string): Promise<void> {
  const { fs } = nodeModules();
  const names: readonly string[] = await fs.readdir(path).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw usageError(
      "run-exists",
      `${path}: expected a folder for the run, got a file`,
      "Choose another place with --out.",
    );
  });
  if (names.length === 0) return;
  const isRun = names.includes(runFiles.config);
  throw usageError(
    "run-exists",
    `${path}: expected a new or empty folder, got ${isRun ? "one that holds a run" : "one that holds files"}`,
    isRun
      ? `Go on with it by --resume ${path}, or choose another place with --out.`
      : "Choose another place with --out.",
  );
}

/**
 * Opens the folder of a run that was interrupted.
 * @param metricsLength where `metrics.jsonl` is cut off: events after the last checkpoint will come again.
 * @param claim where the caller has claimed the folder already; it is given back with the folder.
 */
export async function reopenRunFolder(path: string, metricsLength: number, claim?: Claim): Promise<RunFolder> {
  const own = claim ?? (await claimFolder(path));
  await removeUnfinished(path);
  await removeUnfinished(nodeModules().path.join(path, runFiles.checkpoint));
  return openFolder(path, metricsLength, own);
}

async function openFolder(path: string, metricsLength: number, claim: Claim): Promise<RunFolder> {
  const { fs, path: paths } = nodeModules();
  // Once: the folder that the process was started in may be gone before the run ends, and Node then loops without end
  // in making a relative one.
  const place = paths.resolve(path);
  const at = (name: string): string => paths.join(place, name);
  const mustHold = async (): Promise<void> => {
    if (await claim.held()) return;
    throw (await holderOf(place)) === undefined ? removed(path) : claimLost(path);
  };
  const writing = <T>(operation: Promise<T>): Promise<T> =>
    operation.catch((cause: unknown) => {
      throw cause instanceof DannError ? cause : unwritable(path, cause);
    });
  // A new file with the old content: a process that was stopped in the middle of a line, and has lost the folder since,
  // ends that line in a file that nobody reads. (What it would rename into its place was removed on opening.)
  const renewed = async (name: string, bytes?: number): Promise<{ handle: FileHandle; length: number }> => {
    const content = await fs.readFile(at(name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return undefined;
      throw cause;
    });
    const kept = content?.subarray(0, bytes);
    if (kept !== undefined) await writeAtomic(at(name), kept, mustHold);
    return { handle: await fs.open(at(name), "a"), length: kept?.length ?? 0 };
  };
  const open = async (): Promise<[metrics: Awaited<ReturnType<typeof renewed>>, log: FileHandle]> => [
    await renewed(runFiles.metrics, metricsLength),
    (await renewed(runFiles.log)).handle,
  ];
  const [{ handle: metrics, length: before }, log] = await writing(open()).catch(async (cause: unknown) => {
    await claim.release();
    throw cause;
  });
  let length = before;
  let released = false;
  return {
    path,
    write: (name, content) => writeAtomic(at(name), content, mustHold),
    read: (name) => readIfThere(at(name)),
    async event(event) {
      // One write a line: a reader of a living run sees whole lines, a killed run ends in at most one broken one.
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      await mustHold();
      await writing(metrics.appendFile(line));
      length += line.length;
    },
    metricsLength: () => length,
    async log(line) {
      await mustHold();
      await writing(log.appendFile(`${line}\n`));
    },
    list: (folder) => fs.readdir(at(folder)).catch(() => []),
    async remove(name) {
      await mustHold();
      await fs.rm(at(name), { force: true });
    },
    async release() {
      if (released) return;
      released = true;
      await metrics.close();
      await log.close();
      await claim.release();
    },
  };
}

const removed = (path: string): Error =>
  dataError(
    "file-write",
    `${path}: cannot be written: the folder or its lock was removed`,
    "Start the run anew, and leave its folder alone.",
  );

/** Removes what a killed process left half-written. */
async function removeUnfinished(folder: string): Promise<void> {
  const { fs, path: paths } = nodeModules();
  for (const name of await fs.readdir(folder).catch(() => [] as string[])) {
    if (name.startsWith(".") && name.endsWith(".tmp")) await fs.rm(paths.join(folder, name), { force: true });
  }
}

/** A file's bytes, or undefined where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  const { fs } = nodeModules();
  try {
    return new Uint8Array(await fs.readFile(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw runError("read", `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`);
  }
}

/** A file's text, or undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes && new TextDecoder().decode(bytes);
}

/** The first of `base`, `base-2`, `base-3`, … that does not exist. */
export async function freeName(base: string): Promise<string> {
  const { fs } = nodeModules();
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    const taken = await fs.stat(name).then(
      () => true,
      () => false,
    );
    if (!taken) return name;
  }
}
