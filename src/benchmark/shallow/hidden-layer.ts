/**
 * The linear map W of the hidden layer while it is trained by single examples, held in one of two forms with the same
 * values up to rounding:
 *
 *   rows      W itself. A step costs the entries of its rows: right for sparse rows.
 *   products  W = W_0 + sum_i x_i (outer) a_i, one vector a_i a training row, which is all that updates with training
 *             rows can make. A step then needs only the products x_i . x_j of rows: with 30,000 dense features and
 *             4,000 rows it costs a fifteenth of the first form.
 */
import { accumulate, addFour, type FeatureRows, project } from "./feature-rows.ts";

/** The rows that a fit sees. Those for validation are projected, never learned from. */
export type RowSet = "source" | "target" | "validation";

export interface HiddenLayer {
  /** into += x_row W */
  project(set: RowSet, row: number, into: Float64Array): void;
  /** W += factor x_row (outer) delta */
  accumulate(set: "source" | "target", row: number, delta: Float64Array, factor: number): void;
  /** Remembers W as it is now, in place of what was remembered. */
  keep(): void;
  /** The W that was remembered. */
  kept(): Float64Array;
}

export type RowSets = Readonly<Record<RowSet, FeatureRows>>;

/** @param start W [width, hidden] to begin with; not changed. */
export function rowsLayer(rows: RowSets, start: Float64Array, hidden: number): HiddenLayer {
  const weights = start.slice();
  const best = start.slice();
  return {
    project: (set, row, into) => project(rows[set], row, weights, hidden, into),
    accumulate: (set, row, delta, factor) => accumulate(rows[set], row, delta, factor, weights),
    keep: () => best.set(weights),
    kept: () => best,
  };
}

/**
 * @param products [n, n] of all rows with all rows, in the order source, target, validation.
 * @param start W [width, hidden] to begin with; not changed.
 */
export function productsLayer(
  rows: RowSets,
  products: Float32Array | Float64Array,
  start: Float64Array,
  hidden: number,
): HiddenLayer {
  const first = { source: 0, target: rows.source.rows, validation: rows.source.rows + rows.target.rows };
  const size = first.validation + rows.validation.rows;
  // Rows with coefficients: without an adversary those of the target stay out.
  let learned = first.target;
  const initial = new Float64Array(size * hidden);
  for (const set of ["source", "target", "validation"] as const) {
    for (let row = 0; row < rows[set].rows; row++) {
      const at = (first[set] + row) * hidden;
      project(rows[set], row, start, hidden, initial.subarray(at, at + hidden));
    }
  }
  const coefficients = new Float64Array(first.validation * hidden);
  const best = coefficients.slice();
  return {
    project(set, row, into) {
      const i = first[set] + row;
      for (let j = 0; j < hidden; j++) into[j] = (into[j] as number) + (initial[i * hidden + j] as number);
      let other = 0;
      for (; other + 4 <= learned; other += 4)
        addFour(into, coefficients, hidden, products, i * size + other, other, other + 1, other + 2, other + 3);
      for (; other < learned; other++) {
        const product = products[i * size + other] as number;
        const at = other * hidden;
        for (let j = 0; j < hidden; j++) into[j] = (into[j] as number) + product * (coefficients[at + j] as number);
      }
    },
    accumulate(set, row, delta, factor) {
      if (set === "target") learned = first.validation;
      const at = (first[set] + row) * hidden;
      for (let j = 0; j < hidden; j++)
        coefficients[at + j] = (coefficients[at + j] as number) + factor * (delta[j] as number);
    },
    keep: () => best.set(coefficients),
    kept() {
      const weights = start.slice();
      for (const set of ["source", "target"] as const) {
        for (let row = 0; row < rows[set].rows; row++) {
          const at = (first[set] + row) * hidden;
          accumulate(rows[set], row, best.subarray(at, at + hidden), 1, weights);
        }
      }
      return weights;
    },
  };
}
