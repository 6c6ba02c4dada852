/**
 * Mixtures of encoded rows, weight a + (1 - weight) b: pixels, samples and numbers are mixed; a category or a token has
 * no half, so tables with them have none.
 */

import type { SparseRows } from "./dataset.ts";
import type { EncodedRows } from "./encode.ts";
import { sharedFloat32, sharedUint8, sharedUint32 } from "./shared-memory.ts";

export interface Pairs {
  /** Row number of the first row of each pair, a. */
  readonly first: Int32Array;
  /** Of the second, b. */
  readonly second: Int32Array;
}

/** Whether rows can be mixed. */
export const canMix = (rows: EncodedRows): boolean =>
  rows.kind !== "table" ||
  (rows.categorical.length === 0 && rows.tokens === undefined && rows.text === undefined && rows.numeric.length > 0);

/** A row a pair; undefined where rows cannot be mixed. A number that is missing in either row of a pair is missing. */
export function mixRows(rows: EncodedRows, pairs: Pairs, weight: number): EncodedRows | undefined {
  if (!canMix(rows)) return undefined;
  const count = pairs.first.length;
  switch (rows.kind) {
    case "table":
      return { ...rows, rows: count, numeric: mixed(rows.numeric, rows.rows, pairs, weight, sharedFloat32) };
    case "dense":
    case "signal":
      return { ...rows, rows: count, values: mixed(rows.values, rows.rows, pairs, weight, sharedFloat32) };
    case "image":
      // Rounded to whole pixel values, as a camera would.
      return { ...rows, rows: count, pixels: mixed(rows.pixels, rows.rows, pairs, weight, sharedUint8, Math.round) };
    case "sparse":
      return mixSparse(rows, pairs, weight);
    default:
      throw new Error(`no rows of kind ${String(rows satisfies never)}`);
  }
}

function mixed<A extends Float32Array | Uint8Array>(
  values: A,
  rows: number,
  { first, second }: Pairs,
  weight: number,
  make: (length: number) => A,
  round: (value: number) => number = (value) => value,
): A {
  const width = rows === 0 ? 0 : values.length / rows;
  const result = make(first.length * width);
  for (let pair = 0; pair < first.length; pair++) {
    const [a, b] = [(first[pair] ?? 0) * width, (second[pair] ?? 0) * width];
    for (let j = 0; j < width; j++)
      result[pair * width + j] = round(weight * (values[a + j] ?? 0) + (1 - weight) * (values[b + j] ?? 0));
  }
  return result;
}

function mixSparse(rows: SparseRows, { first, second }: Pairs, weight: number): SparseRows {
  const entriesOf = (row: number, share: number, into: Map<number, number>): void => {
    for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++) {
      const feature = rows.indices[entry] ?? 0;
      into.set(feature, (into.get(feature) ?? 0) + share * (rows.values[entry] ?? 0));
    }
  };
  const made = Array.from(first, (row, pair) => {
    const entries = new Map<number, number>();
    entriesOf(row, weight, entries);
    entriesOf(second[pair] ?? 0, 1 - weight, entries);
    return [...entries].sort(([a], [b]) => a - b);
  });
  const offsets = sharedUint32(made.length + 1);
  made.forEach((entries, pair) => {
    offsets[pair + 1] = (offsets[pair] ?? 0) + entries.length;
  });
  const indices = sharedUint32(offsets[made.length] ?? 0);
  const values = sharedFloat32(indices.length);
  made.flat().forEach(([feature, value], entry) => {
    indices[entry] = feature;
    values[entry] = value;
  });
  return { ...rows, rows: made.length, offsets, indices, values };
}
