/** Free text in a table: hashed n-grams, then the transform of counts (tf-idf) that sparse rows have. */
import { dataError } from "../../errors.ts";
import type { PreprocessOptions } from "../config.ts";
import type { Column, SparseRows, TableRows } from "../dataset.ts";
import { list, missingColumn } from "../names.ts";
import { hashTexts } from "../text/hashed.ts";
import { fitFeatures } from "./features.ts";
import type { TextSpec } from "./spec.ts";

/** Words alone and in pairs; of characters, the lengths that make up for words in languages without blanks. */
const defaultNgrams = { word: [1, 2], character: [3, 5] } as const;
const defaultFeatures = 2 ** 14;

/** The texts of a table, or undefined where it has none. Inverse document frequencies are those of both domains. */
export function fitText(
  source: TableRows,
  target: TableRows | undefined,
  options: PreprocessOptions,
): TextSpec | undefined {
  const columns = source.columns.filter((column) => column.kind === "text");
  refuseGuessed(columns);
  if (columns.length === 0) return undefined;
  const { unit = "word", features = defaultFeatures, ngrams } = options.text ?? {};
  const [shortest = 1, longest = shortest] = ngrams ?? defaultNgrams[unit];
  const spec = { columns: columns.map(({ name }) => name), unit, ngrams: [shortest, longest], features } as const;
  const { counts = "auto", countScale } = options;
  const weights = fitFeatures(encodeTexts(source, spec), target === undefined ? undefined : encodeTexts(target, spec), {
    counts: counts === "auto" ? "tf-idf" : counts,
    countScale,
    standardise: "none",
  });
  return { ...spec, weights };
}

/** [rows, columns x features] counts of the columns that a spec names. */
export function encodeTexts(rows: TableRows, spec: Omit<TextSpec, "weights">): SparseRows {
  const columns = spec.columns.map((name) => {
    const column = rows.columns.find((each) => each.name === name);
    if (column !== undefined) return textsOf(column);
    throw missingColumn(
      name,
      "read by the model",
      rows.columns.map((each) => each.name),
      "the rows",
    );
  });
  return hashTexts(columns, rows.rows, spec);
}

/** A file in which every review is "5" reads as numbers, and few different ones as categories. */
export function textsOf(column: Column): readonly (string | undefined)[] {
  if (column.kind === "text") return column.values;
  if (column.kind === "category") return Array.from(column.codes, (code) => column.vocabulary[code]);
  return Array.from(column.values, (value) => (Number.isNaN(value) ? undefined : String(value)));
}

export function refuseGuessed(columns: readonly Extract<Column, { kind: "text" }>[]): void {
  const guessed = columns.filter((column) => column.guessed === true).map(({ name }) => name);
  if (guessed.length > 0)
    throw dataError(
      "text-column",
      `expected numbers or categories, got free text in ${list(guessed)}`,
      textRemedy(guessed),
    );
}

/** What can be done about columns of words that nobody has said anything about. */
export const textRemedy = (names: readonly string[]): string =>
  `Read it as text with --text ${names.join(",")}, leave it out with --drop ${names.join(",")}, or read it as categories with --types ${names[0]}=category.`;
