/**
 * Subspace alignment (Fernando et al., ICCV 2013): both domains in their own leading principal components, P_s and P_t [d, k],
 * those of the source turned towards the target's:
 *
 *   source x -> (x - mean_s) P_s (P_s^T P_t)       target x -> (x - mean_t) P_t
 */
import type { Matrix } from "ml-matrix";
import { usageError } from "../../errors.ts";
import { type Alignment, type DomainRows, requireRows } from "./alignment.ts";
import { covariance, eigen } from "./symmetric.ts";

export interface SubspaceOptions {
  /** k; default 80, no more than the columns and the rows of the smaller domain less one allow. */
  readonly dimensions?: number;
}

export function subspaceAlignment(rows: DomainRows, options: SubspaceOptions = {}): Alignment {
  requireRows(rows, "subspace alignment");
  const most = Math.min(rows.source.columns, rows.source.rows - 1, rows.target.rows - 1);
  const dimensions = options.dimensions ?? Math.min(80, most);
  if (dimensions < 1 || dimensions > most)
    throw usageError(
      "alignment-dimensions",
      `subspace alignment: expected 1 to ${most} dimensions for these rows, got ${dimensions}`,
    );
  const [own, other] = [components(rows.source, dimensions), components(rows.target, dimensions)];
  return {
    source: { shift: rows.source.mean("column"), weights: own.mmul(own.transpose().mmul(other)) },
    target: { shift: rows.target.mean("column"), weights: other },
  };
}

const components = (rows: Matrix, count: number): Matrix =>
  eigen(covariance(rows)).vectors.subMatrix(0, rows.columns - 1, 0, count - 1);
