/** Subsets of rows, by number: splits, pieces, balanced draws. Everything that belongs to a row goes with it. */
import { internalError } from "../errors.ts";
import type { Column, Dataset, Rows, SparseRows } from "./dataset.ts";
import type { EncodedRows } from "./encode.ts";
import { sharedFloat32, sharedInt32, sharedUint8, sharedUint32 } from "./shared-memory.ts";

export function selectDataset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const pick = <T>(values: readonly T[]): T[] => Array.from(indices, (row) => values[row] as T);
  return {
    ...dataset,
    rows: selectRows(dataset.rows, indices),
    ...(dataset.labels === undefined ? {} : { labels: pick(dataset.labels) }),
    ...(dataset.ids === undefined ? {} : { ids: pick(dataset.ids) }),
    ...(dataset.groups === undefined ? {} : { groups: pick(dataset.groups) }),
    ...(dataset.sources && {
      sources: { ...dataset.sources, of: pickRows(dataset.sources.of, indices, dataset.rows.rows, sharedInt32) },
    }),
  };
}

export function selectRows(rows: Rows, indices: ArrayLike<number>): Rows {
  const selected = indices.length;
  switch (rows.kind) {
    case "table":
      return { kind: "table", rows: selected, columns: rows.columns.map((column) => selectColumn(column, indices)) };
    case "dense":
    case "signal":
      return { ...rows, rows: selected, values: pickRows(rows.values, indices, rows.rows, sharedFloat32) };
    case "image":
      return { ...rows, rows: selected, pixels: pickRows(rows.pixels, indices, rows.rows, sharedUint8) };
    case "sparse":
      return selectSparse(rows, indices);
    default:
      throw internalError(`no rows of kind ${rows satisfies never}`);
  }
}

/** The same for rows that are encoded already. */
export function selectEncoded(rows: EncodedRows, indices: ArrayLike<number>): EncodedRows {
  if (rows.kind !== "table") return selectRows(rows, indices) as Exclude<Rows, { kind: "table" }>;
  return {
    kind: "table",
    rows: indices.length,
    numeric: pickRows(rows.numeric, indices, rows.rows, sharedFloat32),
    categorical: pickRows(rows.categorical, indices, rows.rows, sharedInt32),
    ...(rows.text && { text: selectSparse(rows.text, indices) }),
    ...(rows.tokens && { tokens: pickRows(rows.tokens, indices, rows.rows, sharedInt32) }),
  };
}

/** The labels of some rows, in their order. */
export const selectLabels = <L extends Int32Array | Float32Array>(labels: L, indices: Int32Array): L => {
  const selected = labels.slice(0, indices.length) as L;
  for (const [at, row] of indices.entries()) selected[at] = labels[row] ?? 0;
  return selected;
};

function selectColumn(column: Column, indices: ArrayLike<number>): Column {
  switch (column.kind) {
    case "number":
      return { ...column, values: Float64Array.from(indices, (row) => column.values[row] ?? Number.NaN) };
    case "category":
      return { ...column, codes: Int32Array.from(indices, (row) => column.codes[row] ?? -1) };
    case "text":
      return { ...column, values: Array.from(indices, (row) => column.values[row]) };
    default:
      throw internalError(`no column of kind ${column satisfies never}`);
  }
}

function pickRows<A extends Float32Array | Uint8Array | Int32Array>(
  values: A,
  indices: ArrayLike<number>,
  rows: number,
  make: (length: number) => A,
): A {
  const width = rows === 0 ? 0 : values.length / rows;
  const picked = make(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] ?? 0;
    picked.set(values.subarray(row * width, (row + 1) * width), i * width);
  }
  return picked;
}

function selectSparse(rows: SparseRows, indices: ArrayLike<number>): SparseRows {
  const offsets = sharedUint32(indices.length + 1);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] ?? 0;
    offsets[i + 1] = (offsets[i] ?? 0) + (rows.offsets[row + 1] ?? 0) - (rows.offsets[row] ?? 0);
  }
  const entries = offsets[indices.length] ?? 0;
  const features = sharedUint32(entries);
  const values = sharedFloat32(entries);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] ?? 0;
    const [from, to] = [rows.offsets[row] ?? 0, rows.offsets[row + 1] ?? 0];
    features.set(rows.indices.subarray(from, to), offsets[i] ?? 0);
    values.set(rows.values.subarray(from, to), offsets[i] ?? 0);
  }
  return { ...rows, rows: indices.length, offsets, indices: features, values };
}
