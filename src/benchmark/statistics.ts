/** Means over seeds with their errors, and paired differences with intervals by Student's t. */

export interface Spread {
  readonly mean: number;
  /** Standard deviation between seeds (n - 1); null for one value. */
  readonly sd: number | null;
  /** Standard error of the mean, sd / sqrt(n); null for one value. */
  readonly se: number | null;
  readonly n: number;
}

export interface Difference {
  readonly mean: number;
  /** Ends of the 95 % interval; null for one pair. */
  readonly low: number | null;
  readonly high: number | null;
  /** Pairs. */
  readonly n: number;
}

/** @param values at least one. */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, sd: null, se: null, n };
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  return { mean, sd, se: sd / Math.sqrt(n), n };
}

/** The mean of differences of pairs, at least one, and where its true value lies with 95 % confidence. */
export function pairedDifference(differences: readonly number[]): Difference {
  const { mean, se, n } = spreadOf(differences);
  if (se === null) return { mean, low: null, high: null, n };
  const half = studentQuantile(0.95, n - 1) * se;
  return { mean, low: mean - half, high: mean + half, n };
}

/**
 * The t that |T| stays below with a given probability, T of Student's distribution.
 * @param freedom degrees of freedom, a whole number from 1.
 */
export function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentWithin(high, freedom) < probability) high *= 2;
  // To the last bit: bisection of a double ends by itself.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (studentWithin(middle, freedom) < probability) low = middle;
    else high = middle;
  }
}

/** P(|T| < t): finite sums for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). */
function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  if (freedom === 1) return (2 * angle) / Math.PI;
  let term = odd ? cos : 1;
  let sum = term;
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
}
