/** Unnamed features by their number, and signals by what their channels are like. */
import type { DenseRows, SignalRows, SparseRows } from "../../data/dataset.ts";
import { type FeaturePair, type NamedRows, namedRows, type Values } from "./named.ts";

/** Features that are looked at: of more, those that most rows have. */
const most = 1000;

type Vectors = DenseRows | SparseRows;

export function vectorFeatures(source: Vectors, target: Vectors): NamedRows {
  const counts = new Map<number, number>();
  for (const rows of [source, target])
    eachEntry(rows, (_, feature, value) => {
      if (value !== 0) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    });
  const kept = [...counts]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, most)
    .map(([feature]) => feature)
    .sort((a, b) => a - b);
  const from = source.kind === "sparse" ? source.indexBase : 0;
  const [own, others] = [columnsOf(source, kept), columnsOf(target, kept)];
  const pairs = kept.map((feature, j) => ({
    name: `feature ${feature + from}`,
    source: own[j] ?? [],
    target: others[j] ?? [],
  }));
  return namedRows("features", [source.rows, target.rows], pairs);
}

function columnsOf(rows: Vectors, features: readonly number[]): Float64Array[] {
  const places = new Map(features.map((feature, place) => [feature, place]));
  const columns = features.map(() => new Float64Array(rows.rows));
  eachEntry(rows, (row, feature, value) => {
    const column = columns[places.get(feature) ?? -1];
    if (column !== undefined) column[row] = value;
  });
  return columns;
}

function eachEntry(rows: Vectors, visit: (row: number, feature: number, value: number) => void): void {
  if (rows.kind === "dense") {
    rows.values.forEach((value, at) => {
      visit(Math.floor(at / rows.width), at % rows.width, value);
    });
    return;
  }
  for (let row = 0; row < rows.rows; row++)
    for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++)
      visit(row, rows.indices[entry] ?? 0, rows.values[entry] ?? 0);
}

/** Parts of equal length that a signal is averaged over. */
const parts = 16;

export function signalFeatures(source: SignalRows, target: SignalRows): NamedRows {
  const pairs = Array.from({ length: source.channels }, (_, channel): FeaturePair[] => {
    const name = source.names?.[channel] ?? `channel ${channel}`;
    const of = (what: string, measure: Measure): FeaturePair => ({
      name: `${name}: ${what}`,
      source: measured(source, channel, measure),
      target: measured(target, channel, measure),
    });
    return [
      of("mean", mean),
      of("deviation", deviation),
      of("mean step", meanStep),
      ...Array.from({ length: Math.min(parts, source.length) }, (__, part) =>
        of(`mean of part ${part + 1} of ${Math.min(parts, source.length)}`, (signal) => mean(partOf(signal, part))),
      ),
    ];
  });
  return namedRows("signal", [source.rows, target.rows], pairs.flat());
}

type Measure = (signal: Float32Array) => number;

const measured = ({ rows, channels, length, values }: SignalRows, channel: number, measure: Measure): Values =>
  Float64Array.from({ length: rows }, (_, row) => {
    const start = (row * channels + channel) * length;
    return measure(values.subarray(start, start + length));
  });

const mean: Measure = (signal) => signal.reduce((sum, value) => sum + value, 0) / Math.max(1, signal.length);

const deviation: Measure = (signal) => {
  const average = mean(signal);
  return Math.sqrt(mean(signal.map((value) => (value - average) ** 2)));
};

/** How rough it is: the mean of |x_t - x_(t-1)|. */
const meanStep: Measure = (signal) => mean(signal.map((value, t) => Math.abs(value - (signal[t - 1] ?? value))));

function partOf(signal: Float32Array, part: number): Float32Array {
  const count = Math.min(parts, signal.length);
  return signal.subarray(Math.floor((part * signal.length) / count), Math.floor(((part + 1) * signal.length) / count));
}
