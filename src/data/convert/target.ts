/** What a conversion writes: told from the name of `--out`, as the readers tell what they read. */
import { usageError } from "../../errors.ts";
import { nodeModules } from "../files.ts";

export type ConvertTarget =
  | { readonly format: "folder"; readonly path: string }
  | { readonly format: "npz"; readonly path: string }
  | { readonly format: "npy"; readonly path: string; readonly gzip: boolean }
  | {
      readonly format: "idx";
      readonly path: string;
      readonly gzip: boolean;
      /** The rank that the name states, if it states one: `idx3`, `idx4`. */
      readonly rank?: number | undefined;
    };

/** Names that are files of something else, and no folder that anybody means. */
const otherFiles =
  /\.(csv|tsv|tab|txt|dat|data|jsonl?|ndjson|parquet|pq|svmlight|libsvm|svm|mat|xlsx?|pkl|pickle|h5|hdf5|zip|tar|tgz|png|webp|jpe?g|tiff?|onnx|gz)$/i;
const idxName = /[-.]idx(\d)?(?:-([a-z0-9]+))?$/i;

export function convertTarget(path: string): ConvertTarget {
  if (/[\\/]$/.test(path)) return { format: "folder", path: path.replace(/[\\/]+$/, "") || path };
  const gzip = /\.gz$/i.test(path);
  const stem = gzip ? path.slice(0, -3) : path;
  if (/\.npy$/i.test(stem)) return { format: "npy", path, gzip };
  if (/\.npz$/i.test(path)) return { format: "npz", path };
  const idx = idxName.exec(stem);
  if (idx !== null) {
    const [, rank, type] = idx;
    if (type === undefined || /^(ubyte|uint8)$/i.test(type))
      return { format: "idx", path, gzip, rank: rank === undefined ? undefined : Number(rank) };
    throw usageError("output-format", `${path}: images are written as bytes (ubyte), expected no ${type} in the name`);
  }
  if (!otherFiles.test(path)) return { format: "folder", path };
  throw usageError(
    "output-format",
    `${path}: expected a folder, or a file named .npy, .npz or -idx3-ubyte or -idx4-ubyte, also .gz`,
    "A name that ends in / is a folder, whatever it is.",
  );
}

/** `train-images-idx3-ubyte.gz` and "classes" give `train-classes`; what is not called images gets the word behind it. */
export function besideImages(target: Exclude<ConvertTarget, { format: "folder" }>, word: string): string {
  const { path: paths } = nodeModules();
  const name = paths.basename(target.path).replace(/\.gz$/i, "");
  const stem = name.replace(idxName, "").replace(/\.np[yz]$/i, "");
  const at = stem.lastIndexOf("images");
  const named = at < 0 ? `${stem}${stem === "" ? "" : "-"}${word}` : stem.slice(0, at) + word + stem.slice(at + 6);
  return paths.join(paths.dirname(target.path), named);
}

/** Nothing is written over: a folder that holds something, or a file, is refused before anything is read. */
export async function refuseExisting(paths: readonly string[]): Promise<void> {
  const { fs } = nodeModules();
  for (const path of paths) {
    const info = await fs.lstat(path).catch(() => undefined);
    if (info === undefined) continue;
    if (info.isDirectory() && (await fs.readdir(path).catch(() => [""])).length === 0) continue;
    throw usageError(
      "out-exists",
      `${path}: expected a new name or an empty folder, but it is there already`,
      "Remove it, or name another --out.",
    );
  }
}

/** A folder inside the one that is read would become one of its classes. */
export async function refuseInside(input: string, out: string): Promise<void> {
  const { fs, path } = nodeModules();
  let [place, rest] = [path.resolve(out), ""];
  // The part of the path that is there already may go through links.
  let real = await fs.realpath(place).catch(() => undefined);
  while (real === undefined && path.dirname(place) !== place) {
    rest = path.join(path.basename(place), rest);
    place = path.dirname(place);
    real = await fs.realpath(place).catch(() => undefined);
  }
  const inside = path.relative(await fs.realpath(input), path.join(real ?? place, rest));
  if (inside === ".." || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) return;
  throw usageError(
    "out-inside",
    `${out}: expected a place outside of ${input}, where it would be read as a part of it`,
    "Name another --out.",
  );
}
