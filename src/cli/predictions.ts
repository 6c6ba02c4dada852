/** Writers of predictions: rows as they come, a file that is whole or absent. */
import { realpath } from "node:fs/promises";
import { type AtomicFile, openAtomic } from "../data/atomic.ts";
import { encodeNpz } from "../data/writers/npy.ts";
import { csvLine, jsonLine } from "../data/writers/text.ts";
import { usageError } from "../errors.ts";

export type PredictionFormat = "csv" | "jsonl" | "npz";

/** Some rows in order. */
export interface NamedRows {
  /** Identifiers, where the data have them; else the number of the row, from 0. */
  readonly ids?: readonly string[] | undefined;
  /** Number of the first of these rows. */
  readonly first: number;
}

/** Predictions of some rows. */
export interface PredictedRows extends NamedRows {
  /** Undefined where the model abstains. */
  readonly labels: readonly (string | undefined)[];
  /** [rows, classes] */
  readonly probabilities: Float32Array;
}

export interface PredictionWriter<R extends NamedRows = PredictedRows> {
  write(rows: R): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

export interface WriterOptions {
  readonly classes: readonly string[];
  /** Whether rows may have no label, which each row then says. */
  readonly abstains: boolean;
}

/**
 * Labels, undefined where the highest probability is below the threshold: as it is written, with seven digits, so that
 * what is read in the file explains the label.
 */
export function abstain(
  { labels, probabilities }: { readonly labels: readonly string[]; readonly probabilities: Float32Array },
  threshold: number,
): (string | undefined)[] {
  const classes = probabilities.length / labels.length;
  return labels.map((label, row) => {
    const highest = probabilities.subarray(row * classes, (row + 1) * classes).reduce((a, b) => Math.max(a, b), 0);
    return digits(highest) < threshold ? undefined : label;
  });
}

/** Predictions in the place of the rows that they are of would be all that is left. */
export async function refuseOwnInput(out: string | undefined, data: string): Promise<void> {
  if (out === undefined) return;
  const [written, read] = await Promise.all([out, data].map((path) => realpath(path).catch(() => undefined)));
  if (written === undefined || written !== read) return;
  throw usageError(
    "output-is-input",
    `--out: ${out} is the file that is read: its rows would be lost`,
    "Write elsewhere.",
  );
}

/** @param out a path; without one, text goes to stdout. */
export async function openWriter(
  format: PredictionFormat,
  out: string | undefined,
  options: WriterOptions,
): Promise<PredictionWriter> {
  const file = await openSink(format, out);
  if (format === "npz") return npzWriter(file, options);
  return format === "csv" ? csvWriter(file, options) : jsonlWriter(file, options);
}

/** Where predictions go: a file that is whole or absent; text without a path to stdout. */
export const openSink = async (format: PredictionFormat, out: string | undefined): Promise<Sink> =>
  out === undefined && format !== "npz" ? stdout() : openAtomic(out ?? "");

export type Sink = Pick<AtomicFile, "write" | "commit" | "abort">;

function stdout(): Sink {
  return {
    // A full pipe says so, and the stream of rows waits for the reader.
    write: (chunk) =>
      new Promise((resolve, reject) => process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))),
    commit: async () => {},
    abort: async () => {},
  };
}

/** What is predicted is float32: these digits are all that it has. */
export const digits = (value: number | undefined): number => Number((value ?? 0).toPrecision(7));

export const idOf = ({ ids, first }: NamedRows, row: number): string => ids?.[row] ?? String(first + row);

function csvWriter(file: Sink, { classes, abstains }: WriterOptions): PredictionWriter {
  let headed = false;
  const heading = csvLine(["id", "label", ...(abstains ? ["abstained"] : []), ...classes.map((name) => `p_${name}`)]);
  return {
    async write(rows) {
      let text = headed ? "" : heading;
      headed = true;
      for (const [row, label] of rows.labels.entries()) {
        const at = row * classes.length;
        const said = abstains ? [label ?? "", String(label === undefined)] : [label ?? ""];
        text += csvLine([idOf(rows, row), ...said, ...classes.map((_, c) => digits(rows.probabilities[at + c]))]);
      }
      await file.write(text);
    },
    async close() {
      if (!headed) await file.write(heading);
      await file.commit();
    },
    abort: () => file.abort(),
  };
}

function jsonlWriter(file: Sink, { classes, abstains }: WriterOptions): PredictionWriter {
  return {
    async write(rows) {
      let text = "";
      for (const [row, label] of rows.labels.entries()) {
        const at = row * classes.length;
        const probabilities = Object.fromEntries(classes.map((name, c) => [name, digits(rows.probabilities[at + c])]));
        text += jsonLine({
          id: idOf(rows, row),
          label: label ?? null,
          ...(abstains && { abstained: label === undefined }),
          probabilities,
        });
      }
      await file.write(text);
    },
    close: () => file.commit(),
    abort: () => file.abort(),
  };
}

/** An archive needs its sizes in front, so predictions (not inputs) are held until the end. */
function npzWriter(file: Sink, { classes, abstains }: WriterOptions): PredictionWriter {
  const ids: string[] = [];
  const labels: (string | undefined)[] = [];
  const blocks: Float32Array[] = [];
  return {
    async write(rows) {
      for (const [row, label] of rows.labels.entries()) {
        ids.push(idOf(rows, row));
        labels.push(label);
      }
      blocks.push(rows.probabilities);
    },
    async close() {
      const probabilities = new Float32Array(labels.length * classes.length);
      let at = 0;
      for (const block of blocks) {
        probabilities.set(block, at);
        at += block.length;
      }
      const count = labels.length;
      await file.write(
        encodeNpz({
          id: { dims: [count], values: ids },
          label: { dims: [count], values: labels.map((label) => label ?? "") },
          ...(abstains && {
            abstained: { dims: [count], values: Int32Array.from(labels, (label) => (label === undefined ? 1 : 0)) },
          }),
          probabilities: { dims: [count, classes.length], values: probabilities },
          classes: { dims: [classes.length], values: classes },
        }),
      );
      await file.commit();
    },
    abort: () => file.abort(),
  };
}
