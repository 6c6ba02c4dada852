/** Reads the parts (training, test) of a data set in the layout of its folder, in whatever form they lie there. */
import type { ImageReading } from "../../data/config.ts";
import type { Dataset } from "../../data/dataset.ts";
import { isFile, isFolder, nodeModules } from "../../data/files.ts";
import { readDataset } from "../../data/read.ts";
import { dataError } from "../../errors.ts";

/** Rows and labels as two files: the names of MNIST, for grey images, colour images and rows; or NPY. */
const forms: readonly (readonly [rows: string, labels: string])[] = [
  ["images-idx3-ubyte", "labels-idx1-ubyte"],
  ["images-idx4-ubyte", "labels-idx1-ubyte"],
  ["features-idx2-ubyte", "labels-idx1-ubyte"],
  ["features-idx2-float32", "labels-idx1-ubyte"],
  ["images.npy", "labels.npy"],
  ["features.npy", "labels.npy"],
];

/**
 * A part of a set: `NAME-images-idx3-ubyte[.gz]` and its like with `NAME-labels-…`, `NAME-images.npy` with
 * `NAME-labels.npy`, or a folder `NAME/` of images with a sub-folder a class.
 * @param names what the part may be called, such as `test` or `t10k`.
 */
export async function readPart(folder: string, names: readonly string[], images: ImageReading = {}): Promise<Dataset> {
  const { join } = nodeModules().path;
  for (const name of names) {
    for (const [rows, labels] of forms) {
      const found = await present(join(folder, `${name}-${rows}`));
      if (found === undefined) continue;
      return readDataset(found, { labels: (await present(join(folder, `${name}-${labels}`))) ?? labels });
    }
    if (await isFolder(join(folder, name))) return readDataset(join(folder, name), { labels: "folder" }, images);
  }
  const [name = ""] = names;
  throw dataError(
    "missing-part",
    `${folder}: expected ${name}-images-idx3-ubyte[.gz], ${name}-images-idx4-ubyte[.gz] or ${name}-images.npy with their labels, or a folder ${name}/ of images, got none of them`,
  );
}

/** The file as it is or gzipped. */
async function present(path: string): Promise<string | undefined> {
  if (await isFile(path)) return path;
  return (await isFile(`${path}.gz`)) ? `${path}.gz` : undefined;
}

export interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Both parts of a set that is split as published. */
export async function readParts(folder: string, images: ImageReading = {}): Promise<Parts> {
  return {
    train: await readPart(folder, ["train"], images),
    test: await readPart(folder, ["test", "t10k"], images),
  };
}
