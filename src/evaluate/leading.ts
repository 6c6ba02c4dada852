/**
 * Features of both domains in the directions that hold most of their variance (principal components of the standardised
 * columns). A fresh classifier on all directions answers another question than whether domains lie apart: adapted features
 * keep offsets that are a small part of the spread, and a linear classifier finds them in directions that nothing else
 * lives in, while the label predictor does not notice.
 */
import { Matrix as Dense } from "ml-matrix";
import { eigen } from "../methods/closed-form/symmetric.ts";
import { random } from "../random.ts";
import type { Matrix } from "./logistic.ts";
import { pickRows, stackRows } from "./sample.ts";
import { standardise } from "./standardise.ts";

/** Share of the variance that the kept directions hold. */
export const leadingVariance = 0.95;
/** Most rows of each domain that the directions are fitted to: they cost the cube of what is smaller, rows or columns. */
const most = 128;

export interface BothMatrices {
  readonly source: Matrix;
  readonly target: Matrix;
}

/** @param seed draws the rows that the directions are fitted to, as many of each domain. */
export function leadingDirections({ source, target }: BothMatrices, seed: number): BothMatrices {
  const each = Math.min(most, source.rows, target.rows);
  const drawn = [source, target].map((matrix, domain) => {
    const order = random(seed).split("leading").split(domain);
    return pickRows(matrix, order.shuffle(Int32Array.from({ length: matrix.rows }, (_, row) => row)).slice(0, each));
  });
  const fitted = stackRows(drawn);
  const [own, other] = [stackRows([source]), stackRows([target])];
  standardise(fitted, own, other);
  const directions = principal(fitted);
  return { source: projected(own, directions), target: projected(other, directions) };
}

/** Directions [width, k], each of length 1, that hold `leadingVariance` of standardised rows. */
function principal({ rows, width, values }: Matrix): Dense {
  const x = Dense.from1DArray(rows, width, Array.from(values));
  const inRows = rows < width;
  const { values: variances, vectors } = eigen(inRows ? x.mmul(x.transpose()) : x.transpose().mmul(x));
  const total = variances.reduce((sum, value) => sum + Math.max(0, value), 0);
  let [kept, held] = [0, 0];
  while (kept < variances.length && held < leadingVariance * total) held += Math.max(0, variances[kept++] ?? 0);
  const leading = vectors.subMatrix(0, vectors.rows - 1, 0, Math.max(0, kept - 1));
  // X X^T and X^T X have the same eigenvalues, and X^T takes the vectors of the first to those of the second.
  const directions = inRows ? x.transpose().mmul(leading) : leading;
  const lengths = Array.from({ length: directions.columns }, (_, j) => Math.hypot(...directions.getColumn(j)) || 1);
  return directions.divRowVector(lengths);
}

function projected({ rows, width, values }: Matrix, directions: Dense): Matrix {
  const made = Dense.from1DArray(rows, width, Array.from(values)).mmul(directions);
  return { rows, width: directions.columns, values: Float64Array.from(made.to1DArray()) };
}
