/**
 * Shares of the classes in the target, from what a classifier says of both domains (black box shift estimation: Lipton,
 * Wang and Smola, ICML 2018), as a quadratic programme (Tachet des Combes et al., Domain Adaptation with Conditional
 * Distribution Matching and Generalized Label Shift, NeurIPS 2020):
 *
 *   q = argmin |m - A q|^2 with q_j >= 0, sum_j q_j = 1
 *
 * A_ij = P_S(said i | class j), m_i = P_T(said i). The papers write it with C = A diag(p_S) and weights w = q / p_S, which
 * is the same. Columns of A and m sum to 1, so where C w = m has a solution without negative shares it is that one.
 */
export interface Said {
  /** A by columns: [class j][said i]. */
  readonly ofClass: readonly (readonly number[])[];
  /** m */
  readonly ofTarget: readonly number[];
}

/** Bounds the work on classes that are hardly told apart; others are done long before. */
const mostRounds = 2000;
/** Shares that move by less are found. */
const still = 1e-12;

/**
 * By accelerated projected gradients (Beck and Teboulle 2009), begun again where they go uphill (O'Donoghue and Candes
 * 2015). What the classifier does not tell apart keeps the shares that it has in `from`.
 */
export function targetShares({ ofClass, ofTarget }: Said, from: readonly number[]): number[] {
  const gram = ofClass.map((a) => ofClass.map((b) => dot(a, b)));
  const right = ofClass.map((a) => dot(a, ofTarget));
  // The trace bounds the largest curvature.
  const step = 1 / gram.reduce((sum, row, j) => sum + (row[j] ?? 0), 0);
  let shares = nearestShares(from);
  let ahead = shares;
  let momentum = 1;
  for (let round = 0; round < mostRounds; round++) {
    const point = ahead;
    const next = nearestShares(point.map((q, j) => q - step * (dot(gram[j] ?? [], point) - (right[j] ?? 0))));
    const moved = minus(next, shares);
    const uphill = dot(minus(point, next), moved) > 0;
    const after = uphill ? 1 : (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
    const carried = uphill ? 0 : (momentum - 1) / after;
    ahead = next.map((q, j) => q + carried * (moved[j] ?? 0));
    [shares, momentum] = [next, after];
    if (moved.every((change) => Math.abs(change) < still)) break;
  }
  return shares;
}

/** The nearest point whose numbers are shares: not negative, 1 in all (Duchi et al., ICML 2008). */
function nearestShares(point: readonly number[]): number[] {
  let sum = 0;
  let threshold = 0;
  [...point]
    .sort((a, b) => b - a)
    .forEach((value, i) => {
      sum += value;
      const found = (sum - 1) / (i + 1);
      if (value > found) threshold = found;
    });
  return point.map((value) => Math.max(0, value - threshold));
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - (b[i] ?? 0));
