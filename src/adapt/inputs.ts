/** Reads the files that a configuration names. Node only. */
import type { DataConfig } from "../config/schema.ts";
import type { ReadOptions } from "../data/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { isFile } from "../data/files.ts";
import { formatOf } from "../data/formats.ts";
import { withoutLabels } from "../data/labels.ts";
import { likeFirst, readDataset } from "../data/read.ts";
import type { AdaptData } from "./prepare.ts";

export async function readInputs(data: DataConfig): Promise<AdaptData> {
  const { read } = data;
  const source = await readInputsOf(data.source, data.sourceLabels, read);
  const like = likeFirst(source, read);
  // Groups matter where rows are held out, in the source alone; but a window never leaves its recording.
  const { group, ...rest } = like;
  const ungrouped = read.window === undefined ? rest : { ...rest, group };
  const target = await readScored(data.target, data.targetLabels, ungrouped);
  const sourceTest =
    data.sourceTest === undefined
      ? undefined
      : await readInputsOf(data.sourceTest, data.sourceTestLabels ?? (await columnOf(data.sourceLabels)), ungrouped);
  const targetTest =
    data.targetTest === undefined
      ? undefined
      : await readScored(data.targetTest, data.targetTestLabels ?? (await columnOf(data.targetLabels)), ungrouped);
  return { source, target, ...(sourceTest && { sourceTest }), ...(targetTest && { targetTest }) };
}

/** The word by which `--target-labels` asks for the labels that svmlight rows carry in front. */
const inRows = "label";

/** Rows with the labels asked for; svmlight rows carry theirs and need no asking. */
export async function readInputsOf(path: string, labels: string | undefined, read: ReadOptions): Promise<Dataset> {
  const own = labels === inRows && isSvmlight(path, read) && !(await isFile(labels));
  return readDataset(path, { ...read, labels: own ? undefined : labels });
}

/** The same for rows whose labels only score: without asking there are none, even where the file has them. */
async function readScored(path: string, labels: string | undefined, read: ReadOptions): Promise<Dataset> {
  return labels === undefined ? withoutLabels(await readDataset(path, read)) : readInputsOf(path, labels, read);
}

const isSvmlight = (path: string, read: ReadOptions): boolean => formatOf(path, read.format).format === "svmlight";

/** Labels of another file, when they are a column's name or index: a file of labels belongs to its own rows. */
const columnOf = async (labels: string | undefined): Promise<string | undefined> =>
  labels === undefined || (await isFile(labels)) ? undefined : labels;
