/**
 * Getting a data set: what is there already is checked and kept, what is missing comes from a local folder or from its
 * public home, and what no home has is made. Node only.
 */
import { type DannError, dataError, runError } from "../../errors.ts";
import { unwritable } from "../atomic.ts";
import { isFile, isFolder, nodeModules } from "../files.ts";
import { count, list } from "../names.ts";
import { type DownloadOptions, download, interrupted } from "./download.ts";
import { type DataSet, isWork, layoutOf, type RemoteFile, type SetFile, transferOf, workFolder } from "./set.ts";
import { openStore, type Store } from "./store.ts";

export interface FetchOptions extends DownloadOptions {
  /** Where data sets lie side by side. */
  readonly folder: string;
  /** A folder with the files, or with one of the set's name: nothing is downloaded. */
  readonly from?: string | undefined;
  /** Asked in place of every home: MIRROR/HOST/PATH. */
  readonly mirror?: string | undefined;
  /** Called before the first download; throws where the licence is not accepted. */
  readonly accept?: (() => Promise<void>) | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/** What is going on; bytes are those of all downloads of the set. */
export type FetchProgress =
  | { readonly kind: "download"; readonly file: string; readonly done: number; readonly total: number }
  | { readonly kind: "make"; readonly files: readonly string[] };

/** How a file came: it was there, was downloaded, was copied from the local folder, or was made of others. */
export type FileState = "present" | "downloaded" | "copied" | "made";

export interface FetchedFile {
  readonly path: string;
  readonly state: FileState;
  /** Of the content. */
  readonly bytes: number;
  readonly sha256: string;
  /** Whether the checksum is a published one; else it is what came first. */
  readonly published: boolean;
}

export interface FetchedSet {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly FetchedFile[];
  /** Files that can only be had by hand, and were not. */
  readonly absent: readonly string[];
}

export async function fetchSet(set: DataSet, options: FetchOptions): Promise<FetchedSet> {
  const from = options.from === undefined ? undefined : await localFolder(set, options.from);
  const store = await openStore(nodeModules().path.join(options.folder, set.name));
  try {
    const states = new Map<string, FileState>();
    const missing = (files: readonly SetFile[]): SetFile[] => files.filter(({ path }) => !states.has(path));
    for (const file of layoutOf(set)) if (await store.has(file)) states.set(file.path, "present");
    if (from !== undefined) await copyAll(set, missing(layoutOf(set)), from, store, states);
    else await downloadAll(neededOf(set, states), store, states, options);
    await makeAll(set, store, states, options);
    const [absent, byHand] = [missing(layoutOf(set)), new Set(set.byHand?.files)];
    const lacking = absent.filter((file) => !byHand.has(file));
    if (lacking.length > 0 && from !== undefined) throw lackingError(lacking, from, store);
    await store.tidy();
    return {
      name: set.name,
      folder: store.folder,
      files: layoutOf(set).flatMap((file) => fetched(file, states, store)),
      absent: absent.map(({ path }) => path),
    };
  } finally {
    await store.close();
  }
}

/** Which files of a set are there, by a look at names alone. */
export async function presentFiles(set: DataSet, folder: string): Promise<readonly string[]> {
  const { path: paths } = nodeModules();
  const found: string[] = [];
  for (const { path } of layoutOf(set)) {
    if (await isFile(paths.join(folder, set.name, ...path.split("/")))) found.push(path);
  }
  return found;
}

function fetched(file: SetFile, states: ReadonlyMap<string, FileState>, store: Store): FetchedFile[] {
  const [state, entry] = [states.get(file.path), store.entry(file.path)];
  if (state === undefined || entry === undefined) return [];
  return [{ path: file.path, state, bytes: entry.bytes, sha256: entry.sha256, published: file.sha256 !== undefined }];
}

/** What must be downloaded: missing files, and what missing files are made of. */
function neededOf(set: DataSet, states: ReadonlyMap<string, FileState>): RemoteFile[] {
  const wanted = new Set(
    set.made.filter(({ files }) => files.some(({ path }) => !states.has(path))).flatMap(({ from }) => from),
  );
  return set.remote.filter((file) => !states.has(file.path) && (!isWork(file) || wanted.has(file.path)));
}

async function downloadAll(
  files: readonly RemoteFile[],
  store: Store,
  states: Map<string, FileState>,
  options: FetchOptions,
): Promise<void> {
  if (files.length === 0) return;
  await options.accept?.();
  const { fs, path: paths } = nodeModules();
  await fs.mkdir(paths.join(store.folder, workFolder), { recursive: true }).catch((cause: unknown) => {
    throw unwritable(store.folder, cause);
  });
  const sizes = new Map(files.map((file) => [file, { done: 0, total: transferOf(file) }]));
  for (const file of files) {
    await downloadOne(file, store, options, (done, total) => {
      sizes.set(file, { done, total: total ?? Math.max(done, transferOf(file)) });
      const all = [...sizes.values()];
      options.onProgress?.({
        kind: "download",
        file: paths.basename(file.path),
        done: all.reduce((sum, size) => sum + size.done, 0),
        total: all.reduce((sum, size) => sum + size.total, 0),
      });
    });
    states.set(file.path, "downloaded");
  }
}

/** From the first home that has the file as it should be. */
async function downloadOne(
  file: RemoteFile,
  store: Store,
  options: FetchOptions,
  onBytes: (done: number, total: number | undefined) => void,
): Promise<void> {
  const { fs } = nodeModules();
  const part = store.pathOf(`${workFolder}/${file.path.replaceAll("/", "+")}.part`);
  const checked = store.expected(file) !== undefined || file.md5 !== undefined;
  let failure: unknown;
  for (const home of file.addresses) {
    const address = options.mirror === undefined ? home : mirrored(home, options.mirror);
    try {
      // Without a checksum nothing would tell when two versions are joined.
      if (!checked) await fs.rm(part, { force: true });
      const request = {
        ...options,
        address,
        part,
        bytes: file.transfer === undefined ? file.bytes : undefined,
        most: 2 * transferOf(file) + 1_000_000,
        onBytes,
      };
      const resumed = await download(request);
      try {
        return await store.adopt(file, part, address);
      } catch (cause) {
        await fs.rm(part, { force: true });
        if (!resumed) throw cause;
        // The partial file may have been of something else.
        await download(request);
        return await store.adopt(file, part, address).finally(() => fs.rm(part, { force: true }));
      }
    } catch (cause) {
      const { kind, code } = cause as Partial<DannError>;
      // No other home helps against these.
      if (kind === "interrupted" || code === "disk-full" || code === "file-write") throw cause;
      failure ??= cause;
    }
  }
  throw failure ?? runError("download-failed", `${file.path}: expected an address, got none`);
}

/** https://HOST/PATH becomes MIRROR/HOST/PATH: the folders that `wget -x` makes. */
export function mirrored(address: string, mirror: string): string {
  const { host, pathname } = new URL(address);
  return `${mirror.replace(/\/+$/, "")}/${host}${pathname}`;
}

async function makeAll(
  set: DataSet,
  store: Store,
  states: Map<string, FileState>,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  for (const { files, from, make } of set.made) {
    const missing = files.filter(({ path }) => !states.has(path));
    if (missing.length === 0 || !from.every((path) => states.has(path))) continue;
    if (signal?.aborted) throw interrupted();
    onProgress?.({ kind: "make", files: missing.map(({ path }) => path) });
    const made = await make((path) => store.read(path));
    for (const file of missing) {
      const content = made.get(file.path);
      if (content === undefined) continue;
      await store.put(file, content);
      states.set(file.path, "made");
    }
  }
}

/** The folder of the set: inside of the one given, or that one itself. */
async function localFolder(set: DataSet, given: string): Promise<string> {
  const { path: paths } = nodeModules();
  const inside = paths.join(given, set.name);
  if (await isFolder(inside)) return inside;
  if (await isFolder(given)) return given;
  throw dataError(
    "file-not-found",
    `${given}: expected a folder with ${set.name}, got no such folder`,
    "Check --from; it is relative to where the command runs.",
  );
}

async function copyAll(
  set: DataSet,
  files: readonly SetFile[],
  from: string,
  store: Store,
  states: Map<string, FileState>,
): Promise<void> {
  const copy = async (file: SetFile): Promise<void> => {
    const path = await localPath(file, from);
    if (path === undefined) return;
    await store.copy(file, path);
    states.set(file.path, "copied");
  };
  for (const file of files) await copy(file);
  // What a home has in place of files that are made, for who downloaded by hand.
  for (const file of neededOf(set, states).filter(isWork)) await copy(file);
}

/** Under its own name, with or without gzip's ending. */
async function localPath({ path }: SetFile, from: string): Promise<string | undefined> {
  const name = path.replace(`${workFolder}/`, "");
  const full = nodeModules().path.join(from, ...name.split("/"));
  for (const candidate of [full, full.replace(/\.gz$/, "")]) if (await isFile(candidate)) return candidate;
  return undefined;
}

function lackingError(files: readonly SetFile[], from: string, store: Store): DannError {
  const names = list(
    files.map(({ path }) => path),
    6,
  );
  return dataError(
    "file-not-found",
    `${from}: expected all files, got none of ${count(files.length, "name")}: ${names}`,
    `The others are in ${store.folder}; without --from these are downloaded.`,
  );
}
