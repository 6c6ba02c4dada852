/** Reads the files and image folders that a configuration names. Node only. */
import type { DataConfig } from "../config/schema.ts";
import type { ImageReading, ReadOptions } from "../data/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { isFile, isFolder } from "../data/files.ts";
import { formatOf } from "../data/formats.ts";
import { withoutLabels } from "../data/labels.ts";
import { poolDatasets } from "../data/pool.ts";
import { type FolderReading, likeFirst, readDataset } from "../data/read.ts";
import { emptyFile } from "../data/readers/csv.ts";
import { usageError } from "../errors.ts";
import type { TaskKind } from "../task.ts";
import type { AdaptData } from "./prepare.ts";

/** @param task what the labels are: those of a regression have to be numbers, and are told by their line. */
export async function readInputs(given: DataConfig, task: TaskKind = "classification"): Promise<AdaptData> {
  const read = readingFor(task, given.read);
  const data = { ...given, read };
  const images = imagesOf(data);
  const source = await readSources(data, images);
  const like = likeFirst(source, read);
  // Groups matter where rows are held out, in the source alone; but a window never leaves its recording.
  const { group, ...rest } = like;
  const ungrouped = read.window === undefined ? rest : { ...rest, group };
  const target = await readScored(data.target, data.targetLabels, ungrouped, images);
  const ofSource = await columnOf([data.sourceLabels].flat()[0]);
  const targetLabelled =
    data.targetLabelled === undefined
      ? undefined
      : await readLabelled(data.targetLabelled, data.targetLabelledLabels ?? ofSource, ungrouped, images);
  const sourceTest =
    data.sourceTest === undefined
      ? undefined
      : await readLabelled(data.sourceTest, data.sourceTestLabels ?? ofSource, ungrouped, images);
  const targetTest =
    data.targetTest === undefined
      ? undefined
      : await readScored(
          data.targetTest,
          data.targetTestLabels ?? (await columnOf(data.targetLabels)),
          ungrouped,
          images,
        );
  return {
    ...{ source, target },
    ...(targetLabelled && { targetLabelled }),
    ...(sourceTest && { sourceTest }),
    ...(targetTest && { targetTest }),
  };
}

/** How labels of a task are read. */
export const readingFor = (task: TaskKind | undefined, read: ReadOptions): ReadOptions =>
  task === "regression" ? { ...read, labelType: "number" } : read;

/** The labelled rows of one source, or of several as one data set that knows which row is whose. */
async function readSources({ source, sourceLabels, read }: DataConfig, images: ImageReading): Promise<Dataset> {
  const [files, labels] = [[source].flat(), [sourceLabels].flat()];
  if (labels.length > 1 && labels.length !== files.length)
    throw usageError(
      "source-labels",
      `--source-labels: expected one for all sources, or one for each of ${files.length}, got ${labels.length}`,
    );
  const sets: Dataset[] = [];
  for (const [i, file] of files.entries()) {
    const [first] = sets;
    const own = first === undefined ? read : { ...likeFirst(first, read), group: read.group };
    const set = await readLabelled(file, labels.length > 1 ? labels[i] : labels[0], own, images);
    // Its columns have no types, and the other files would be blamed for theirs.
    if (set.rows.rows === 0) throw emptyFile(file);
    sets.push(set);
  }
  return poolDatasets(sets);
}

/** The word by which `--target-labels` asks for the labels that svmlight rows carry in front. */
const inRows = "label";

/** Rows with the labels asked for; svmlight rows carry theirs and need no asking. */
export async function readInputsOf(
  path: string,
  labels: string | undefined,
  read: ReadOptions,
  images: FolderReading,
): Promise<Dataset> {
  const own = labels === inRows && isSvmlight(path, read) && !(await isFile(labels));
  return readDataset(path, { ...read, labels: own ? undefined : labels }, images);
}

/** The same for rows that must have labels: the classes of an image folder are its sub-folders, without asking. */
const readLabelled: typeof readInputsOf = async (path, labels, read, images) =>
  readInputsOf(path, labels ?? ((await isFolder(path)) ? "folder" : undefined), read, images);

/** How a configuration has image folders read. */
const imagesOf = ({ preprocess: { imageSize, imageFit }, cache }: DataConfig): ImageReading => ({
  imageSize,
  imageFit,
  cache,
});

/** The same for rows whose labels only score: without asking there are none, even where the file has them. */
async function readScored(
  path: string,
  labels: string | undefined,
  read: ReadOptions,
  images: ImageReading,
): Promise<Dataset> {
  return labels === undefined
    ? withoutLabels(await readDataset(path, read, images))
    : readInputsOf(path, labels, read, images);
}

const isSvmlight = (path: string, read: ReadOptions): boolean => formatOf(path, read.format).format === "svmlight";

/** Labels of another file, when they are a column's name or index: a file of labels belongs to its own rows. */
const columnOf = async (labels: string | undefined): Promise<string | undefined> =>
  labels === undefined || (await isFile(labels)) ? undefined : labels;
