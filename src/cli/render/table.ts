/** Plain tables for terminals and logs: columns aligned, numbers to the right, no lines to copy away. */
import type { Paint } from "./style.ts";

export interface TableColumn {
  readonly title: string;
  /** Default `left`. */
  readonly align?: "left" | "right";
}

export interface TableOptions {
  /** Colours the heading. Default: plain. */
  readonly paint?: Paint;
  /** Written before every line. Default empty. */
  readonly indent?: string;
}

/** Terminals show these two columns wide; class names may hold any script. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Columns that a text takes on a terminal. */
export const displayWidth = (text: string): number => [...text].reduce((width, c) => width + (wide.test(c) ? 2 : 1), 0);

/** The table as text that ends in a line break. A cell that is missing is empty. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | undefined)[])[],
  options: TableOptions = {},
): string {
  const { paint = (_, text) => text, indent = "" } = options;
  const widths = columns.map((column, c) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[c] ?? "")), displayWidth(column.title)),
  );
  const line = (cells: readonly (string | undefined)[]): string =>
    columns
      .map((column, c) => {
        const cell = cells[c] ?? "";
        const space = " ".repeat((widths[c] ?? 0) - displayWidth(cell));
        return column.align === "right" ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  const heading = paint("bold", line(columns.map((column) => column.title)));
  return [heading, ...rows.map(line)].map((text) => `${indent}${text}\n`).join("");
}
