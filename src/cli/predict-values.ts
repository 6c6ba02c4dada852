/** `dann predict` of a regression: numbers for new rows, streamed as labels are. */
import { readChunks } from "../data/read.ts";
import { usageError } from "../errors.ts";
import type { PredictDocument } from "./documents.ts";
import { noteTruncated, type OpenedModel, readingWith } from "./model.ts";
import type { Output } from "./output.ts";
import type { PredictionFormat } from "./predictions.ts";
import { number } from "./render/result.ts";
import { openValueWriter } from "./value-predictions.ts";

export interface ValuesRequest extends OpenedModel {
  readonly dataPath: string;
  readonly format: PredictionFormat;
  readonly given: Readonly<Record<string, unknown>> & {
    readonly out?: string;
    readonly abstainBelow?: string;
    readonly rawProbabilities?: boolean;
  };
  readonly output: Output;
}

export async function predictValues({
  model,
  file,
  read,
  dataPath,
  format,
  given,
  output,
}: ValuesRequest): Promise<void> {
  const flag =
    given.abstainBelow !== undefined
      ? "--abstain-below"
      : given.rawProbabilities === true
        ? "--raw-probabilities"
        : undefined;
  if (flag !== undefined)
    throw usageError(
      "no-probabilities",
      `${flag}: expected a classifier, but ${file} is a regression: it has no probabilities`,
      "Leave it out.",
    );
  const { out } = given;
  const options = readingWith(read, given);
  const writer = await openValueWriter(format, out);
  let [rows, truncated, sum] = [0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const said = new Set<string>();
  const began = performance.now();
  try {
    for await (const chunk of readChunks(dataPath, options, model.preprocess)) {
      for (const note of chunk.notes ?? []) {
        if (!said.has(note)) output.note(`${dataPath}: ${note}`);
        said.add(note);
      }
      const { value = new Float32Array(0), truncated: cut } = await model.predict(chunk);
      await writer.write({ ids: chunk.ids, first: rows, value });
      for (const one of value) {
        sum += one;
        min = Math.min(min, one);
        max = Math.max(max, one);
      }
      rows += value.length;
      truncated += cut;
      if (out !== undefined) output.progress.busy(`${rows} rows`);
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    output.progress.clear();
  }
  noteTruncated(output, dataPath, model, { truncated, rows });
  if (out === undefined) return;
  const seconds = (performance.now() - began) / 1000;
  const value = rows === 0 ? undefined : { min, max, mean: sum / rows };
  const document: PredictDocument = {
    ...{ schema: 1, model: file, data: dataPath, out, format, rows },
    ...{ classes: {}, probabilities: null, abstained: null, seconds, ...(value && { value }) },
  };
  output.document(document);
  const range = value === undefined ? "" : `values from ${number(min)} to ${number(max)}, mean ${number(value.mean)}\n`;
  output.result(`${range}${rows} rows written to ${out}\n`);
}
