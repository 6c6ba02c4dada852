/** Rows of a file through a model and into a writer, a chunk at a time: a file that is whole or absent. */
import { readChunks } from "../data/read.ts";
import type { ModelPredictOptions, Predictions } from "../train/load-model.ts";
import { noteTruncated, type OpenedModel, readingWith } from "./model.ts";
import type { Output } from "./output.ts";
import type { NamedRows, PredictionWriter } from "./predictions.ts";

export interface PredictRequest<R extends NamedRows> extends Pick<OpenedModel, "model" | "read"> {
  readonly dataPath: string;
  readonly given: Readonly<Record<string, unknown>> & { readonly out?: string };
  readonly output: Output;
  readonly writer: PredictionWriter<R>;
  readonly how?: ModelPredictOptions;
  /** What is written of the predictions of a chunk. */
  readonly told: (predicted: Predictions) => Omit<R, keyof NamedRows>;
}

/** @returns how many rows there were, and how long it took. */
export async function predictRows<R extends NamedRows>({
  model,
  read,
  dataPath,
  given,
  output,
  writer,
  how,
  told,
}: PredictRequest<R>): Promise<{ readonly rows: number; readonly seconds: number }> {
  let [rows, truncated] = [0, 0];
  const said = new Set<string>();
  const began = performance.now();
  try {
    for await (const chunk of readChunks(dataPath, readingWith(read, given), model.preprocess)) {
      for (const note of chunk.notes ?? []) {
        if (!said.has(note)) output.note(`${dataPath}: ${note}`);
        said.add(note);
      }
      const predicted = await model.predict(chunk, how);
      await writer.write({ ids: chunk.ids, first: rows, ...told(predicted) } as R);
      rows += chunk.rows.rows;
      truncated += predicted.truncated;
      if (given.out !== undefined) output.progress.busy(`${rows} rows`);
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    output.progress.clear();
  }
  noteTruncated(output, dataPath, model, { truncated, rows });
  return { rows, seconds: (performance.now() - began) / 1000 };
}
