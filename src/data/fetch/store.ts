/**
 * The folder of one data set: files appear in it whole and checked or not at all. What was got is recorded in a small
 * file, so that a file without a published checksum is compared with what came the first time. One process at a time.
 */
import * as z from "zod";
import { dataError, runError } from "../../errors.ts";
import { unwritable, writeAtomic } from "../atomic.ts";
import { isFile, nodeModules } from "../files.ts";
import { collect, gzipped } from "../writers/bytes.ts";
import { contentOf, type Digest, digestOf, isGzip } from "./content.ts";
import { type SetFile, workFolder } from "./set.ts";

const recordName = ".fetched.json";
const claimName = ".fetching";

const record = z.object({
  schema: z.literal(1),
  files: z.record(z.string(), z.object({ bytes: z.int().nonnegative(), sha256: z.string(), from: z.string() })),
});
type Entry = z.output<typeof record>["files"][string];

export interface Store {
  readonly folder: string;
  /** Where a file is or will be. */
  pathOf(path: string): string;
  /** Whether a file is there as it should be. One that is damaged counts as absent if we put it there. */
  has(file: SetFile): Promise<boolean>;
  /** The checksum of the content that a file must have, where one is known. */
  expected(file: SetFile): string | undefined;
  /** Checks a partial file and puts it in place. */
  adopt(file: SetFile, part: string, from: string): Promise<void>;
  /** Checks a file from elsewhere and copies it. */
  copy(file: SetFile, path: string): Promise<void>;
  /** Checks content and writes it. */
  put(file: SetFile, content: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** What is recorded of a file. */
  entry(path: string): Entry | undefined;
  /** Removes what was only needed on the way. */
  tidy(): Promise<void>;
  /** Writes the record and lets others in. */
  close(): Promise<void>;
}

export async function openStore(folder: string): Promise<Store> {
  const { fs, path: paths } = nodeModules();
  await fs.mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });
  const recordPath = paths.join(folder, recordName);
  const release = await claim(paths.join(folder, claimName));
  const entries = new Map(Object.entries(await readRecord(recordPath)));
  const pathOf = (path: string): string => paths.join(folder, ...path.split("/"));
  const compressed = (path: string): boolean => path.endsWith(".gz");

  const save = (): Promise<void> =>
    writeAtomic(
      recordPath,
      `${JSON.stringify({ schema: 1, files: Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1))) }, undefined, 2)}\n`,
    );
  const note = async (file: SetFile, { bytes, sha256 }: Digest, from: string): Promise<void> => {
    entries.set(file.path, { bytes, sha256, from });
    // What is checked against the record alone must be in it before anything else happens.
    if (file.sha256 === undefined) await save();
  };
  const verify = (file: SetFile, digest: Digest, from: string): void => {
    const wrong = difference(file, digest, entries.get(file.path));
    if (wrong === undefined) return;
    const { expected, recorded } = wrong;
    throw runError(
      "checksum",
      `${from}: expected ${expected}${recorded ? ", as recorded when it came first" : ""}, got ${saying(digest)}`,
      recorded
        ? `If the change is wanted, remove the row of ${file.path} from ${recordPath}.`
        : "This is another file, or a damaged one; nothing of it is kept. Take it from elsewhere with --mirror or --from.",
    );
  };
  /** Gzip as it is where it is wanted, else made. */
  const place = (file: SetFile, source: string, packed: boolean): Promise<void> =>
    writeAtomic(
      pathOf(file.path),
      compressed(file.path) && !packed ? gzipped(contentOf(source, false)) : contentOf(source, false),
    );

  return {
    folder,
    pathOf,
    expected: (file) => file.sha256 ?? entries.get(file.path)?.sha256,
    entry: (path) => entries.get(path),
    async has(file) {
      const path = pathOf(file.path);
      if (!(await isFile(path))) return false;
      const digest = await digestOf(contentOf(path, compressed(file.path))).catch(() => undefined);
      const ours = entries.get(file.path);
      const wrong = digest === undefined ? undefined : difference(file, digest, ours);
      if (digest !== undefined && wrong === undefined) {
        if (ours === undefined) await note(file, digest, "found");
        return true;
      }
      if (ours !== undefined) return false;
      throw dataError(
        "not-ours",
        `${path}: expected ${wrong?.expected ?? "gzip"}, got ${digest === undefined ? "a damaged file" : saying(digest)}, which was not fetched`,
        "Remove it, or fetch to another folder with --to.",
      );
    },
    async adopt(file, part, from) {
      const packed = compressed(file.path) && (await isGzip(part));
      const digest = await digestOf(contentOf(part, packed)).catch((cause: unknown) => {
        throw damaged(from, cause);
      });
      verify(file, digest, from);
      await fs.mkdir(paths.dirname(pathOf(file.path)), { recursive: true });
      if (compressed(file.path) && !packed) {
        await place(file, part, packed);
        await fs.rm(part);
      } else await fs.rename(part, pathOf(file.path));
      await note(file, digest, from);
    },
    async copy(file, path) {
      const packed = compressed(file.path) && (await isGzip(path));
      const digest = await digestOf(contentOf(path, packed)).catch((cause: unknown) => {
        throw damaged(path, cause);
      });
      verify(file, digest, path);
      await place(file, path, packed);
      await note(file, digest, "copied");
    },
    async put(file, content) {
      const once = async function* (): AsyncGenerator<Uint8Array> {
        yield content;
      };
      const digest = await digestOf(once());
      verify(file, digest, `${file.path} as made here`);
      await writeAtomic(pathOf(file.path), compressed(file.path) ? gzipped([content]) : content);
      await note(file, digest, "made");
    },
    read: (path) => collect(contentOf(pathOf(path), compressed(path))),
    tidy: () => fs.rm(paths.join(folder, workFolder), { recursive: true, force: true }),
    async close() {
      try {
        if (entries.size > 0) await save();
      } finally {
        await release();
      }
    },
  };
}

