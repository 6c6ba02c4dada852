/** Importance weights that a sum over few rows can bear: clipped, of mean 1, with the number of rows they are worth. */

export interface ImportanceWeights {
  /** One a row, of mean 1. */
  readonly values: Float64Array;
  /**
   * Mean of the ratios as they came: 1 where the source's rows cover the target, for E_S[p_T / p_S] = 1 then, and near 0
   * where the target lies elsewhere. Normalised weights do not show that: a regularised classifier that separates the
   * domains gives all source rows weights that are tiny and nearly equal.
   */
  readonly overlap: number;
  /** Kish's effective sample size (sum w)^2 / sum w^2: as many equally weighted rows would be as exact. */
  readonly effectiveRows: number;
  /** Rows whose weight was cut. */
  readonly clipped: number;
}

/** No row may weigh more than this many rows. */
const largest = 10;

/** From density ratios of any scale; all of them 0 gives weights worth no row. */
export function importanceWeights(ratios: ArrayLike<number>): ImportanceWeights {
  const overlap = meanOf(ratios);
  const unit = ofMeanOne(Float64Array.from(ratios));
  const clipped = unit.filter((weight) => weight > largest).length;
  const values = ofMeanOne(unit.map((weight) => Math.min(weight, largest)));
  const squares = values.reduce((sum, weight) => sum + weight * weight, 0);
  return { values, overlap, effectiveRows: squares > 0 ? values.length ** 2 / squares : 0, clipped };
}

function ofMeanOne(values: Float64Array): Float64Array {
  const mean = meanOf(values);
  return mean > 0 && Number.isFinite(mean) ? values.map((value) => value / mean) : values.map(() => 0);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return values.length === 0 ? 0 : sum / values.length;
}
