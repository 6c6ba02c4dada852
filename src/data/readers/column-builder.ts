/**
 * Collects the cells of one column into typed memory, so that no row and no cell outlives its block of the file. A
 * column is numeric until a cell says otherwise; the cells before that one are only known as numbers then (`007` is
 * 7), so the column asks to be read once more (`needsRereading`) as words.
 */
import type { ColumnType } from "../config.ts";
import type { Column } from "../dataset.ts";
import { type Blocks, float64Blocks, int32Blocks } from "./blocks.ts";
import { type CellRules, isBeyond, isMissing, ownText, parseNumber } from "./cells.ts";

/** Words by code, each kept once. */
export interface Dictionary {
  readonly words: readonly string[];
  code(word: string): number;
}

export function dictionary(): Dictionary {
  const words: string[] = [];
  const codes = new Map<string, number>();
  return {
    words,
    code(word) {
      const known = codes.get(word);
      if (known !== undefined) return known;
      const own = ownText(word);
      codes.set(own, words.length);
      words.push(own);
      return words.length - 1;
    },
  };
}

/** What is expected of the cells of a column of numbers. */
export const aNumber = "a number";
export const aFloat = "a finite number below 3.4e38, which float32 can hold";

/** Where the cells of one field go. */
export interface Sink {
  /** Takes a cell of text; says what was expected if the cell does not fit. */
  push(cell: string): string | undefined;
  /** For readers whose cells have types of their own. NaN is missing. */
  pushNumber(value: number): void;
  pushMissing(): string | undefined;
}

export interface ColumnBuilder extends Sink {
  /** Words were found after numbers whose spelling is lost. */
  readonly needsRereading: boolean;
  finish(): Column;
}

/** A type fixed by the caller; `words` is a category or a text, whichever it looks like, `float` a number for a model. */
export type BuilderType = ColumnType | "words" | "float" | undefined;

export function columnBuilder(name: string, type: BuilderType, rules: CellRules, expectedRows?: number): ColumnBuilder {
  let numbers: Blocks<Float64Array> | undefined =
    type === undefined || type === "number" || type === "float" ? float64Blocks(expectedRows) : undefined;
  let present = 0;
  let needsRereading = false;
  const words = dictionary();
  /** -1 is missing. */
  let codes = int32Blocks(numbers === undefined ? expectedRows : 0);

  const pushWord = (word: string | undefined): void => codes.push(word === undefined ? -1 : words.code(word));
  const asWords = (collected: Blocks<Float64Array>): void => {
    numbers = undefined;
    codes = int32Blocks(expectedRows);
    needsRereading = present > 0;
    // Spelled approximately where `needsRereading`: what counts until then is the number of rows.
    for (const value of collected.join()) pushWord(Number.isNaN(value) ? undefined : String(value));
  };

  return {
    get needsRereading() {
      return needsRereading;
    },
    push(cell) {
      if (numbers !== undefined) {
        const value = parseNumber(cell, rules);
        if (value !== undefined) {
          // Other columns are looked at whole before anything is made of them (`checks/values.ts`).
          if (type === "float" && isBeyond(value)) return aFloat;
          if (!Number.isNaN(value)) present++;
          numbers.push(value);
          return undefined;
        }
        if (type === "number" || type === "float") return aNumber;
        asWords(numbers);
      }
      pushWord(isMissing(cell, rules) ? undefined : cell.trim());
      return undefined;
    },
    pushNumber(value) {
      if (numbers === undefined) return pushWord(Number.isNaN(value) ? undefined : String(value));
      if (!Number.isNaN(value)) present++;
      numbers.push(value);
    },
    pushMissing() {
      if (numbers === undefined) pushWord(undefined);
      else numbers.push(Number.NaN);
      return undefined;
    },
    finish() {
      if (numbers !== undefined) return { kind: "number", name, values: numbers.join() };
      const found = codes.join();
      const kind = type === "category" || type === "text" ? type : wordsKind(words.words, found.length);
      return kind === "category"
        ? { kind, name, codes: found, vocabulary: words.words }
        : {
            kind,
            name,
            values: Array.from(found, (code) => words.words[code]),
            ...(type === "text" ? {} : { guessed: true as const }),
          };
    },
  };
}

/**
 * Words are categories when few of them recur: at most 1,000, and at most a fifth of the rows (but 20 are always few).
 * Sentences are text however few they are.
 */
function wordsKind(words: readonly string[], rows: number): "category" | "text" {
  const few = words.length <= 1000 && words.length <= Math.max(20, rows / 5);
  const characters = words.reduce((sum, word) => sum + word.length, 0);
  return few && characters <= 60 * words.length ? "category" : "text";
}
