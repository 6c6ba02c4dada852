/** The fixed part of the rows that a costly score looks at: the same rows at every epoch, whatever came before. */
import { random } from "../random.ts";
import type { Matrix } from "./logistic.ts";
import type { Writable } from "./standardise.ts";

/** At most `most` row numbers, in order. Rows may be sorted by class, so they are drawn and not taken from the front. */
export function sampleRows(rows: number, most: number, purpose: string): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  return rows <= most ? all : random(0).split(purpose).shuffle(all).slice(0, most).sort();
}

export function pickRows({ width, values }: Matrix, indices: ArrayLike<number>): Matrix {
  const picked = new Float64Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] ?? 0) * width;
    for (let j = 0; j < width; j++) picked[i * width + j] = values[start + j] as number;
  }
  return { rows: indices.length, width, values: picked };
}

/** Rows of equal width below each other, in an array of their own. */
export function stackRows(parts: readonly Matrix[]): Writable {
  const width = parts[0]?.width ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const values = new Float64Array(rows * width);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.rows * width;
  }
  return { rows, width, values };
}
