/**
 * Temperature scaling (Guo et al., ICML 2017): probabilities are softmax(logits / T) with the one T > 0 that gives
 * labelled rows the lowest negative log-likelihood. The order of the classes stays, so no prediction changes.
 */
import type { Scores } from "../probabilities.ts";

/** Temperatures that are looked at; the optimum of rows that are all right, or never, lies at an end. */
export const temperatureRange = { lowest: 0.25, highest: 16 } as const;

const iterations = 100;

/** softmax(logits / T) as logits. */
export const scaled = ({ rows, classes, values }: Scores, temperature: number): Scores => ({
  rows,
  classes,
  values: Float64Array.from(values, (value) => value / temperature),
});

/**
 * T of the lowest weighted NLL. The NLL is convex in beta = 1 / T, for it is log-sum-exp of what is linear in beta
 * minus what is linear in beta: Newton's method on its derivative, kept inside a bracket that bisection halves.
 */
export function fitTemperature(logits: Scores, labels: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let low = 1 / temperatureRange.highest;
  let high = 1 / temperatureRange.lowest;
  const slope = (beta: number): Slope => slopeAt(beta, logits, labels, weights);
  // Logits that are all equal have no temperature: their probabilities are the same at every one.
  if (slope(1).first === 0) return 1;
  if (slope(high).first <= 0) return temperatureRange.lowest;
  if (slope(low).first >= 0) return temperatureRange.highest;
  let beta = 1;
  for (let i = 0; i < iterations && high - low > 1e-12 * beta; i++) {
    const { first, second } = slope(beta);
    if (first === 0) break;
    if (first > 0) high = beta;
    else low = beta;
    const newton = second > 0 ? beta - first / second : Number.NaN;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - beta) < 1e-13 * beta) break;
    beta = next;
  }
  return 1 / beta;
}

interface Slope {
  readonly first: number;
  readonly second: number;
}

/** Derivatives of sum w (lse(beta z) - beta z_y) by beta: sum w (E z - z_y), and sum w Var z, under softmax(beta z). */
function slopeAt(
  beta: number,
  { rows, classes, values }: Scores,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): Slope {
  let [first, second] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) highest = Math.max(highest, values[at + c] ?? 0);
    let [sum, mean, square] = [0, 0, 0];
    for (let c = 0; c < classes; c++) {
      // Distances to the highest logit: the same derivatives, without overflow and cancellation.
      const z = (values[at + c] ?? 0) - highest;
      const e = Math.exp(beta * z);
      sum += e;
      mean += e * z;
      square += e * z * z;
    }
    mean /= sum;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    first += weight * (mean - ((values[at + (labels[row] ?? 0)] ?? 0) - highest));
    second += weight * (square / sum - mean * mean);
  }
  return { first, second };
}
