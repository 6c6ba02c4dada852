/**
 * A run is a folder (design 5.2). Files are written whole or not at all; `result.json` is written last, so a folder
 * that has one is a finished run, and one that has none can be resumed. A lock keeps two processes from writing to it.
 */
import { unwritable, writeAtomic } from "../data/atomic.ts";
import { nodeModules } from "../data/files.ts";
import { type DannError, runError, usageError } from "../errors.ts";

/** Names of a run's files, in one place for writers and readers. */
export const runFiles = {
  config: "config.yaml",
  result: "result.json",
  metrics: "metrics.jsonl",
  model: "model.onnx",
  labels: "labels.json",
  tokenizer: "tokenizer.json",
  checkpoint: "checkpoint",
  progress: "progress.json",
  embedding: "embedding.npz",
  log: "log.txt",
  lock: ".lock",
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
  /** Closes files and gives the lock back. */
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
  return openFolder(path, 0);
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
 */
export async function reopenRunFolder(path: string, metricsLength: number): Promise<RunFolder> {
  await removeUnfinished(path);
  await removeUnfinished(nodeModules().path.join(path, runFiles.checkpoint));
  return openFolder(path, metricsLength);
}

async function openFolder(path: string, metricsLength: number): Promise<RunFolder> {
  const { fs, path: paths } = nodeModules();
  // Once: the folder that the process was started in may be gone before the run ends, and Node then loops without end
  // in making a relative one.
  const place = paths.resolve(path);
  const at = (name: string): string => paths.join(place, name);
  await lock(at(runFiles.lock));
  const writing = <T>(operation: Promise<T>): Promise<T> =>
    operation.catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  const metrics = await writing(fs.open(at(runFiles.metrics), "a"));
  await writing(metrics.truncate(metricsLength));
  const log = await writing(fs.open(at(runFiles.log), "a"));
  let length = metricsLength;
  let released = false;
  return {
    path,
    write: (name, content) => writeAtomic(at(name), content),
    read: (name) => readIfThere(at(name)),
    async event(event) {
      // One write a line: a reader of a living run sees whole lines, a killed run ends in at most one broken one.
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      await writing(metrics.appendFile(line));
      length += line.length;
    },
    metricsLength: () => length,
    log: (line) => writing(log.appendFile(`${line}\n`)),
    list: (folder) => fs.readdir(at(folder)).catch(() => []),
    remove: (name) => fs.rm(at(name), { force: true }),
    async release() {
      if (released) return;
      released = true;
      await metrics.close();
      await log.close();
      await fs.rm(at(runFiles.lock), { force: true });
    },
  };
}

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

/** Takes the lock; one whose process is gone (killed) is taken over. */
async function lock(path: string): Promise<void> {
  const { fs } = nodeModules();
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await fs.writeFile(path, String(process.pid), { flag: "wx" });
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, cause);
      const holder = Number(new TextDecoder().decode(await readIfThere(path)));
      if (holder > 0 && holder !== process.pid && isAlive(holder)) throw locked(path, holder);
      await fs.rm(path, { force: true });
    }
  }
  throw locked(path, 0);
}

const locked = (path: string, holder: number): DannError =>
  usageError(
    "run-locked",
    `${path}: another process ${holder > 0 ? `(${holder}) ` : ""}is writing to this run`,
    "Wait for it to end; if it is gone, delete this file.",
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it lives, and belongs to somebody else.
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
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
