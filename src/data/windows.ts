/** Long recordings cut into windows of one length: rows of signals that know where they came from. */
import { dataError } from "../errors.ts";
import type { ReadOptions } from "./config.ts";
import type { Column, Dataset, SignalRows, TableRows } from "./dataset.ts";
import { count, list, missingColumn } from "./names.ts";
import { sharedFloat32 } from "./shared-memory.ts";

/** A stretch of samples that a window may not leave. */
interface Recording {
  readonly name: string;
  readonly length: number;
  /** Copies `length` samples of every channel from `start`, channel by channel. */
  copy(start: number, length: number, into: Float32Array, at: number): void;
  /** The label of a sample. */
  label(sample: number): string | undefined;
}

/** Four gigabytes of float32. */
const mostValues = 2 ** 30;

/**
 * Windows of `options.window` samples, one every `options.hop` (default half a window). Rows of a table are samples in
 * order and its columns channels, `group` names the recording; a row of signals is a recording. A window's id is
 * RECORDING:START, its group the recording, its label that of most of its samples (the earlier one of equals).
 */
export function cutWindows(dataset: Dataset, options: ReadOptions): Dataset {
  const { window: length = 1, hop = Math.max(1, Math.floor(length / 2)), mixed = "drop" } = options;
  const { names, channels, recordings } = recordingsOf(dataset, options);
  const starts = recordings.map((recording) =>
    recording.length < length ? 0 : Math.floor((recording.length - length) / hop) + 1,
  );
  const rows = starts.reduce((sum, each) => sum + each, 0);
  if (rows === 0)
    throw dataError(
      "no-window",
      `${dataset.origin}: expected a recording of at least ${length} samples, the longest has ${Math.max(0, ...recordings.map((r) => r.length))}`,
      "Choose a shorter --window.",
    );
  const size = channels * length;
  if (rows * size > mostValues)
    throw dataError(
      "too-many-windows",
      `${dataset.origin}: ${rows} windows of ${channels} x ${length} values are more than memory takes (at most ${mostValues} values)`,
      "Choose a larger --hop.",
    );
  const values = sharedFloat32(rows * size);
  const ids: string[] = [];
  const groups: string[] = [];
  const labels: (string | undefined)[] = [];
  recordings.forEach((recording, index) => {
    for (let n = 0; n < (starts[index] ?? 0); n++) {
      recording.copy(n * hop, length, values, ids.length * size);
      ids.push(`${recording.name}:${n * hop}`);
      groups.push(recording.name);
      labels.push(labelOf(recording, n * hop, length, mixed));
    }
  });
  const short = starts.filter((each) => each === 0).length;
  return {
    origin: dataset.origin,
    rows: { kind: "signal", rows, channels, length, values, ...(names && { names }) },
    ...(dataset.fields && { fields: dataset.fields }),
    ...(dataset.labels && { labels }),
    ids,
    groups,
    ...(short > 0 && {
      notes: [
        `${short} of ${count(recordings.length, "recording")} are shorter than ${length} samples and give no window`,
      ],
    }),
  };
}

/**
 * Most frequent label. Of a mixed window that is to be dropped there is none: source rows without a label do not train,
 * target rows adapt all the same, so that what adapts never depends on the target's labels.
 */
function labelOf(recording: Recording, start: number, length: number, mixed: "drop" | "keep"): string | undefined {
  const found = new Map<string | undefined, number>();
  for (let t = start; t < start + length; t++) {
    const label = recording.label(t);
    found.set(label, (found.get(label) ?? 0) + 1);
  }
  if (mixed === "drop" && found.size > 1) return undefined;
  found.delete(undefined);
  let best: string | undefined;
  for (const [label, samples] of found) if (samples > (found.get(best) ?? 0)) best = label;
  return best;
}

interface Recordings {
  readonly names?: readonly string[];
  readonly channels: number;
  readonly recordings: readonly Recording[];
}

function recordingsOf(dataset: Dataset, options: ReadOptions): Recordings {
  const { rows, origin } = dataset;
  if (rows.kind === "table") return ofTable(dataset, rows, options);
  if (rows.kind === "signal") return ofSignals(dataset, rows);
  throw dataError(
    "window-rows",
    `${origin}: expected recordings to cut windows from, got rows of kind ${rows.kind}`,
    "Give a table with a sample a row, or an array [channels, samples] or [recordings, channels, samples].",
  );
}

function ofSignals({ labels }: Dataset, { rows, channels, length, values }: SignalRows): Recordings {
  return {
    channels,
    recordings: Array.from({ length: rows }, (_, row) => ({
      name: String(row),
      length,
      copy(start, samples, into, at) {
        for (let c = 0; c < channels; c++) {
          const from = (row * channels + c) * length + start;
          into.set(values.subarray(from, from + samples), at + c * samples);
        }
      },
      label: () => labels?.[row],
    })),
  };
}

function ofTable({ origin, labels, groups }: Dataset, rows: TableRows, options: ReadOptions): Recordings {
  const columns = channelColumns(origin, rows, options.channels);
  const recordings = runs(origin, groups, rows.rows).map(
    ({ name, from, to }): Recording => ({
      name,
      length: to - from,
      copy(start, samples, into, at) {
        columns.forEach(({ values }, c) => {
          for (let t = 0; t < samples; t++) into[at + c * samples + t] = values[from + start + t] ?? Number.NaN;
        });
      },
      label: (sample) => labels?.[from + sample],
    }),
  );
  return { names: columns.map(({ name }) => name), channels: columns.length, recordings };
}

type NumberColumn = Extract<Column, { kind: "number" }>;

/** The columns that are channels, in order: those that are named, else all, which then must be numbers. */
function channelColumns(origin: string, rows: TableRows, wanted: readonly string[] | undefined): NumberColumn[] {
  const all = rows.columns.map(({ name }) => name);
  const columns = (wanted ?? all).map((name) => {
    const column = rows.columns.find((each) => each.name === name);
    if (column === undefined) throw missingColumn(name, "a channel", all, origin);
    return column;
  });
  if (columns.length === 0)
    throw dataError("no-channels", `${origin}: expected at least one column of samples, got none`);
  return columns.map((column) => {
    if (column.kind !== "number")
      throw dataError(
        "channel-type",
        `${origin}: expected channels of numbers, got words in column "${column.name}"`,
        `Leave it out with --drop ${column.name}, or name the channels with --channels.`,
      );
    const gap = column.values.findIndex((value) => !Number.isFinite(value));
    if (gap < 0) return column;
    throw dataError(
      "channel-gap",
      `${origin}: column "${column.name}", row ${gap} (counted from 0): expected a finite number, got ${Number.isNaN(column.values[gap]) ? "a missing value" : column.values[gap]}`,
      "Fill the gaps of the recording first.",
    );
  });
}

/** Runs of rows with one group; without groups the file is one recording. */
function runs(
  origin: string,
  groups: readonly string[] | undefined,
  rows: number,
): readonly { readonly name: string; readonly from: number; readonly to: number }[] {
  if (groups === undefined) return [{ name: "0", from: 0, to: rows }];
  const found: { name: string; from: number; to: number }[] = [];
  const seen = new Set<string>();
  groups.forEach((name, row) => {
    const last = found.at(-1);
    if (last?.name === name) {
      last.to = row + 1;
      return;
    }
    if (seen.has(name))
      throw dataError(
        "recording-order",
        `${origin}: expected the rows of recording ${list([name])} one after the other, got more of them at row ${row} (counted from 0)`,
        "Sort the file by recording and time.",
      );
    seen.add(name);
    found.push({ name, from: row, to: row + 1 });
  });
  return found;
}
