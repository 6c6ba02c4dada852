/** Writers of predicted numbers: id and value, a row each. */
import { encodeNpz } from "../data/writers/npy.ts";
import { csvLine, jsonLine } from "../data/writers/text.ts";
import {
  digits,
  idOf,
  type NamedRows,
  openSink,
  type PredictionFormat,
  type PredictionWriter,
  type Sink,
} from "./predictions.ts";

/** Numbers of some rows. */
export interface PredictedValues extends NamedRows {
  readonly value: Float32Array;
}

/** @param out a path; without one, text goes to stdout. */
export async function openValueWriter(
  format: PredictionFormat,
  out: string | undefined,
): Promise<PredictionWriter<PredictedValues>> {
  const file = await openSink(format, out);
  if (format === "npz") return archiveWriter(file);
  const line = (id: string, value: number): string =>
    format === "csv" ? csvLine([id, value]) : jsonLine({ id, value });
  let begun = format === "jsonl";
  const heading = (): string => {
    const text = begun ? "" : csvLine(["id", "value"]);
    begun = true;
    return text;
  };
  return {
    async write(rows) {
      let text = heading();
      for (const [row, value] of rows.value.entries()) text += line(idOf(rows, row), digits(value));
      await file.write(text);
    },
    async close() {
      await file.write(heading());
      await file.commit();
    },
    abort: () => file.abort(),
  };
}

/** An archive needs its sizes in front, so predictions (not inputs) are held until the end. */
function archiveWriter(file: Sink): PredictionWriter<PredictedValues> {
  const ids: string[] = [];
  const values: number[] = [];
  return {
    async write(rows) {
      for (const [row, value] of rows.value.entries()) {
        ids.push(idOf(rows, row));
        values.push(value);
      }
    },
    async close() {
      const dims = [values.length];
      await file.write(encodeNpz({ id: { dims, values: ids }, value: { dims, values: Float32Array.from(values) } }));
      await file.commit();
    },
    abort: () => file.abort(),
  };
}