const saying = ({ bytes, sha256 }: Pick<Digest, "bytes" | "sha256">): string => `SHA-256 ${sha256} (${bytes} bytes)`;

/** What a file should have been, where it is not that: by its published checksum, else by the record. */
function difference(
  file: SetFile,
  got: Digest,
  entry: Entry | undefined,
): { readonly expected: string; readonly recorded: boolean } | undefined {
  if (file.sha256 !== undefined) {
    const expected = `SHA-256 ${file.sha256}${file.bytes === undefined ? "" : ` (${file.bytes} bytes)`}`;
    return file.sha256 === got.sha256 ? undefined : { expected, recorded: false };
  }
  if (file.md5 !== undefined && file.md5 !== got.md5)
    return { expected: `MD5 ${file.md5}, not ${got.md5}`, recorded: false };
  return entry === undefined || entry.sha256 === got.sha256 ? undefined : { expected: saying(entry), recorded: true };
}

const damaged = (origin: string, cause: unknown): Error =>
  runError(
    "checksum",
    `${origin}: expected gzip, got a damaged file (${cause instanceof Error ? cause.message : String(cause)})`,
    "Nothing of it is kept. Take it from elsewhere with --mirror or --from.",
    { cause },
  );

async function readRecord(path: string): Promise<Readonly<Record<string, Entry>>> {
  const text = await nodeModules()
    .fs.readFile(path, "utf8")
    .catch(() => undefined);
  if (text === undefined) return {};
  try {
    return record.parse(JSON.parse(text)).files;
  } catch (cause) {
    throw dataError(
      "fetch-record",
      `${path}: expected the record of what was fetched, got a damaged file`,
      "Remove it: files with a published checksum are checked all the same.",
      { cause },
    );
  }
}

/** Claims of this process: the number of one that died may be ours now. */
const held = new Set<string>();

/** Keeps other processes out; one that died is taken over from. */
async function claim(path: string): Promise<() => Promise<void>> {
  const { fs } = nodeModules();
  const own = `${path}.${process.pid}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      // A link appears with its content, so that nobody reads a claim without a number.
      await fs.writeFile(own, String(process.pid));
      await fs.link(own, path);
      held.add(path);
      return async () => {
        await fs.rm(path, { force: true });
        held.delete(path);
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, cause);
      const owner = Number(await fs.readFile(path, "utf8").catch(() => ""));
      if (owner === process.pid ? held.has(path) : isAlive(owner)) {
        throw runError(
          "fetch-busy",
          `${path}: expected no other fetch of this data set, got process ${owner}`,
          "Wait for it to end; if there is no such fetch, remove the file.",
        );
      }
      await fs.rm(path, { force: true });
    } finally {
      await fs.rm(own, { force: true });
    }
  }
  throw runError("fetch-busy", `${path}: another fetch of this data set was faster`, "Wait for it to end.");
}

function isAlive(id: number): boolean {
  if (!Number.isInteger(id) || id <= 0) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (cause) {
    // Alive, and somebody else's.
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
