/** `dann predict` of a regression: numbers for new rows, streamed as labels are. */
import { usageError } from "../errors.ts";
import type { PredictDocument } from "./documents.ts";
import type { OpenedModel } from "./model.ts";
import type { Output } from "./output.ts";
import { predictRows } from "./predict-rows.ts";
import type { PredictionFormat } from "./predictions.ts";
import { number } from "./render/result.ts";
import { openValueWriter, type PredictedValues } from "./value-predictions.ts";

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
  chosen,
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
  let sum = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const { rows, seconds } = await predictRows<PredictedValues>({
    ...{ model, read, dataPath, given, output, writer: await openValueWriter(format, out) },
    told({ value = new Float32Array(0) }) {
      for (const one of value) {
        sum += one;
        min = Math.min(min, one);
        max = Math.max(max, one);
      }
      return { value };
    },
  });
  if (out === undefined) return;
  const value = rows === 0 ? undefined : { min, max, mean: sum / rows };
  const document: PredictDocument = {
    ...{ schema: 1, model: file, chosen, data: dataPath, out, format, rows },
    ...{ classes: {}, probabilities: null, abstained: null, seconds, ...(value && { value }) },
  };
  output.document(document);
  const range = value === undefined ? "" : `values from ${number(min)} to ${number(max)}, mean ${number(value.mean)}\n`;
  output.result(`${range}${rows} rows written to ${out}\n`);
}
