/**
 * The linear map W of the hidden layer while it is trained by single examples, held in one of two forms with the same
 * values up to rounding: W itself, here, where a step costs the entries of its rows, right for sparse rows; or by products
 * of rows (`products-layer.ts`), for dense and wide ones.
 */
import { accumulate, type FeatureRows, project } from "./feature-rows.ts";

/** The rows that a fit sees. Those for validation are projected, never learned from. */
export type RowSet = "source" | "target" | "validation";

export type RowChoice = Readonly<Partial<Record<RowSet, ArrayLike<number>>>>;

export interface HiddenLayer {
  /** Told which rows will be projected until the next call, where it makes their projections all at once. */
  ready?(rows: RowChoice): Promise<void>;
  /** into += x_row W */
  project(set: RowSet, row: number, into: Float64Array): void;
  /** W += factor x_row (outer) delta */
  accumulate(set: "source" | "target", row: number, delta: Float64Array, factor: number): void;
  /** Remembers W as it is now, in place of what was remembered. */
  keep(): void;
  /** The W that was remembered. */
  kept(): Float64Array | Promise<Float64Array>;
}

interface RowsLayer extends HiddenLayer {
  kept(): Float64Array;
}

export type RowSets = Readonly<Record<RowSet, FeatureRows>>;

/** @param start W [width, hidden] to begin with; not changed. */
export function rowsLayer(rows: RowSets, start: Float64Array, hidden: number): RowsLayer {
  const weights = start.slice();
  const best = start.slice();
  return {
    project: (set, row, into) => project(rows[set], row, weights, hidden, into),
    accumulate: (set, row, delta, factor) => accumulate(rows[set], row, delta, factor, weights),
    keep: () => best.set(weights),
    kept: () => best,
  };
}
