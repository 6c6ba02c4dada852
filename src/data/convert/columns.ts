/**
 * What lies beside an array of images, a value a row: the columns of a table (`--index`), or the other entries of an
 * NPZ. Values are text as written: `007` stays `007`.
 */
import { dataError, usageError } from "../../errors.ts";
import { formatOf } from "../formats.ts";
import { count, missingColumn } from "../names.ts";
import { decodeLabels } from "../readers/array-file.ts";
import { npzEntry, npzNames } from "../readers/npz.ts";
import { isTableFormat, readTablePieces } from "../readers/table.ts";
import { decompressed, fromMemory, openInput, readAll } from "../source.ts";

export type Values = readonly (string | undefined)[];

export interface Columns {
  /** For messages. */
  readonly origin: string;
  readonly names: readonly string[];
  /** Columns by name: those of the names asked for that are there. */
  readonly values: ReadonlyMap<string, Values>;
}

/** @param wanted the only columns that are read. */
export async function tableColumns(path: string, wanted: readonly string[]): Promise<Columns> {
  const file = await openInput(path);
  const { format, gzip } = formatOf(file.name);
  if (!isTableFormat(format))
    throw dataError("index-format", `${path}: expected a table (CSV, TSV, JSONL, Parquet) with a row an image`);
  const stream = await decompressed(file, gzip);
  const source = format === "parquet" && gzip ? fromMemory(file.name, await readAll(stream)) : stream;
  const types = Object.fromEntries(wanted.map((name) => [name, "text" as const]));
  let names: readonly string[] = [];
  const values = new Map<string, (string | undefined)[]>();
  for await (const { rows, fields } of readTablePieces(source, format, {}, types, 1 << 16)) {
    names = fields ?? names;
    if (rows.kind !== "table") continue;
    for (const column of rows.columns) {
      if (column.kind !== "text") continue;
      const all = values.get(column.name) ?? [];
      for (const value of column.values) all.push(value);
      values.set(column.name, all);
    }
  }
  return { origin: path, names, values };
}

/** @param wanted the only entries that are read. */
export async function npzColumns(path: string, wanted: readonly string[]): Promise<Columns> {
  const file = await openInput(path);
  const names = await npzNames(file);
  const values = new Map<string, Values>();
  for (const name of wanted) {
    if (names.includes(name)) values.set(name, await decodeLabels(npzEntry(file, name), "npy"));
  }
  return { origin: path, names, values };
}

/** The values of a column that was asked for by a flag, one for each of `rows`. */
export function column(columns: Columns | undefined, name: string, flag: string, rows: number): Values {
  if (columns === undefined)
    throw usageError(
      "no-index",
      `${flag} ${name}: images have no columns of their own`,
      "Give a table with a row an image: --index FILE.",
    );
  const values = columns.values.get(name);
  if (values === undefined) throw missingColumn(name, flag, columns.names, columns.origin);
  if (values.length === rows) return values;
  throw dataError(
    "index-rows",
    `${columns.origin}: expected ${count(rows, "row")}, one for each image, got ${values.length}`,
  );
}
