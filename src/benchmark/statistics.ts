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

/** More pairs have too many signs to go through, and Student's t is good by then. */
const mostPairs = 20;

/**
 * Exact two-sided p of paired differences by flipping their signs (Fisher, The Design of Experiments, 1935, section 21):
 * the share of all 2^n ways of giving them signs of which the mean is as far from 0 as theirs, or farther. It asks for no
 * normal distribution, but n pairs cannot show less than 2 / 2^n. Null without pairs and with more than 20.
 */
export function signFlipP(differences: readonly number[]): number | null {
  const n = differences.length;
  if (n === 0 || n > mostPairs) return null;
  const sizes = differences.map(Math.abs);
  const total = differences.reduce((sum, value) => sum + value, 0);
  // Sums in another order round otherwise: what is equal must count as equal.
  const least = Math.abs(total) - 1e-9 * sizes.reduce((sum, size) => sum + size, 0);
  let as = 0;
  for (let signs = 0; signs < 2 ** n; signs++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += ((signs >> i) & 1) === 1 ? (sizes[i] ?? 0) : -(sizes[i] ?? 0);
    if (Math.abs(sum) >= least) as++;
  }
  return as / 2 ** n;
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
