/**
 * The hidden layer's W = W_0 + sum_i x_i (outer) a_i, one vector a_i a training row, which is all that updates with
 * training rows can make. A step then needs only the products x_i . x_j of rows: with 30,000 dense features and 4,000
 * rows a fifteenth of the work.
 *
 * The rows of many steps are projected at once, as one large product by the engine, with W as it is before them; what the
 * steps themselves add is made up for row by row: the sums of algorithm 1 in another order, nothing else.
 */
import type { FeatureRows } from "./feature-rows.ts";
import type { HiddenLayer, RowSet, RowSets } from "./hidden-layer.ts";
import type { Block, RowProducts } from "./products.ts";

/** Rows or columns that are worked on at once: keeps the engine's copies small. */
const chunk = 512;

/**
 * @param products of all rows with all rows, in the order source, target, validation.
 * @param start W [width, hidden] to begin with; not changed.
 */
export async function productsLayer(
  rows: RowSets,
  { values: products, engine }: RowProducts,
  start: Float64Array,
  hidden: number,
): Promise<HiddenLayer> {
  const first = { source: 0, target: rows.source.rows, validation: rows.source.rows + rows.target.rows };
  const size = first.validation + rows.validation.rows;
  const width = rows.source.width;
  // Rows with coefficients: without an adversary those of the target stay out.
  let learned = first.target;
  const coefficients = new Float64Array(first.validation * hidden);
  const best = coefficients.slice();
  const turned: Block<Float64Array> = { values: transposed(start, width, hidden), rows: hidden, width };
  const initial = new Float64Array(size * hidden);
  for (const set of ["source", "target", "validation"] as const)
    for (let from = 0; from < rows[set].rows; from += chunk) {
      const block = denseRows(rows[set], from, Math.min(rows[set].rows, from + chunk));
      initial.set(await engine.outer(block, turned), (first[set] + from) * hidden);
    }

  /** Where the projection of a row is in `base`; -1: nowhere. */
  const places = new Int32Array(size);
  let base: Float64Array = new Float64Array(0);
  /** Updates since `base` was made: rows and their [hidden] changes. */
  let [changed, changes] = [new Int32Array(0), new Float64Array(0)];
  let count = 0;

  return {
    async ready(wanted) {
      const chosen = Object.entries(wanted).flatMap(([set, some]) =>
        Array.from(some, (row) => first[set as RowSet] + row),
      );
      const own = new Float64Array(chosen.length * learned);
      chosen.forEach((row, i) => {
        own.set(products.subarray(row * size, row * size + learned), i * learned);
      });
      const block = { values: own, rows: chosen.length, width: learned };
      const weights = { values: transposed(coefficients, learned, hidden), rows: hidden, width: learned };
      base = await engine.outer(block, weights);
      places.fill(-1);
      chosen.forEach((row, i) => {
        places[row] = i;
        for (let k = 0; k < hidden; k++)
          base[i * hidden + k] = (base[i * hidden + k] as number) + (initial[row * hidden + k] as number);
      });
      count = 0;
      // A row of either domain a step.
      if (changed.length < chosen.length) {
        changed = new Int32Array(chosen.length);
        changes = new Float64Array(chosen.length * hidden);
      }
    },
    project(set, row, into) {
      const i = first[set] + row;
      const at = (places[i] as number) * hidden;
      for (let k = 0; k < hidden; k++) into[k] = (into[k] as number) + (base[at + k] as number);
      for (let other = 0; other < count; other++) {
        const product = products[i * size + (changed[other] as number)] as number;
        for (let k = 0; k < hidden; k++)
          into[k] = (into[k] as number) + product * (changes[other * hidden + k] as number);
      }
    },
    accumulate(set, row, delta, factor) {
      if (set === "target") learned = first.validation;
      const i = first[set] + row;
      changed[count] = i;
      for (let k = 0; k < hidden; k++) {
        const change = factor * (delta[k] as number);
        changes[count * hidden + k] = change;
        coefficients[i * hidden + k] = (coefficients[i * hidden + k] as number) + change;
      }
      count++;
    },
    keep: () => best.set(coefficients),
    async kept() {
      const weights = start.slice();
      const learnedRows = [rows.source, rows.target] as const;
      const turnedBest = { values: transposed(best, first.validation, hidden), rows: hidden, width: first.validation };
      for (let from = 0; from < width; from += chunk) {
        const to = Math.min(width, from + chunk);
        const added = await engine.outer(denseColumns(learnedRows, from, to), turnedBest);
        for (let i = 0; i < added.length; i++)
          weights[from * hidden + i] = (weights[from * hidden + i] as number) + (added[i] as number);
      }
      return weights;
    },
  };
}

/** [rows, width] to [width, rows]. */
function transposed(values: Float64Array, rows: number, width: number): Float64Array {
  const result = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) result[j * rows + i] = values[i * width + j] as number;
  return result;
}

/** Rows from, ..., to - 1. */
function denseRows(rows: FeatureRows, from: number, to: number): Block<Float64Array> {
  const { width } = rows;
  const values = new Float64Array((to - from) * width);
  if (rows.kind === "dense") values.set(rows.values.subarray(from * width, to * width));
  else
    for (let row = from; row < to; row++)
      for (let entry = rows.offsets[row] as number; entry < (rows.offsets[row + 1] as number); entry++)
        values[(row - from) * width + (rows.indices[entry] as number)] = rows.values[entry] as number;
  return { values, rows: to - from, width };
}

/** Columns from, ..., to - 1 of sets below each other, as rows: [to - from, rows of all sets]. */
function denseColumns(sets: readonly FeatureRows[], from: number, to: number): Block<Float64Array> {
  const count = sets.reduce((sum, { rows }) => sum + rows, 0);
  const values = new Float64Array((to - from) * count);
  let first = 0;
  for (const set of sets) {
    for (let row = 0; row < set.rows; row++)
      if (set.kind === "dense")
        for (let j = from; j < to; j++)
          values[(j - from) * count + first + row] = set.values[row * set.width + j] as number;
      else
        for (let entry = set.offsets[row] as number; entry < (set.offsets[row + 1] as number); entry++) {
          const j = set.indices[entry] as number;
          if (j >= from && j < to) values[(j - from) * count + first + row] = set.values[entry] as number;
        }
    first += set.rows;
  }
  return { values, rows: to - from, width: count };
}
