/**
 * Linear classifiers on sparse or dense rows: the support vector machine of the papers' baselines and logistic
 * regression, by dual coordinate descent: Hsieh, Chang, Lin, Keerthi and Sundararajan 2008 (SVM), Yu, Huang and Lin 2011
 * (logistic regression), the algorithms of LIBLINEAR (Fan et al. 2008). With y in {-1, 1} and the bias b as the weight of
 * a feature that is always 1 (penalised like the others, LIBLINEAR's `-B 1`):
 *
 *   primal   min_w  |w|^2 / 2 + C sum_i loss(y_i w.x_i)      hinge: max(0, 1 - m)   logistic: ln(1 + e^-m)
 *   dual     max_a  -|w|^2 / 2 - sum_i loss*(-a_i),  w = sum_i a_i y_i x_i,  0 <= a_i <= C
 *
 * With a weight v_i for each row its C is v_i C.
 *
 * The gap between the two bounds how far the primal is from its minimum: fits stop by it and carry it.
 *
 * Own code, since the ports of LIBSVM and LIBLINEAR to JavaScript are kernel machines over dense rows or have no release
 * in years.
 */
import { dataError, usageError } from "../../errors.ts";
import { random } from "../../random.ts";
import { type FeatureRows, type LabelledRows, project, squaredNorm } from "./feature-rows.ts";
import { productScores, rowScores } from "./linear-scores.ts";

export type LinearLoss = "hinge" | "logistic";

export interface LinearSettings {
  readonly loss: LinearLoss;
  /** C, the weight of the loss against |w|^2 / 2. */
  readonly cost: number;
  /** How much each row's loss counts, 0 or more; default 1 each. */
  readonly weights?: ArrayLike<number>;
  /** Stop when primal - dual <= tolerance * primal; default 1e-3. */
  readonly tolerance?: number;
  /** Most passes over the rows; default 1,000. */
  readonly maxPasses?: number;
  /** [n, n] products of the rows with each other: faster where rows are dense and wider than they are many. */
  readonly products?: Float32Array | Float64Array;
}

/** One binary problem, solved. */
export interface LinearFit {
  /** [width] */
  readonly weights: Float64Array;
  readonly bias: number;
  /** a, one a row: the certificate with which the gap can be computed again. */
  readonly dual: Float64Array;
  readonly primal: number;
  /** primal - dual, at least the distance of `primal` from the minimum. */
  readonly gap: number;
  readonly passes: number;
  /** Whether the gap came down to the tolerance; if not, `maxPasses` ended it. */
  readonly converged: boolean;
}

/**
 * @param positive whether each row is of the class that scores above 0.
 * @param seed the order of the rows in each pass; the solution depends on it within the tolerance alone.
 */
export function fitLinear(
  rows: FeatureRows,
  positive: ArrayLike<boolean | number>,
  settings: LinearSettings,
  seed: number,
): LinearFit {
  const { loss, cost, tolerance = 1e-3, maxPasses = 1000, products } = settings;
  check(rows, positive, settings);
  const signs = Float64Array.from({ length: rows.rows }, (_, i) => (positive[i] ? 1 : -1));
  const curvatures = Float64Array.from({ length: rows.rows }, (_, i) => squaredNorm(rows, i) + 1);
  const { start, solve, conjugate, primal } = losses[loss];
  const costs = Float64Array.from({ length: rows.rows }, (_, i) => cost * (settings.weights?.[i] ?? 1));
  const dual = costs.map((own) => start * own);
  const scores = products === undefined ? rowScores(rows) : productScores(rows, products);
  const margin = (row: number): number => (signs[row] as number) * scores.score(row);
  const add = (row: number, change: number): void => scores.add(row, change * (signs[row] as number));
  const bounds = (): { upper: number; gap: number } => {
    let [losses, conjugates] = [0, 0];
    for (let row = 0; row < rows.rows; row++) {
      const own = costs[row] as number;
      losses += own * primal(margin(row));
      conjugates += conjugate(dual[row] as number, own);
    }
    const norm = scores.squaredNorm();
    return { upper: norm / 2 + losses, gap: norm + losses + conjugates };
  };

  if (start !== 0)
    dual.forEach((value, row) => {
      add(row, value);
    });
  // A row of weight 0 has no say: its a is 0.
  const order = Array.from({ length: rows.rows }, (_, i) => i).filter((row) => (costs[row] as number) > 0);
  const chance = random(seed).split("linear");
  let [passes, reached] = [0, bounds()];
  while (passes < maxPasses && reached.gap > tolerance * reached.upper) {
    // Bounds cost half a pass: they are looked at every few, more seldom as more are needed.
    const until = Math.min(maxPasses, passes + Math.max(2, passes >> 2));
    for (; passes < until; passes++) {
      for (const row of chance.shuffle(order)) {
        const before = dual[row] as number;
        const after = solve(margin(row), before, curvatures[row] as number, costs[row] as number);
        if (after === before) continue;
        dual[row] = after;
        add(row, after - before);
      }
    }
    reached = bounds();
  }
  return {
    ...scores.solution(),
    dual,
    primal: reached.upper,
    gap: reached.gap,
    passes,
    converged: reached.gap <= tolerance * reached.upper,
  };
}

