/**
 * Transfer component analysis with a linear kernel (Pan et al., IEEE TNN 2011) and joint distribution adaptation (Long et al.,
 * ICCV 2013, equation 13), in primal form: a projection W [d, k] under which the domains' means lie together while the variance
 * stays,
 *
 *   max_W tr(W^T X^T H X W)   with   W^T (X^T M X + ridge I) W = I,
 *
 * X the rows of both domains, H centring, M = sum over groups of f e e^T, divided by |M|_F, e having 1/n_s on a group's source
 * rows and -1/n_t on its target rows. TCA has one group, all rows; JDA adds one a class, the target's by predictions, and
 * predicts anew from the projected rows a few times. f is 1 for a class and, as in the authors' release, the number of classes for
 * the group of all rows.
 */
import { Matrix } from "ml-matrix";
import { usageError } from "../../errors.ts";
import { type Alignment, type DomainRows, mapped, requireRows } from "./alignment.ts";
import { largestQuotients } from "./symmetric.ts";

export interface ComponentOptions {
  /** k; default 100, no more than the columns. */
  readonly dimensions?: number;
  /** Default 1, the authors' for objects. */
  readonly ridge?: number;
}

export interface JointOptions extends ComponentOptions {
  /** Most rounds of projecting and predicting; default 10. Fewer once a round predicts what the one before did. */
  readonly rounds?: number;
}

/** Class indices of the target rows [n, k] from labelled source rows [m, k]. */
export type Classify = (source: Matrix, labels: ArrayLike<number>, target: Matrix) => ArrayLike<number>;

export function transferComponents(rows: DomainRows, options: ComponentOptions = {}): Alignment {
  requireRows(rows, "transfer component analysis");
  return project(scatterOf(rows), [wholeDifference(rows, 1)], options);
}

/** @param labels class indices of the source rows. */
export function jointDistribution(
  rows: DomainRows,
  labels: ArrayLike<number>,
  classify: Classify,
  options: JointOptions = {},
): Alignment {
  requireRows(rows, "joint distribution adaptation");
  const { rounds = 10 } = options;
  const classes = 1 + Array.from(labels).reduce((most, label) => Math.max(most, label), 0);
  const scatter = scatterOf(rows);
  let alignment = project(scatter, [wholeDifference(rows, 1)], options);
  let before: ArrayLike<number> = [];
  for (let round = 1; round < rounds; round++) {
    const predicted = classify(mapped(alignment.source, rows.source), labels, mapped(alignment.target, rows.target));
    if (same(predicted, before)) break;
    before = predicted;
    const groups = Array.from({ length: classes }, (_, c) =>
      difference(rows, indicesOf(labels, c), indicesOf(predicted, c), 1),
    );
    // A class that nothing is predicted to be has no mean.
    const present = groups.filter(({ source, target }) => source > 0 && target > 0);
    alignment = project(scatter, [wholeDifference(rows, classes), ...present], options);
  }
  return alignment;
}

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => value === b[i]);

/** X^T H X of the rows of both domains, [d, d]. */
function scatterOf({ source, target }: DomainRows): Matrix {
  const all = new Matrix([...source.to2DArray(), ...target.to2DArray()]);
  const centred = all.subRowVector(all.mean("column"));
  return centred.transpose().mmul(centred);
}

/** One group of M: f e e^T. */
interface MeanDifference {
  /** X^T e, [d]. */
  readonly means: readonly number[];
  /** f */
  readonly factor: number;
  /** Rows of the group. */
  readonly source: number;
  readonly target: number;
}

const wholeDifference = (rows: DomainRows, factor: number): MeanDifference =>
  difference(rows, allRows(rows.source), allRows(rows.target), factor);

function difference(
  { source, target }: DomainRows,
  own: readonly number[],
  other: readonly number[],
  factor: number,
): MeanDifference {
  const theirs = meanOf(target, other);
  const means = meanOf(source, own).map((mean, j) => mean - (theirs[j] ?? 0));
  return { means, factor, source: own.length, target: other.length };
}

const allRows = ({ rows }: Matrix): number[] => Array.from({ length: rows }, (_, i) => i);
const indicesOf = (labels: ArrayLike<number>, c: number): number[] =>
  Array.from(labels).flatMap((label, i) => (label === c ? [i] : []));

function meanOf(rows: Matrix, indices: readonly number[]): number[] {
  const sum = Array<number>(rows.columns).fill(0);
  for (const i of indices) for (let j = 0; j < rows.columns; j++) sum[j] = (sum[j] ?? 0) + rows.get(i, j);
  return sum.map((value) => value / indices.length);
}

function project(scatter: Matrix, groups: readonly MeanDifference[], options: ComponentOptions): Alignment {
  const width = scatter.columns;
  const { ridge = 1, dimensions = Math.min(100, width) } = options;
  if (dimensions < 1 || dimensions > width)
    throw usageError("alignment-dimensions", `expected 1 to ${width} dimensions for these rows, got ${dimensions}`);
  const within = Matrix.eye(width).mul(ridge);
  const norm = frobenius(groups);
  for (const { means, factor } of groups) {
    const column = Matrix.columnVector([...means]);
    within.add(column.mmul(column.transpose()).mul(factor / norm));
  }
  const weights = largestQuotients(scatter, within, dimensions);
  // As the authors have it, projected rows are not centred, which matters where they are brought to length 1 afterwards.
  const shift = Array<number>(width).fill(0);
  return { source: { shift, weights }, target: { shift, weights } };
}

/**
 * |M|_F, whose square is the sum over pairs of groups of f_a f_b (e_a . e_b)^2. Classes share no row; the group of all rows, the
 * first, meets a class on that class's rows: e . e_c = 1/n_s + 1/n_t.
 */
function frobenius([whole, ...classes]: readonly MeanDifference[]): number {
  if (whole === undefined) return 1;
  const length = ({ source, target }: MeanDifference): number => 1 / source + 1 / target;
  const own = [whole, ...classes].reduce((sum, group) => sum + (group.factor * length(group)) ** 2, 0);
  const cross = classes.reduce((sum, { factor }) => sum + 2 * whole.factor * factor * length(whole) ** 2, 0);
  return Math.sqrt(own + cross);
}
