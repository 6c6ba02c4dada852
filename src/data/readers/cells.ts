/** What one cell of text means: a number, nothing, or a word. */

/** Cells that mean "missing" unless the caller says otherwise: what pandas, R, Weka and spreadsheets write. */
export const missingCells: readonly string[] = [
  "NA",
  "N/A",
  "n/a",
  "na",
  "#N/A",
  "NaN",
  "nan",
  "NAN",
  "-nan",
  "null",
  "NULL",
  "Null",
  "None",
  "?",
];

export interface CellRules {
  /** Trimmed cells that mean missing; the empty cell always does. */
  readonly missing: ReadonlySet<string>;
  readonly decimal: "." | ",";
}

export const cellRules = (options: {
  readonly missing?: readonly string[] | undefined;
  readonly decimal?: "." | "," | undefined;
}): CellRules => ({ missing: new Set(options.missing ?? missingCells), decimal: options.decimal ?? "." });

export const isMissing = (cell: string, rules: CellRules): boolean => {
  const trimmed = cell.trim();
  return trimmed === "" || rules.missing.has(trimmed);
};

const infinities: ReadonlyMap<string, number> = new Map(
  ["inf", "Inf", "INF", "infinity"].flatMap((word) => [
    [word, Number.POSITIVE_INFINITY],
    [`+${word}`, Number.POSITIVE_INFINITY],
    [`-${word}`, Number.NEGATIVE_INFINITY],
  ]),
);

/**
 * The number in a cell: NaN when missing, undefined when it is neither. The common case, a plain number, takes one
 * conversion and no allocation: this runs once a cell.
 */
export function parseNumber(cell: string, rules: CellRules): number | undefined {
  if (rules.decimal === ",") return parseDecimalComma(cell, rules);
  const value = Number(cell);
  if (!Number.isNaN(value) && (value !== 0 || cell.trim() !== "")) {
    // Number() also reads 0x10, 0b1 and 0o7, which are words here, and blanks as 0, which are missing.
    return isRadix(cell) ? undefined : value;
  }
  const trimmed = cell.trim();
  if (trimmed === "" || rules.missing.has(trimmed)) return Number.NaN;
  return infinities.get(trimmed);
}

/** Whether a number is infinite in float32, which is what models read. */
export const isBeyond = (value: number): boolean => Math.abs(Math.fround(value)) === Number.POSITIVE_INFINITY;

/** Whether a cell that Number() accepts has a radix prefix. Nearly all are ruled out by their second character. */
function isRadix(cell: string): boolean {
  const second = cell.charCodeAt(1);
  const digit = second >= 48 && second <= 57;
  if (cell.length <= 2 || (digit && !(second === 48 && cell.charCodeAt(0) <= 32))) return false;
  return /^\s*0[xXbBoO]/.test(cell);
}

function parseDecimalComma(cell: string, rules: CellRules): number | undefined {
  if (cell.includes(".")) return isMissing(cell, rules) ? Number.NaN : undefined;
  return parseNumber(cell.replace(",", "."), { ...rules, decimal: "." });
}

/**
 * The cell in memory of its own. Engines represent a long piece of a string as a view that keeps the whole string,
 * here a megabyte of the file, alive; V8 copies pieces of up to 12 characters anyway.
 */
export const ownText = (cell: string): string => (cell.length <= 12 ? cell : decoder.decode(encoder.encode(cell)));
const encoder = new TextEncoder();
// Lone surrogates become U+FFFD here; a cell that holds one was not valid text to begin with.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
