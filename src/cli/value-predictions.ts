/** Writers of predicted numbers: id and value, a row each. */
import { encodeNpz } from "../data/writers/npy.ts";
import { csvLine, jsonLine } from "../data/writers/text.ts";
import { openSink, type PredictionFormat, type Sink } from "./predictions.ts";

/** Numbers of some rows in order. */
export interface PredictedValues {
  /** Identifiers, where the data have them; else the number of the row, from 0. */
  readonly ids?: readonly string[] | undefined;
  /** Number of the first of these rows. */
  readonly first: number;
  readonly value: Float32Array;
}

export interface ValueWriter {
  write(rows: PredictedValues): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** @param out a path; without one, text goes to stdout. */
export async function openValueWriter(format: PredictionFormat, out: string | undefined): Promise<ValueWriter> {
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

const idOf = ({ ids, first }: PredictedValues, row: number): string => ids?.[row] ?? String(first + row);

/** Values are float32: these digits are all that it has. */
const digits = (value: number): number => Number(value.toPrecision(7));

/** An archive needs its sizes in front, so predictions (not inputs) are held until the end. */
function archiveWriter(file: Sink): ValueWriter {
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
