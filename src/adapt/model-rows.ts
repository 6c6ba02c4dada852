/** Files read the way a trained model wants them. Node only. */
import type { ImageReading, ReadOptions } from "../data/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { withoutLabels } from "../data/labels.ts";
import { columnsOf, type PreprocessSpec } from "../data/preprocess.ts";
import { readDataset, withChannels } from "../data/read.ts";
import { readInputsOf } from "./inputs.ts";

/** @param labels where they are; undefined: the rows have none, even where the file has. */
export async function readForModel(
  path: string,
  labels: string | undefined,
  preprocess: PreprocessSpec,
  { read, images }: { readonly read: ReadOptions; readonly images: ImageReading },
): Promise<Dataset> {
  // Columns as the model reads them: a cell that does not fit is an error with its line.
  const types = { ...columnsOf(preprocess), ...read.types };
  const base = preprocess.kind === "features" ? preprocess.indexBase : undefined;
  const channels = preprocess.kind === "signal" ? preprocess.names : undefined;
  const reading = withChannels({ ...read, types, indexBase: read.indexBase ?? base }, channels);
  const folders = { ...images, ...(preprocess.kind === "image" && { like: preprocess }) };
  return labels === undefined
    ? withoutLabels(await readDataset(path, reading, folders))
    : readInputsOf(path, labels, reading, folders);
}
