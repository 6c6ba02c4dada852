/** Which reader a file name asks for. */
import { dataError, usageError } from "../errors.ts";
import type { FileFormat } from "./config.ts";

export interface NamedFormat {
  readonly format: FileFormat;
  readonly gzip: boolean;
}

const extensions: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  txt: "csv",
  dat: "csv",
  data: "csv",
  tsv: "tsv",
  tab: "tsv",
  jsonl: "jsonl",
  ndjson: "jsonl",
  parquet: "parquet",
  pq: "parquet",
  npy: "npy",
  npz: "npz",
  svmlight: "svmlight",
  libsvm: "svmlight",
  svm: "svmlight",
  idx: "idx",
};

/** Formats people try that have an answer of their own. */
const refused: Readonly<Record<string, string>> = {
  mat: "Convert it to NPY or NPZ (scipy.io.loadmat, numpy.save).",
  xlsx: "Export the sheet as CSV.",
  xls: "Export the sheet as CSV.",
  json: "Write one JSON object a line and name the file .jsonl.",
  pkl: "Save the arrays with numpy.save.",
  h5: "Convert it to NPY or NPZ.",
  zip: "Unpack it and name the file inside.",
  png: "Name the folder that the images are in.",
  webp: "Name the folder that the images are in.",
  jpg: "Name the folder that the images are in.",
  jpeg: "Name the folder that the images are in.",
};

const known = "csv, tsv, jsonl, parquet, npy, npz, svmlight, idx and NAME-idxN-TYPE, each also .gz";

/** @param format overrules the name. */
export function formatOf(name: string, format?: FileFormat): NamedFormat {
  const base = (name.split(/[\\/]/).at(-1) ?? name).toLowerCase();
  const gzip = base.endsWith(".gz");
  const stem = gzip ? base.slice(0, -3) : base;
  if (format !== undefined) return { format, gzip };
  // The names of MNIST: train-images-idx3-ubyte, and with a dot.
  if (/[-.]idx\d(-[a-z0-9]+)?$/.test(stem)) return { format: "idx", gzip };
  const extension = stem.includes(".") ? (stem.split(".").at(-1) ?? "") : "";
  const found = extensions[extension];
  if (found !== undefined) return { format: found, gzip };
  const remedy = refused[extension];
  if (remedy !== undefined) throw dataError("format", `${name}: .${extension} files are not read`, remedy);
  throw usageError(
    "format",
    `${name}: expected a name that tells the format: ${known}`,
    "Rename the file, or pass --format.",
  );
}
