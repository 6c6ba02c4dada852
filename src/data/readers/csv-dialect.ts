/** What the first lines of a CSV say about the rest: the delimiter, and whether they start with a header. */
import Papa from "papaparse";
import type { ReadOptions } from "../config.ts";
import { type CellRules, cellRules, isMissing, parseNumber } from "./cells.ts";

export interface Dialect {
  readonly delimiter: string;
  /** Names of the columns; `c0`, `c1`, … where the file has none. */
  readonly names: readonly string[];
  /** Whether the first row is a header. */
  readonly header: boolean;
}

const sampleRows = 50;

/** @param head the first lines, whole. Undefined when they hold no row. */
export function dialectOf(head: string, options: ReadOptions, tabs: boolean): Dialect | undefined {
  const delimiter = options.delimiter ?? (tabs ? "\t" : sniffDelimiter(head, options));
  const rows = parseSample(head, delimiter, options);
  const first = rows[0];
  if (first === undefined) return undefined;
  const header = options.header === "yes" || (options.header !== "no" && looksLikeHeader(rows, cellRules(options)));
  const names = first.map((cell, index) => (header && cell.trim() !== "" ? cell.trim() : `c${index}`));
  return { delimiter, names, header };
}

const parseSample = (head: string, delimiter: string, options: ReadOptions): string[][] => {
  const parsed = Papa.parse<string[]>(head, {
    delimiter,
    newline: "\n",
    comments: options.comment ?? false,
    preview: sampleRows,
  });
  return parsed.data.filter((row) => !isBlank(row));
};

/** A line with nothing on it, which every reader of CSV passes over. */
export const isBlank = (row: readonly string[]): boolean => row.length === 1 && (row[0] ?? "").trim() === "";

/**
 * The delimiter that cuts every sampled row into the same number of fields, at least two. Semicolons and tabs go before
 * commas: in a file with both on every row, the commas are decimal ones.
 */
function sniffDelimiter(head: string, options: ReadOptions): string {
  const candidates = ["\t", ";", "|", ","].filter((mark) => mark !== options.decimal);
  let best = candidates.at(-1) ?? ",";
  let bestScore = 0;
  for (const mark of candidates) {
    const rows = parseSample(head, mark, options);
    const widths = rows.map((row) => row.length);
    const width = widths[0] ?? 0;
    if (width < 2) continue;
    // Rows that agree with the first; a ragged file still shows its delimiter by the majority.
    const score = widths.filter((each) => each === width).length / widths.length;
    if (score > bestScore) [best, bestScore] = [mark, score];
  }
  return best;
}

/**
 * A header has words above numbers, or nothing but different words; a row with a number in it is data. A header that
 * only counts its columns (0, 1, 2, …, as pandas writes for arrays) is told by that.
 */
function looksLikeHeader(rows: readonly (readonly string[])[], rules: CellRules): boolean {
  const [first = [], ...rest] = rows;
  if (countsColumns(first)) return true;
  const isNumber = (cell: string | undefined): boolean =>
    cell !== undefined && !isMissing(cell, rules) && parseNumber(cell, rules) !== undefined;
  const wordAboveNumbers = first.some(
    (cell, column) =>
      !isMissing(cell, rules) &&
      !isNumber(cell) &&
      rest.length > 0 &&
      rest.some((row) => isNumber(row[column])) &&
      rest.every((row) => isNumber(row[column]) || isMissing(row[column] ?? "", rules)),
  );
  if (wordAboveNumbers) return true;
  const named = first.map((cell) => cell.trim());
  return !named.some(isNumber) && !named.slice(1).includes("") && new Set(named).size === named.length;
}

/** 0, 1, 2, … or 1, 2, 3, …, perhaps behind an empty or named index column; at least three, and not repeated below. */
function countsColumns(first: readonly string[]): boolean {
  const cells = first.map((cell) => cell.trim());
  const counted = cells[0] !== "" && /^\d+$/.test(cells[0] ?? "") ? cells : cells.slice(1);
  const start = Number(counted[0]);
  if (counted.length < 3 || (start !== 0 && start !== 1)) return false;
  return counted.every((cell, index) => cell === String(start + index));
}