/** A loss as the descent needs it; margins are m = y w.x. */
interface Loss {
  /** a / C to begin with. */
  readonly start: number;
  /** The a that maximises the dual along this coordinate: margin and a now, |x|^2 + 1, C. */
  solve(margin: number, a: number, curvature: number, cost: number): number;
  /** loss*(-a) scaled by C. */
  conjugate(a: number, cost: number): number;
  primal(margin: number): number;
}

const xlogx = (x: number): number => (x > 0 ? x * Math.log(x) : 0);

const losses: Readonly<Record<LinearLoss, Loss>> = {
  hinge: {
    start: 0,
    solve: (margin, a, curvature, cost) => Math.min(Math.max(a - (margin - 1) / curvature, 0), cost),
    conjugate: (a) => -a,
    primal: (margin) => Math.max(0, 1 - margin),
  },
  logistic: {
    // At 0 and C the dual's slope is infinite: start inside, near 0, as Yu et al. do.
    start: 1e-3,
    solve: (margin, a, curvature, cost) => cost * logisticShare(margin, a / cost, curvature * cost),
    conjugate: (a, cost) => xlogx(a) + xlogx(cost - a) - xlogx(cost),
    primal: (margin) => Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))),
  },
};

/**
 * The share s = a / C with margin + q (s - s_0) + ln(s / (1 - s)) = 0. In t = ln(s / (1 - s)) the left side rises with a
 * slope between 1 and 1 + q / 4: Newton's method kept inside a shrinking bracket.
 */
function logisticShare(margin: number, before: number, q: number): number {
  // s is in [0, 1], so t is -margin - q (s - s_0) somewhere between these.
  let [low, high] = [-margin - q * (1 - before), -margin + q * before];
  let t = Math.min(Math.max(Math.log(before / (1 - before)), low), high);
  let s = 1 / (1 + Math.exp(-t));
  for (let iteration = 0; iteration < 50; iteration++) {
    const value = margin + q * (s - before) + t;
    if (Math.abs(value) < 1e-12) break;
    if (value > 0) high = t;
    else low = t;
    const newton = t - value / (1 + q * s * (1 - s));
    t = newton > low && newton < high ? newton : (low + high) / 2;
    s = 1 / (1 + Math.exp(-t));
  }
  return s;
}

/** One binary problem for two classes, one against the rest for more. */
export interface LinearModel {
  readonly classes: number;
  readonly fits: readonly LinearFit[];
}

export function linearClassifier(
  { rows, labels }: LabelledRows,
  classes: number,
  settings: LinearSettings,
  seed: number,
): LinearModel {
  if (!Number.isInteger(classes) || classes < 2)
    throw usageError("linear-classes", `linear classifier: expected at least 2 classes, got ${classes}`);
  const ones = classes === 2 ? [1] : Array.from({ length: classes }, (_, c) => c);
  const fits = ones.map((one) =>
    fitLinear(
      rows,
      Array.from(labels, (label) => label === one),
      settings,
      seed,
    ),
  );
  return { classes, fits };
}

/** Scores of each row: above 0 for the class (class 1 of two). [fits][rows] */
export function linearScores({ fits }: LinearModel, rows: FeatureRows): Float64Array[] {
  return fits.map(({ weights, bias }) => {
    const scores = new Float64Array(rows.rows).fill(bias);
    for (let row = 0; row < rows.rows; row++) project(rows, row, weights, 1, scores.subarray(row, row + 1));
    return scores;
  });
}

/** The class index of each row. */
export function predictLinear(model: LinearModel, rows: FeatureRows): Int32Array {
  const scores = linearScores(model, rows);
  return Int32Array.from({ length: rows.rows }, (_, row) => {
    const [first = 0, ...rest] = scores.map((each) => each[row] as number);
    if (model.classes === 2) return first > 0 ? 1 : 0;
    return rest.reduce((best, score, i) => (score > (scores[best]?.[row] as number) ? i + 1 : best), 0);
  });
}

function check(rows: FeatureRows, positive: ArrayLike<boolean | number>, settings: LinearSettings): void {
  const { cost, weights, tolerance = 1e-3, maxPasses = 1000, products } = settings;
  const refuse = (code: string, expected: string, got: unknown): never => {
    throw usageError(code, `linear classifier: expected ${expected}, got ${String(got)}`);
  };
  if (!(cost > 0 && Number.isFinite(cost))) refuse("linear-cost", "a cost C above 0", cost);
  if (!(tolerance > 0)) refuse("linear-tolerance", "a tolerance above 0", tolerance);
  if (!Number.isInteger(maxPasses) || maxPasses < 1) refuse("linear-passes", "at least 1 pass", maxPasses);
  if (rows.rows === 0) refuse("linear-rows", "at least 1 row", 0);
  if (positive.length !== rows.rows) refuse("linear-labels", `${rows.rows} labels`, positive.length);
  if (weights !== undefined) {
    if (weights.length !== rows.rows) refuse("linear-weights", `${rows.rows} weights`, weights.length);
    const bad = Array.from(weights).find((weight) => !(weight >= 0 && Number.isFinite(weight)));
    if (bad !== undefined) refuse("linear-weights", "weights of 0 or more", bad);
  }
  if (products !== undefined && products.length !== rows.rows ** 2)
    refuse("linear-products", `products of ${rows.rows} rows`, products.length);
  if (!rows.values.every(Number.isFinite))
    throw dataError("linear-values", "linear classifier: expected finite values, got NaN or infinity");
}
