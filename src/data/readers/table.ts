/** Files of named columns, whole or in pieces: one pass, and a second over the columns that turned out to be words. */

import type { ColumnType, FileFormat, ReadOptions } from "../config.ts";
import type { Dataset, TableRows } from "../dataset.ts";
import { hasFileSystem, isFile } from "../files.ts";
import type { ByteSource } from "../source.ts";
import { decodeCsv } from "./csv.ts";
import { decodeJsonl } from "./jsonl.ts";
import {
  labelField,
  type MakeTable,
  replaceColumns,
  type TableBuilder,
  type TablePlan,
  tableBuilder,
} from "./table-builder.ts";

export type TableFormat = Extract<FileFormat, "csv" | "tsv" | "jsonl" | "parquet">;

export const isTableFormat = (format: FileFormat): format is TableFormat =>
  format === "csv" || format === "tsv" || format === "jsonl" || format === "parquet";

async function* decode(
  source: ByteSource,
  format: TableFormat,
  options: ReadOptions,
  make: MakeTable,
): AsyncGenerator<void> {
  if (format === "jsonl") return yield* decodeJsonl(source, options, make);
  if (format !== "parquet") return yield* decodeCsv(source, options, make, format === "tsv");
  // Loaded when asked for: with its decompressors it is more code than all other readers together.
  const { decodeParquet } = await import("./parquet.ts");
  yield* decodeParquet(source, make);
}

/** The data set, and whether `labels` named no column but a file, which is the caller's to read. */
export interface ReadTable {
  readonly dataset: Dataset & { readonly rows: TableRows };
  readonly labelsAreFile: boolean;
}

export async function readWholeTable(
  source: ByteSource,
  format: TableFormat,
  options: ReadOptions,
): Promise<ReadTable> {
  const fileOfLabels = options.labels !== undefined && hasFileSystem() && (await isFile(options.labels));
  let labelsAreFile = false;
  let table: TableBuilder | undefined;
  const once = async (plan: TablePlan): Promise<Dataset & { readonly rows: TableRows }> => {
    table = undefined;
    const make: MakeTable = (names, expectedRows) => {
      // A column goes before a file of the same name.
      labelsAreFile = fileOfLabels && labelField(names, options.labels) < 0;
      table ??= tableBuilder(names, source.name, labelsAreFile ? { ...options, labels: undefined } : options, {
        ...plan,
        expectedRows,
      });
      return table;
    };
    for await (const _ of decode(source, format, options, make));
    return (table as unknown as TableBuilder).finish();
  };
  const dataset = await once({});
  const again = (table as unknown as TableBuilder).rereads();
  if (again.length === 0) return { dataset, labelsAreFile };
  const words = await once({ columns: Object.fromEntries(again.map((name) => [name, "words"])), roles: false });
  const { rows } = dataset;
  return {
    dataset: { ...dataset, rows: { ...rows, columns: replaceColumns(rows.columns, words.rows.columns) } },
    labelsAreFile,
  };
}

/** Pieces of about `chunkRows` rows with these columns only, whose types are known: what a saved model reads. */
export async function* readTablePieces(
  source: ByteSource,
  format: TableFormat,
  options: ReadOptions,
  columns: Readonly<Record<string, ColumnType>>,
  chunkRows: number,
): AsyncGenerator<Dataset> {
  const types = Object.entries(columns).map(([name, type]) => [name, type === "number" ? "float" : type] as const);
  let table: TableBuilder | undefined;
  const make: MakeTable = (names, expectedRows) => {
    table ??= tableBuilder(names, source.name, options, {
      columns: Object.fromEntries(types),
      expectedRows: Math.min(expectedRows ?? chunkRows, 2 * chunkRows),
    });
    return table;
  };
  const current = (): TableBuilder | undefined => table;
  for await (const _ of decode(source, format, options, make)) {
    const full = current();
    if (full === undefined || full.rows < chunkRows) continue;
    table = undefined;
    yield full.finish();
  }
  const rest = current();
  if (rest !== undefined && rest.rows > 0) yield rest.finish();
}
