/** The fixed part of the rows that a costly score looks at: the same rows at every epoch, whatever came before. */
import { drawRows, random } from "../random.ts";
import type { Matrix } from "./logistic.ts";
import type { Writable } from "./standardise.ts";

/** At most `most` row numbers, in order. */
export const sampleRows = (rows: number, most: number, purpose: string): Int32Array =>
  drawRows(rows, most, random(0).split(purpose));

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
