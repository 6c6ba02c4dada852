/**
 * CORAL (Sun, Feng and Saenko, AAAI 2016, algorithm 1): source rows are whitened by their own covariance and given that of
 * the target, both with a ridge of 1 on the diagonal as in the paper:
 *
 *   x -> x (C_s + ridge I)^(-1/2) (C_t + ridge I)^(1/2)
 *
 * Means are left as they are: rows should be standardised domain by domain before.
 */
import { Matrix } from "ml-matrix";
import { type Alignment, type DomainRows, requireRows } from "./alignment.ts";
import { covariance, symmetricPower } from "./symmetric.ts";

export interface CoralOptions {
  /** Added to the diagonals; default 1. */
  readonly ridge?: number;
}

export function coral(rows: DomainRows, { ridge = 1 }: CoralOptions = {}): Alignment {
  requireRows(rows, "CORAL");
  const width = rows.source.columns;
  const ridged = (domain: Matrix): Matrix => covariance(domain).add(Matrix.eye(width).mul(ridge));
  const weights = symmetricPower(ridged(rows.source), -0.5).mmul(symmetricPower(ridged(rows.target), 0.5));
  const shift = Array<number>(width).fill(0);
  return { source: { shift, weights }, target: { shift, weights: Matrix.eye(width) } };
}
