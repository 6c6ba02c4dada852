/**
 * The inverse of a symmetric positive definite matrix by the sweep operator (Beaton 1964; Goodnight 1979), a block of
 * pivots at a time. With the block's rows D = A_kk^-1 and B = A_*k, sweeping it is
 *
 *   A_ij <- A_ij - B_i D B_j^T     A_ik <- B_i D     A_kk <- -D
 *
 * and once all are swept A holds -A^-1. Everything stays symmetric, so only the lower half is worked on: n^3 / 2
 * multiply-adds, all but a share of block / n of them in products that the engine does.
 */
import { runError } from "../../errors.ts";
import type { Products } from "./products.ts";

/**
 * Inverts [size, size], row-major, in place.
 * @param block pivots a step; default 256.
 * @throws `not-positive-definite` when a pivot is not above zero.
 */
export async function invertPositiveDefinite(
  matrix: Float64Array,
  size: number,
  products: Products,
  block = 256,
): Promise<void> {
  for (let from = 0; from < size; from += block)
    await sweep(matrix, size, { from, to: Math.min(size, from + block) }, products, block);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = -(matrix[i * size + j] as number);
      matrix[i * size + j] = value;
      matrix[j * size + i] = value;
    }
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

async function sweep(
  matrix: Float64Array,
  size: number,
  pivots: Span,
  products: Products,
  block: number,
): Promise<void> {
  const width = pivots.to - pivots.from;
  // B [size, width] from the lower half; the rows of the pivots themselves are zero, so that nothing is added there.
  const columns = new Float64Array(size * width);
  for (let i = 0; i < size; i++) {
    if (i >= pivots.from && i < pivots.to) continue;
    for (let k = 0; k < width; k++) {
      const pivot = pivots.from + k;
      columns[i * width + k] = matrix[Math.max(i, pivot) * size + Math.min(i, pivot)] as number;
    }
  }
  const inverse = new Float64Array(width * width);
  for (let k = 0; k < width; k++) {
    for (let l = 0; l < width; l++)
      inverse[k * width + l] = matrix[(pivots.from + Math.max(k, l)) * size + pivots.from + Math.min(k, l)] as number;
  }
  invertSmall(inverse, width, pivots.from);
  // D is symmetric: B D = B D^T.
  const scaled = await products.outer({ values: columns, rows: size, width }, { values: inverse, rows: width, width });
  for (let from = 0; from < size; from += block) {
    const to = Math.min(size, from + block);
    const change = await products.outer(
      { values: scaled.subarray(from * width, to * width), rows: to - from, width },
      { values: columns.subarray(0, to * width), rows: to, width },
    );
    for (let i = from; i < to; i++) {
      const at = (i - from) * to;
      for (let j = 0; j <= i; j++) matrix[i * size + j] = (matrix[i * size + j] as number) - (change[at + j] as number);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < width; k++) {
      const pivot = pivots.from + k;
      const inside = i >= pivots.from && i < pivots.to;
      if (inside && i < pivot) continue;
      const value = inside ? -(inverse[(i - pivots.from) * width + k] as number) : (scaled[i * width + k] as number);
      matrix[Math.max(i, pivot) * size + Math.min(i, pivot)] = value;
    }
  }
}

/** The same, a pivot at a time. */
function invertSmall(matrix: Float64Array, size: number, offset: number): void {
  for (let k = 0; k < size; k++) {
    const pivot = matrix[k * size + k] as number;
    if (!(pivot > 0))
      throw runError(
        "not-positive-definite",
        `inverse: expected a positive definite matrix, got pivot ${pivot} in row ${offset + k}`,
        "Add a small number to the diagonal.",
      );
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const factor = (matrix[i * size + k] as number) / pivot;
      for (let j = 0; j < size; j++) {
        if (j !== k)
          matrix[i * size + j] = (matrix[i * size + j] as number) - factor * (matrix[k * size + j] as number);
      }
    }
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      matrix[i * size + k] = (matrix[i * size + k] as number) / pivot;
      matrix[k * size + i] = (matrix[k * size + i] as number) / pivot;
    }
    matrix[k * size + k] = -1 / pivot;
  }
  for (let i = 0; i < matrix.length; i++) matrix[i] = -(matrix[i] as number);
}
