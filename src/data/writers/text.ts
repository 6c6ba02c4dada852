/** CSV (RFC 4180), JSON Lines and svmlight, a row at a time, so that predictions can be streamed. */
import type { SparseRows } from "../dataset.ts";

export type CellValue = string | number | undefined;

/** A line of CSV; cells that need quotes get them, missing ones are empty. */
export const csvLine = (cells: readonly CellValue[], delimiter = ","): string => {
  const line = cells.map((cell) => csvCell(cell, delimiter)).join(delimiter);
  // A single missing cell would be a blank line, which readers pass over.
  return `${line === "" && cells.length === 1 ? '""' : line}\n`;
};

function csvCell(cell: CellValue, delimiter: string): string {
  if (cell === undefined || (typeof cell === "number" && Number.isNaN(cell))) return "";
  const text = String(cell);
  return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of JSON Lines; NaN, which JSON lacks, is null. */
export const jsonLine = (row: Readonly<Record<string, unknown>>): string => `${JSON.stringify(row)}\n`;

/** Rows as svmlight, indices from the base they were read with. */
export function* svmlightLines(rows: SparseRows, labels?: readonly (string | undefined)[]): Generator<string> {
  for (let row = 0; row < rows.rows; row++) {
    let line = labels?.[row] ?? "0";
    for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++) {
      line += ` ${(rows.indices[entry] ?? 0) + rows.indexBase}:${rows.values[entry] ?? 0}`;
    }
    yield `${line}\n`;
  }
}
