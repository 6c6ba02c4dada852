/** Rows that two data sets share, by a 53-bit fingerprint of each: leakage between parts, or one file given twice. */
import type { Column, Dataset, Rows } from "../dataset.ts";

/** Rows of `b` that are also in `a`, each with the first such row of `a`; undefined where the two cannot be compared. */
export function sharedRows(a: Dataset, b: Dataset): (readonly [a: number, b: number])[] | undefined {
  const shape = comparableShape(a.rows, b.rows);
  if (shape === undefined) return undefined;
  const known = new Map<number, number>();
  fingerprints(a.rows, shape).forEach((print, row) => {
    if (!known.has(print)) known.set(print, row);
  });
  return fingerprints(b.rows, shape).flatMap((print, row) => {
    const first = known.get(print);
    return first === undefined ? [] : [[first, row] as const];
  });
}

/** Of several sources in one: for each how many of its rows an earlier one has as well. */
export function repeatedRows({ rows, sources }: Dataset): number[] {
  if (sources === undefined) return [];
  const first = new Map<number, number>();
  const repeated = sources.names.map(() => 0);
  const columns = rows.kind === "table" ? rows.columns.map(({ name }) => name) : [];
  fingerprints(rows, columns).forEach((print, row) => {
    const own = sources.of[row] ?? 0;
    const before = first.get(print);
    if (before === undefined) first.set(print, own);
    else if (before !== own) repeated[own] = (repeated[own] ?? 0) + 1;
  });
  return repeated;
}

/** For tables the names of the columns that both have, in order; for arrays their size a row. */
function comparableShape(a: Rows, b: Rows): readonly string[] | undefined {
  if (a.kind !== b.kind) return undefined;
  if (a.kind === "table" && b.kind === "table") {
    const names = new Set(b.columns.map((column) => column.name));
    const shared = a.columns.map((column) => column.name).filter((name) => names.has(name));
    return shared.length === 0 ? undefined : shared;
  }
  const size = (rows: Rows): number =>
    rows.kind === "image"
      ? rows.pixels.length / rows.rows
      : rows.kind === "dense" || rows.kind === "signal"
        ? rows.values.length / rows.rows
        : 0;
  return size(a) === size(b) ? [] : undefined;
}

/** Two lanes of 32 bits, mixed value by value; `[row, value]` order does not matter to the caller, so columns go one by one. */
interface Lanes {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

function mix(lanes: Lanes, row: number, word: number): void {
  let a = Math.imul((lanes.high[row] ?? 0) ^ word, 0x85ebca6b);
  let b = Math.imul((lanes.low[row] ?? 0) + word, 0xc2b2ae35);
  a = (a << 13) | (a >>> 19);
  b = (b << 15) | (b >>> 17);
  lanes.high[row] = a ^ (b >>> 3);
  lanes.low[row] = b + a;
}

function fingerprints(rows: Rows, columns: readonly string[]): number[] {
  const lanes: Lanes = {
    high: new Uint32Array(rows.rows).fill(0x9e3779b9),
    low: new Uint32Array(rows.rows).fill(0x243f6a88),
  };
  if (rows.kind === "table") {
    const byName = new Map(rows.columns.map((column) => [column.name, column]));
    for (const name of columns) {
      const column = byName.get(name);
      if (column !== undefined) mixColumn(lanes, column);
    }
  } else if (rows.kind === "image") {
    mixArray(lanes, rows.pixels, rows.rows);
  } else if (rows.kind === "sparse") {
    const words = new Uint32Array(rows.values.buffer, rows.values.byteOffset, rows.values.length);
    for (let row = 0; row < rows.rows; row++) {
      for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++) {
        mix(lanes, row, (rows.indices[entry] ?? 0) + rows.indexBase);
        mix(lanes, row, words[entry] ?? 0);
      }
    }
  } else {
    mixArray(lanes, new Uint32Array(rows.values.buffer, rows.values.byteOffset, rows.values.length), rows.rows);
  }
  return Array.from(lanes.high, (high, row) => (high & 0x1fffff) * 0x100000000 + (lanes.low[row] ?? 0));
}

/** `mix` over whole rows, with the lanes held in registers: images are tens of millions of values. */
function mixArray(lanes: Lanes, values: Uint8Array | Uint32Array, rows: number): void {
  const words = asWords(values, rows);
  const width = words.length / Math.max(1, rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let high = lanes.high[row] ?? 0;
    let low = lanes.low[row] ?? 0;
    for (let end = at + width; at < end; at++) {
      const word = words[at] ?? 0;
      let a = Math.imul(high ^ word, 0x85ebca6b);
      let b = Math.imul(low + word, 0xc2b2ae35);
      a = (a << 13) | (a >>> 19);
      b = (b << 15) | (b >>> 17);
      high = a ^ (b >>> 3);
      low = (b + a) | 0;
    }
    lanes.high[row] = high;
    lanes.low[row] = low;
  }
}

/** Four bytes at a time, where rows are whole words. */
function asWords(values: Uint8Array | Uint32Array, rows: number): Uint8Array | Uint32Array {
  if (values instanceof Uint32Array || (values.length / Math.max(1, rows)) % 4 !== 0) return values;
  const aligned = values.byteOffset % 4 === 0 ? values : values.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

function mixColumn(lanes: Lanes, column: Column): void {
  if (column.kind === "number") {
    const value = new Float64Array(1);
    const words = new Uint32Array(value.buffer);
    column.values.forEach((each, row) => {
      // +0 makes -0 zero; every NaN is the same one.
      value[0] = Number.isNaN(each) ? Number.NaN : each + 0;
      mix(lanes, row, words[0] ?? 0);
      mix(lanes, row, words[1] ?? 0);
    });
    return;
  }
  if (column.kind === "category") {
    const prints = column.vocabulary.map(textPrint);
    column.codes.forEach((code, row) => {
      mix(lanes, row, prints[code] ?? 0);
    });
    return;
  }
  column.values.forEach((text, row) => {
    mix(lanes, row, text === undefined ? 0 : textPrint(text));
  });
}

/** FNV-1a. */
function textPrint(text: string): number {
  let print = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) print = Math.imul(print ^ text.charCodeAt(i), 0x01000193);
  return print >>> 0;
}
