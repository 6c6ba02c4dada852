/**
 * CSV and TSV. Papa Parse cuts blocks of text into cells; the cells go straight into the column builders, so that what
 * is held is the decoded columns, one block of text, and nothing else.
 */
import Papa from "papaparse";
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { ByteSource } from "../source.ts";
import { cellRules, parseNumber } from "./cells.ts";
import { aFloat, aNumber } from "./column-builder.ts";
import { type Dialect, dialectOf, isBlank } from "./csv-dialect.ts";
import type { MakeTable, TableBuilder } from "./table-builder.ts";
import { textBlocks } from "./text.ts";

/** A row longer than this is taken for a quote that is never closed. */
const longestRow = 1 << 24;
/** Text that the dialect is told from. */
const sampleLength = 1 << 16;

/**
 * Feeds every row to the table that `make` returns for the column names, and stops after every block: a streaming
 * consumer takes the rows away there, and `make` may return a new table for the next block.
 */
export async function* decodeCsv(
  source: ByteSource,
  options: ReadOptions,
  make: MakeTable,
  tabs: boolean,
): AsyncGenerator<void> {
  let dialect: Dialect | undefined;
  let table: TableBuilder | undefined;
  let rest = "";
  let line = 1;
  const consume = (text: string, last: boolean): void => {
    dialect ??= dialectOf(text, options, tabs);
    if (dialect === undefined) {
      rest = text;
      return;
    }
    const first = table === undefined;
    const parser = new Papa.Parser({ delimiter: dialect.delimiter, newline: "\n", comments: options.comment ?? false });
    const { data, errors, meta } = parser.parse(text, 0, !last) as Papa.ParseResult<string[]>;
    const [error] = errors;
    if (error !== undefined) throw quoteError(source.name, line + newlines(text, error.index ?? 0), error.code);
    // As many rows to the byte as in this block, and a little more; characters are about bytes.
    table = make(dialect.names, last ? data.length : 100 + (1.02 * data.length * source.size) / text.length);
    const rowLine = (row: number): number => line + newlines(text, startOfRow(text, dialect as Dialect, options, row));
    feed(source.name, data, first && dialect.header ? data.findIndex((row) => !isBlank(row)) + 1 : 0, table, dialect, {
      decimal: options.decimal ?? ".",
      lineOf: rowLine,
    });
    rest = text.slice(meta.cursor);
    line += newlines(text, meta.cursor);
    if (rest.length > longestRow) throw quoteError(source.name, line, "MissingQuotes");
  };
  for await (const block of textBlocks(source, options.encoding)) {
    const text = rest + block;
    // Small blocks (of a compressed file) are put together: a block costs a parser.
    if (text.length < sampleLength || !text.includes("\n")) {
      rest = text;
      if (rest.length > longestRow) throw quoteError(source.name, line, "MissingQuotes");
      continue;
    }
    consume(text, false);
    yield;
  }
  if (rest !== "") consume(rest, true);
  if (table === undefined) throw emptyFile(source.name);
  yield;
}

export const emptyFile = (name: string): Error =>
  dataError(
    "empty-file",
    `${name}: expected at least one row, got none`,
    "Check that the file was written completely.",
  );

function feed(
  origin: string,
  rows: readonly (readonly string[])[],
  from: number,
  table: TableBuilder,
  dialect: Dialect,
  { decimal, lineOf }: { readonly decimal: DecimalMark; readonly lineOf: (row: number) => number },
): void {
  const { sinks } = table;
  const width = dialect.names.length;
  for (let r = from; r < rows.length; r++) {
    const cells = rows[r] as readonly string[];
    if (cells.length !== width) {
      if (isBlank(cells)) continue;
      throw raggedRow(origin, lineOf(r), width, cells.length, dialect);
    }
    if (width === 1 && isBlank(cells)) continue;
    for (let field = 0; field < width; field++) {
      const expected = sinks[field]?.push(cells[field] as string);
      if (expected !== undefined) {
        throw dataError(
          "csv-cell",
          `${origin}: line ${lineOf(r)}, column "${table.name(field)}": expected ${expected}, got "${cells[field]}"`,
          isOtherMarked(cells[field] as string, decimal) ? oneMark(decimal) : remedies[expected],
        );
      }
    }
    table.endRow();
  }
}

type DecimalMark = NonNullable<ReadOptions["decimal"]>;

/** Whether a cell is a number with the decimal mark that is not read. */
const isOtherMarked = (cell: string, decimal: DecimalMark): boolean =>
  Number.isFinite(parseNumber(cell, cellRules({ decimal: decimal === "." ? "," : "." })));

const oneMark = (decimal: DecimalMark): string =>
  `The decimal mark is ${decimal} for all files of a run (--decimal). Write them with one mark.`;

/** What can be done about a cell, by what was expected of it. */
const remedies: Readonly<Record<string, string>> = {
  [aNumber]:
    "Correct the cell, say that it means missing (--missing), or read the column with --types NAME=category in both domains.",
  [aFloat]: "Correct the cell, or say that it means missing (--missing).",
};

const raggedRow = (origin: string, line: number, expected: number, got: number, dialect: Dialect): Error =>
  dataError(
    "csv-ragged-row",
    `${origin}: line ${line}: expected ${expected} fields, as in the first row, got ${got}`,
    `Fields are cut at ${JSON.stringify(dialect.delimiter)}: quote cells that contain it, or pass --delimiter.`,
  );

const quoteError = (origin: string, line: number, code: string): Error =>
  code === "MissingQuotes"
    ? dataError(
        "csv-quote",
        `${origin}: line ${line}: a quote is opened and never closed`,
        'Close it, or double it ("") if it belongs to the text.',
      )
    : dataError(
        "csv-quote",
        `${origin}: line ${line}: expected a delimiter behind a closing quote, got more text`,
        'Double a quote ("") that belongs to the text.',
      );

function newlines(text: string, end: number): number {
  let found = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) found++;
  return found;
}

/** Where row `row` of a block starts; parsed again because the hot path keeps no positions. */
function startOfRow(text: string, dialect: Dialect, options: ReadOptions, row: number): number {
  let start = 0;
  let index = 0;
  const parser = new Papa.Parser({
    delimiter: dialect.delimiter,
    newline: "\n",
    comments: options.comment ?? false,
    step: (result: Papa.ParseStepResult<string[]>) => {
      index++;
      if (index <= row) start = result.meta.cursor;
      else parser.abort();
    },
  });
  parser.parse(text, 0, false);
  // Comments are no rows: the row starts behind those in front of it.
  while (options.comment !== undefined && text.startsWith(options.comment, start))
    start = text.indexOf("\n", start) + 1;
  return start;
}
