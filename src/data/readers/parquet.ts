/** Parquet, by hyparquet: columns arrive a row group at a time and go straight into the column builders. */
import { type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { dataError } from "../../errors.ts";
import type { ByteSource } from "../source.ts";
import { emptyFile } from "./csv.ts";
import { pushValue } from "./jsonl.ts";
import type { MakeTable, TableBuilder } from "./table-builder.ts";

/** Feeds every row to the table that `make` returns, and stops after every row group. */
export async function* decodeParquet(source: ByteSource, make: MakeTable): AsyncGenerator<void> {
  const file = {
    byteLength: source.size,
    slice: async (start: number, end = source.size) => {
      const bytes = await source.slice(start, end);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
  const metadata = await damaged(source.name, () => parquetMetadataAsync(file));
  const names = parquetSchema(metadata).children.map((child) => child.element.name);
  if (metadata.num_rows === 0n) throw emptyFile(source.name);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const table = make(names, Number(metadata.num_rows));
    await readGroup(source.name, file, metadata, names, rowStart, rowEnd, table);
    rowStart = rowEnd;
    yield;
  }
}

async function readGroup(
  origin: string,
  file: { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> },
  metadata: FileMetaData,
  names: readonly string[],
  rowStart: number,
  rowEnd: number,
  table: TableBuilder,
): Promise<void> {
  const wanted = names.filter((_, field) => table.sinks[field] !== undefined);
  let refusal: Error | undefined;
  await damaged(origin, () =>
    parquetRead({
      file,
      metadata,
      compressors,
      columns: wanted,
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => {
        refusal ??= pushColumn(origin, table, names.indexOf(columnName), columnData, rowStart);
      },
    }),
  );
  if (refusal !== undefined) throw refusal;
  for (let row = rowStart; row < rowEnd; row++) table.endRow();
}

function pushColumn(
  origin: string,
  table: TableBuilder,
  field: number,
  values: ArrayLike<unknown>,
  rowStart: number,
): Error | undefined {
  const sink = table.sinks[field];
  if (sink === undefined) return undefined;
  for (let i = 0; i < values.length; i++) {
    const expected = pushValue(sink, values[i]);
    if (expected === undefined) continue;
    return dataError(
      "parquet-value",
      `${origin}: row ${rowStart + i}, column "${table.name(field)}": expected ${expected}, got ${Array.isArray(values[i]) ? "a list" : typeof values[i]}`,
      "Spread nested values over columns of their own, or leave the column out with --drop.",
    );
  }
  return undefined;
}

async function damaged<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw dataError(
      "parquet",
      `${name}: expected a Parquet file, but ${reason}`,
      "Write the file again; if it is another format, give it that name.",
      { cause },
    );
  }
}
