/** Checks of columns that read as words: numbers in another notation, numbers with a few other cells, identifiers. */
import type { ReadOptions } from "../config.ts";
import type { Column } from "../dataset.ts";
import { count, list } from "../names.ts";
import { textRemedy } from "../preprocess/text.ts";
import { cellRules, parseNumber } from "../readers/cells.ts";
import { type Finding, problem, warning } from "./finding.ts";

type Words = Exclude<Column, { kind: "number" }>;
type Reading = Pick<ReadOptions, "types" | "decimal">;

/** So many different numbers are a measurement; fewer, such as grades, may well be meant as categories. */
const manyNumbers = 10;

/** What is wrong with a column as far as its words tell; plain text without a finding is the caller's (`refuseTexts`). */
export function checkWords(origin: string, column: Words, read: Reading): Finding[] {
  const { name, kind } = column;
  if (kind === "text" && column.guessed !== true) return [];
  const cells = cellsOf(column);
  const refused = kind === "text";
  // Text that nobody has asked for cannot be trained on; categories can, but hardly as they were meant.
  const say = refused ? problem : warning;
  const [comma] = cells.filter(([word]) => /^[+-]?\d+,\d+$/.test(word));
  if (comma !== undefined && shareOf(cells, ([word]) => /^[+-]?\d+(,\d+)?$/.test(word)) >= 0.5)
    return [
      say(
        "decimal-comma",
        `${origin}: column "${name}" looks like numbers with a decimal comma ("${comma[0]}")`,
        "Pass --decimal , to read them as numbers. It holds for all files of a run: write them with one mark.",
      ),
    ];
  const mixed = read.types?.[name] === undefined ? strayWords(cells, read) : undefined;
  if (mixed !== undefined && (refused || mixed.numbers >= manyNumbers)) {
    const { word, rows, all } = mixed;
    return [
      say(
        "stray-words",
        `${origin}: column "${name}" holds numbers, but ${rows} of ${count(all, "cell")} ${rows === 1 ? "is none" : "are none"}, such as "${word}", so ${refused ? "it reads as text" : `its ${cells.length} different cells are categories`}`,
        `Correct the cells; --missing ${quoted(word)} says that they mean missing, --types ${name}=category that these are categories.`,
      ),
    ];
  }
  if (refused || cells.length <= 200) return [];
  return [
    warning(
      "many-categories",
      `${origin}: column "${name}" has ${cells.length} categories, an input each`,
      `Leave it out with --drop ${name} if it is an identifier.`,
    ),
  ];
}

/** Every word and how many rows have it. */
type Cells = readonly (readonly [word: string, rows: number])[];

function cellsOf(column: Words): Cells {
  const rows = new Map<string, number>();
  const add = (word: string | undefined): void => {
    if (word !== undefined) rows.set(word, (rows.get(word) ?? 0) + 1);
  };
  if (column.kind === "text") column.values.forEach(add);
  else for (const code of column.codes) add(column.vocabulary[code]);
  return [...rows];
}

const total = (cells: Cells): number => cells.reduce((sum, [, rows]) => sum + rows, 0);

const shareOf = (cells: Cells, which: (cell: Cells[number]) => boolean): number =>
  total(cells.filter(which)) / Math.max(1, total(cells));

/** The cells that are no numbers in a column where most are; undefined where there are none, or most are words. */
function strayWords(
  cells: Cells,
  { decimal }: Reading,
): { word: string; rows: number; all: number; numbers: number } | undefined {
  const rules = cellRules({ decimal });
  const isNumber = ([word]: Cells[number]): boolean => parseNumber(word, rules) !== undefined;
  const strays = cells.filter((cell) => !isNumber(cell));
  const [first] = strays;
  if (first === undefined || shareOf(cells, isNumber) <= 0.5) return undefined;
  return { word: first[0], rows: total(strays), all: total(cells), numbers: cells.length - strays.length };
}

/** Text that nobody has said anything about, all of such columns in one finding. */
export function refuseTexts(origin: string, columns: readonly Words[]): Finding[] {
  if (columns.length === 0) return [];
  const names = columns.map(({ name }) => name);
  const id = columns.find(identifies)?.name;
  const carried = id === undefined ? "" : `"${id}" is another word in every row: carry it along with --id ${id}. `;
  return [
    problem(
      "text-column",
      `${origin}: expected numbers or categories, got free text in ${list(names)}`,
      carried + textRemedy(names),
    ),
  ];
}

function identifies(column: Words): boolean {
  const cells = cellsOf(column);
  return cells.length > 1 && total(cells) === cells.length && cells.every(([word]) => !/\s/.test(word));
}

/** As a shell takes it. */
const quoted = (word: string): string => (/^[\w./%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
