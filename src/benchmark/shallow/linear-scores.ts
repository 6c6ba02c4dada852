/**
 * w and the scores w.x_i + b while dual coordinate descent changes w by multiples of rows, held in one of two forms as the
 * hidden layer is (`hidden-layer.ts`): w itself, or the scores of all rows, which change by products of rows.
 */
import { accumulate, type FeatureRows, project } from "./feature-rows.ts";

export interface LinearScores {
  score(row: number): number;
  /** w += amount (x_row, 1) */
  add(row: number, amount: number): void;
  /** |w|^2, the bias included. */
  squaredNorm(): number;
  solution(): { readonly weights: Float64Array; readonly bias: number };
}

export function rowScores(rows: FeatureRows): LinearScores {
  const weights = new Float64Array(rows.width);
  let bias = 0;
  const [score, one] = [new Float64Array(1), Float64Array.of(1)];
  return {
    score(row) {
      score[0] = bias;
      project(rows, row, weights, 1, score);
      return score[0] as number;
    },
    add(row, amount) {
      accumulate(rows, row, one, amount, weights);
      bias += amount;
    },
    squaredNorm: () => bias * bias + weights.reduce((sum, w) => sum + w * w, 0),
    solution: () => ({ weights, bias }),
  };
}

/** @param products [n, n] of the rows with each other. */
export function productScores(rows: FeatureRows, products: Float32Array | Float64Array): LinearScores {
  const size = rows.rows;
  const scores = new Float64Array(size);
  const coefficients = new Float64Array(size);
  return {
    score: (row) => scores[row] as number,
    add(row, amount) {
      coefficients[row] = (coefficients[row] as number) + amount;
      const at = row * size;
      for (let i = 0; i < size; i++) scores[i] = (scores[i] as number) + amount * ((products[at + i] as number) + 1);
    },
    squaredNorm: () => coefficients.reduce((sum, value, i) => sum + value * (scores[i] as number), 0),
    solution() {
      const weights = new Float64Array(rows.width);
      const one = Float64Array.of(1);
      coefficients.forEach((value, row) => {
        if (value !== 0) accumulate(rows, row, one, value, weights);
      });
      return { weights, bias: coefficients.reduce((a, b) => a + b, 0) };
    },
  };
}
