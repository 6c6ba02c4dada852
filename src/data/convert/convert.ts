/**
 * Images from one form into another: arrays (IDX, NPY, NPZ) with labels, and folders with a sub-folder a class. Rows
 * are selected by a table beside the images; pixels, labels and ids survive the way there and back. Node only.
 */
import { dataError, usageError } from "../../errors.ts";
import { type FileFormat, type ImageFit, parseImageSize } from "../config.ts";
import type { Dataset, ImageRows } from "../dataset.ts";
import { isFile, isFolder } from "../files.ts";
import { formatOf } from "../formats.ts";
import { byCodePoints } from "../images/listing.ts";
import { readFolder } from "../images/read.ts";
import { readDataset, withLabels } from "../read.ts";
import { readLabels } from "../readers/label-file.ts";
import { resizeImages } from "../resize.ts";
import { type ConvertedClass, named, numbered, requireLabels } from "./classes.ts";
import { type Columns, column, npzColumns, tableColumns } from "./columns.ts";
import { type ImageRecord, placesOf, rowName, splitGroups } from "./places.ts";
import { type Condition, inPart, meets, type Part } from "./select.ts";
import { convertTarget, refuseExisting, refuseInside } from "./target.ts";
import { pathsBeside, type WrittenFile, writeArrays } from "./write-arrays.ts";
import { type WriteFolderOptions, writeFolder } from "./write-folder.ts";

export interface ConvertOptions {
  /** Format of the input file. Default: told from its name. */
  readonly format?: FileFormat | undefined;
  /** Of an array a column of the index, an entry of the NPZ or a file; of a folder `folder` (default) or `none`. */
  readonly labels?: string | undefined;
  /** A table with a row an image. */
  readonly index?: string | undefined;
  /** The column that names the images. Default: their numbers. */
  readonly id?: string | undefined;
  /** Columns that tell what is never split; of a folder `folder`. */
  readonly group?: readonly string[] | undefined;
  /** Rows that meet all of them are converted. */
  readonly where?: readonly Condition[] | undefined;
  readonly part?: Part | undefined;
  /** Names of the classes 0, 1, 2, ...: of a file, an entry of the NPZ, or with commas between. */
  readonly classes?: string | undefined;
  readonly imageSize?: string | undefined;
  readonly imageFit?: ImageFit | undefined;
  readonly skipBad?: boolean | undefined;
}

export interface Converted {
  readonly format: "folder" | "npy" | "npz" | "idx";
  readonly out: string;
  readonly images: number;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, 1 | 3];
  readonly classes?: readonly ConvertedClass[] | undefined;
  readonly groups?: number | undefined;
  /** Of a folder the folder, with the bytes of all its images. */
  readonly files: readonly WrittenFile[];
  readonly notes: readonly string[];
}

/** What was read, before anything is chosen or written. */
interface Source {
  readonly images: ImageRows;
  readonly records: readonly ImageRecord[];
  readonly columns?: Columns | undefined;
  /** Of the classes 0, 1, 2, ..., where they were given. */
  readonly names?: readonly string[] | undefined;
  /** Where the labels came from, if there are any. */
  readonly labels?: string | undefined;
  readonly notes: readonly string[];
}

/** Converts a file or folder of images; see `convertTarget` for what the name of `out` says. */
export async function convertImages(
  input: string,
  out: string,
  options: ConvertOptions = {},
  how: WriteFolderOptions = {},
): Promise<Converted> {
  const target = convertTarget(out);
  const fromFolder = await isFolder(input);
  await refuseExisting([target.path, ...(target.format === "folder" ? [] : pathsBeside(target))]);
  if (fromFolder) await refuseInside(input, target.path);
  const source = fromFolder ? await fromImages(input, options) : await fromArray(input, options);
  const { records, classes } = classified(chosen(source, input, options), source);
  const { images } = source;
  const groups = new Set(records.flatMap(({ group }) => (group === undefined ? [] : [group])));
  const about = {
    format: target.format,
    out: target.path,
    images: records.length,
    shape: [images.height, images.width, images.channels] as const,
    ...(classes && { classes }),
    ...(groups.size > 0 && { groups: groups.size }),
  };
  if (target.format !== "folder") {
    const files = await writeArrays(target, { images, records, classes }, how.signal);
    return { ...about, files, notes: source.notes };
  }
  const places = placesOf(records, input);
  const bytes = await writeFolder(target.path, images, records, places, how);
  return { ...about, files: [{ path: target.path, bytes }], notes: [...source.notes, ...splitGroups(records)] };
}

/** The records by the names of their classes. */
function classified(
  records: readonly ImageRecord[],
  { labels: origin, names }: Source,
): { records: readonly ImageRecord[]; classes?: ConvertedClass[] } {
  if (origin === undefined) return { records };
  const labels = named(requireLabels(records, origin), names, origin);
  return {
    records: records.map((record, at) => ({ ...record, label: labels[at] })),
    classes: numbered(labels, names),
  };
}

