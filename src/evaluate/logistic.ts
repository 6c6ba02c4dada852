/**
 * A small L2-regularised logistic regression, full batch, by accelerated gradient descent (Nesterov 1983, with restart
 * when the loss rises: O'Donoghue and Candes 2015). It is the fresh linear domain classifier of the proxy A-distance:
 * convex, so its answer depends on the data and nothing else.
 */

/** Rows x width, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
}

export interface LogisticOptions {
  /** Weight of ||w||^2 / 2 beside the mean loss. Default 1e-3. */
  readonly l2?: number;
  /** Most steps taken. Default 100. */
  readonly steps?: number;
  /** Where to start: an earlier solution for a neighbouring `l2`. Default zeros. */
  readonly start?: LogisticModel;
}

export interface LogisticModel {
  readonly weights: Float64Array;
  readonly bias: number;
}

/** Fits P(label = 1 | row). Columns should be standardised: one step size serves them all. */
export function fitLogistic(x: Matrix, labels: ArrayLike<number>, options: LogisticOptions = {}): LogisticModel {
  const { l2 = 1e-3, steps = 100, start } = options;
  const { width } = x;
  // The last entry is the bias, which is not penalised.
  const point = new Float64Array(width + 1);
  if (start !== undefined) {
    point.set(start.weights);
    point[width] = start.bias;
  }
  const rate = 1 / (curvature(x) / 4 + l2);
  const gradient = new Float64Array(width + 1);
  let previous = point.slice();
  let ahead = point.slice();
  let momentum = 1;
  let lastLoss = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const loss = lossAndGradient(x, labels, ahead, l2, gradient);
    const next = ahead.map((value, j) => value - rate * (gradient[j] ?? 0));
    if (loss > lastLoss) momentum = 1;
    const nextMomentum = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const carry = (momentum - 1) / nextMomentum;
    ahead = next.map((value, j) => value + carry * (value - (previous[j] ?? 0)));
    const done = Math.abs(lastLoss - loss) < 1e-7;
    previous = next;
    momentum = nextMomentum;
    lastLoss = loss;
    if (done) break;
  }
  return { weights: previous.slice(0, width), bias: previous[width] ?? 0 };
}

/** Linear scores: positive means label 1. */
export function logisticScores(model: LogisticModel, x: Matrix): Float64Array {
  const scores = new Float64Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    let sum = model.bias;
    for (let j = 0; j < x.width; j++) sum += (model.weights[j] ?? 0) * (x.values[i * x.width + j] ?? 0);
    scores[i] = sum;
  }
  return scores;
}

function lossAndGradient(
  x: Matrix,
  labels: ArrayLike<number>,
  point: Float64Array,
  l2: number,
  into: Float64Array,
): number {
  const { rows, width, values } = x;
  into.fill(0);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * width;
    let score = point[width] ?? 0;
    for (let j = 0; j < width; j++) score += (point[j] as number) * (values[at + j] as number);
    const label = labels[i] ?? 0;
    // ln(1 + e^s) - y s, without overflow.
    loss += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - label * score;
    const error = (1 / (1 + Math.exp(-score)) - label) / rows;
    for (let j = 0; j < width; j++) into[j] = (into[j] as number) + error * (values[at + j] as number);
    into[width] = (into[width] as number) + error;
  }
  loss /= rows;
  for (let j = 0; j < width; j++) {
    const w = point[j] as number;
    loss += (l2 * w * w) / 2;
    into[j] = (into[j] as number) + l2 * w;
  }
  return loss;
}

/** Largest eigenvalue of X'X / rows, with the bias column, by twelve power iterations: the step size that cannot overshoot by much. */
function curvature({ rows, width, values }: Matrix): number {
  let vector = new Float64Array(width + 1).fill(1 / Math.sqrt(width + 1));
  let largest = 1;
  for (let iteration = 0; iteration < 12; iteration++) {
    const next = new Float64Array(width + 1);
    for (let i = 0; i < rows; i++) {
      const at = i * width;
      let product = vector[width] as number;
      for (let j = 0; j < width; j++) product += (vector[j] as number) * (values[at + j] as number);
      product /= rows;
      for (let j = 0; j < width; j++) next[j] = (next[j] as number) + product * (values[at + j] as number);
      next[width] = (next[width] as number) + product;
    }
    largest = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    vector = next.map((value) => value / largest);
  }
  return largest * 1.05;
}
