/** A file with a label a row: IDX, NPY, or text (one a line, or a column of CSV). */
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import { formatOf } from "../formats.ts";
import { list } from "../names.ts";
import { decompressed, type Input, openInput } from "../source.ts";
import { decodeLabels } from "./array-file.ts";
import { cellRules, isMissing } from "./cells.ts";
import { decodeCsv } from "./csv.ts";
import { type TableBuilder, tableBuilder } from "./table-builder.ts";
import { textBlocks } from "./text.ts";

/** Columns that are taken for the labels of a CSV file with several. */
const usualNames: readonly string[] = ["label", "labels", "class", "target", "y"];

export async function readLabels(input: Input, options: ReadOptions = {}): Promise<(string | undefined)[]> {
  const file = await openInput(input);
  const { format, gzip } = formatOf(file.name);
  const source = await decompressed(file, gzip);
  if (format === "idx" || format === "npy") return decodeLabels(source, format);
  if (format !== "csv" && format !== "tsv") {
    throw dataError("label-format", `${file.name}: expected labels as IDX, NPY, CSV or text, got ${format}`);
  }
  return /\.txt(\.gz)?$/i.test(file.name) ? readLines(source, options) : readColumn(source, options, format === "tsv");
}

/** Every line is a label, blank ones are rows without; a header is not expected. */
async function readLines(
  source: Parameters<typeof textBlocks>[0],
  options: ReadOptions,
): Promise<(string | undefined)[]> {
  let text = "";
  for await (const block of textBlocks(source, options.encoding)) text += block;
  const lines = text.split("\n");
  if (lines.at(-1)?.trim() === "") lines.pop();
  const rules = cellRules(options);
  if (options.labelType === "number") {
    const table = tableBuilder(["label"], source.name, { ...options, labels: "label" }, { columns: {} });
    for (const [at, line] of lines.entries()) {
      const expected = table.sinks[0]?.push(line);
      if (expected !== undefined)
        throw dataError("label-number", `${source.name}: line ${at + 1}: expected ${expected}, got "${line.trim()}"`);
    }
    return [...(table.finish().labels ?? [])];
  }
  return lines.map((line) => (isMissing(line, rules) ? undefined : line.trim()));
}

async function readColumn(
  source: Parameters<typeof textBlocks>[0],
  options: ReadOptions,
  tabs: boolean,
): Promise<(string | undefined)[]> {
  let table: TableBuilder | undefined;
  const make = (names: readonly string[]): TableBuilder => {
    const [only] = names;
    const column = names.length === 1 ? only : names.find((name) => usualNames.includes(name.toLowerCase()));
    if (column === undefined) {
      throw dataError(
        "label-column",
        `${source.name}: expected one column of labels, got ${list(names)}`,
        `Leave one column, or call it "label".`,
      );
    }
    table ??= tableBuilder(
      names,
      source.name,
      { ...options, labels: column, id: undefined, group: undefined },
      { columns: {} },
    );
    return table;
  };
  const { encoding, delimiter, header, comment } = options;
  for await (const _ of decodeCsv(source, { encoding, delimiter, header, comment }, make, tabs));
  return [...(table?.finish().labels ?? [])];
}