async function fromImages(folder: string, options: ConvertOptions): Promise<Source> {
  const { labels, group, imageSize, imageFit, skipBad, classes } = options;
  const { index, id, format, where = [] } = options;
  for (const [flag, value] of Object.entries({ index, id, format, where: where[0] })) {
    if (value === undefined) continue;
    throw usageError(`folder-${flag}`, `${folder}: --${flag} is for arrays, got a folder`, "Leave it out.");
  }
  if (labels !== undefined && labels !== "folder" && labels !== "none")
    throw usageError("folder-labels", `${folder}: expected --labels folder or none for a folder, got "${labels}"`);
  if (group !== undefined && group.join() !== "folder")
    throw usageError("folder-group", `${folder}: expected --group folder for a folder, got "${group.join()}"`);
  const dataset = await readFolder(folder, {
    labels,
    imageSize,
    imageFit,
    skipBad,
    cache: false,
    ...(group && { group: "folder" }),
  });
  const { rows, ids = [], groups, notes = [] } = dataset;
  const names = await namesOf(classes, undefined);
  const own = dataset.labels && named(dataset.labels as readonly string[], names, folder);
  const records = ids
    .map((id, row): ImageRecord => {
      const [label, group] = [own?.[row], groups?.[row]];
      return { row, id: within(id, label), label, ...(group !== undefined && { group: within(group, label) }) };
    })
    // By name before folder: what was written with numbers for names comes back in the order of the numbers.
    .sort((a, b) => byCodePoints(nameOf(a.id), nameOf(b.id)) || byCodePoints(a.id, b.id));
  return { images: imagesOf(rows, folder), records, names, labels: own && folder, notes };
}

const nameOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** A path whose first folder is the class, by the name that the class has now. */
const within = (path: string, label: string | undefined): string =>
  label === undefined ? path : [label, ...path.split("/").slice(1)].join("/");

async function fromArray(path: string, options: ConvertOptions): Promise<Source> {
  const { index, id, group, where = [], imageSize, imageFit, format, skipBad } = options;
  if (skipBad === true)
    throw usageError("skip-bad", `${path}: --skip-bad is for folders, got an array`, "Leave it out.");
  const dataset = await readDataset(path, { format, layout: "images" });
  const read = imagesOf(dataset.rows, path);
  const images = imageSize === undefined ? read : resizeImages(read, parseImageSize(imageSize), imageFit ?? "stretch");
  const isNpz = formatOf(path, format).format === "npz";
  const wanted = [options.labels, options.classes, id, ...(group ?? []), ...where.map((one) => one.column)];
  const asked = [...new Set(wanted.filter((name) => name !== undefined))];
  const columns =
    index !== undefined ? await tableColumns(index, asked) : isNpz ? await npzColumns(path, asked) : undefined;
  const values = (name: string, flag: string): readonly (string | undefined)[] =>
    column(columns, name, flag, read.rows);
  const names = await namesOf(options.classes, isNpz ? columns : undefined);
  const labels = await labelsOf(dataset, options.labels, columns, read.rows);
  const ids = id === undefined ? undefined : values(id, "--id");
  const groups = group?.map((name) => values(name, "--group"));
  const records = Array.from({ length: read.rows }, (_, row) => ({
    row,
    id: ids === undefined ? rowName(row, read.rows) : (ids[row] ?? ""),
    label: labels?.[row],
    group: groups?.map((each) => each[row] ?? "").join("/"),
  }));
  return { images, records, columns, names, labels: labels && (options.labels ?? path), notes: dataset.notes ?? [] };
}

/** A column goes before a file of the same name. */
async function labelsOf(
  dataset: Dataset,
  labels: string | undefined,
  columns: Columns | undefined,
  rows: number,
): Promise<readonly (string | undefined)[] | undefined> {
  if (labels === undefined) return undefined;
  if (columns?.values.has(labels) === true || !(await isFile(labels))) {
    if (columns !== undefined) return column(columns, labels, "--labels", rows);
  }
  return withLabels(dataset, await readLabels(labels), labels).labels;
}

/** An entry of the NPZ, a file with a name a line, or names with commas between. */
async function namesOf(classes: string | undefined, npz: Columns | undefined): Promise<string[] | undefined> {
  if (classes === undefined) return undefined;
  const inFile = async (): Promise<readonly (string | undefined)[] | undefined> =>
    (await isFile(classes)) ? readLabels(classes, { missing: [] }) : undefined;
  const found = npz?.values.get(classes) ?? (await inFile()) ?? classes.split(",").map((name) => name.trim());
  return found.map((name, number) => {
    if (name !== undefined && name !== "") return name;
    throw usageError("class-names", `--classes: expected a name for every class, got none for class ${number}`);
  });
}

function imagesOf(rows: Dataset["rows"], origin: string): ImageRows {
  if (rows.kind === "image") return rows;
  throw dataError("kind-mismatch", `${origin}: expected images, got rows of kind ${rows.kind}`);
}

function chosen({ records, columns }: Source, input: string, options: ConvertOptions): readonly ImageRecord[] {
  const rows = records.length;
  const { where = [], part } = options;
  const keeps = [
    ...where.map((condition) =>
      meets(condition, column(columns, condition.column, "--where", rows), columns?.origin ?? input),
    ),
    ...(part === undefined ? [] : [inPart(records, part)]),
  ];
  const left = records.filter((_, at) => keeps.every((keep) => keep[at] === true));
  if (left.length > 0) return left;
  throw dataError(
    "no-rows",
    `${input}: expected images that are in the part and meet every --where, got none of ${rows}`,
  );
}
