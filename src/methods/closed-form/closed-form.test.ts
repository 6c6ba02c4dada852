import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { random } from "../../random.ts";
import { type DomainRows, mapped } from "./alignment.ts";
import { coral } from "./coral.ts";
import { subspaceAlignment } from "./subspace-alignment.ts";
import { covariance, eigen, largestQuotients, symmetricPower } from "./symmetric.ts";
import { jointDistribution, transferComponents } from "./transfer-components.ts";

/** Standard normals by a seed. */
function normals(rows: number, columns: number, seed: number): Matrix {
  const draw = random(seed);
  return Matrix.from1DArray(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => draw.normal()),
  );
}

const distance = (a: Matrix, b: Matrix): number => Matrix.sub(a, b).norm();
const mixing = new Matrix([
  [2, 0.5, 0],
  [0, 1, -0.3],
  [0.4, 0, 0.5],
]);
/** The target is the source turned, stretched and moved. */
const rows: DomainRows = {
  source: normals(200, 3, 1),
  target: normals(150, 3, 2).mmul(mixing).addRowVector([3, -1, 0.5]),
};

describe("symmetric matrices", () => {
  const matrix = covariance(rows.target);

  it("a power and its inverse give the identity; eigenvalues fall", () => {
    const whole = symmetricPower(matrix, -0.5).mmul(matrix).mmul(symmetricPower(matrix, -0.5));
    expect(distance(whole, Matrix.eye(3))).toBeLessThan(1e-9);
    const { values } = eigen(matrix);
    expect([...values].sort((a, b) => b - a)).toEqual(values);
  });

  it("the largest quotients solve the generalised eigenproblem, of unit length in the denominator", () => {
    const numerator = covariance(rows.source);
    const found = largestQuotients(numerator, matrix, 2);
    const gram = found.transpose().mmul(matrix).mmul(found);
    expect(distance(gram, Matrix.eye(2))).toBeLessThan(1e-9);
    const quotients = found.transpose().mmul(numerator).mmul(found).diagonal();
    // N w = mu D w
    const residual = Matrix.sub(numerator.mmul(found), matrix.mmul(found).mmul(Matrix.diag(quotients)));
    expect(residual.norm()).toBeLessThan(1e-9);
    expect(quotients[0]).toBeGreaterThan(quotients[1] ?? 9);
  });
});

it("CORAL gives source rows the covariance of the target's, as far as the ridge lets it", () => {
  const alignment = coral(rows, { ridge: 1e-6 });
  expect(distance(covariance(mapped(alignment.source, rows.source)), covariance(rows.target))).toBeLessThan(1e-4);
  expect(distance(mapped(alignment.target, rows.target), rows.target)).toBe(0);
  const before = distance(covariance(rows.source), covariance(rows.target));
  const ridged = coral(rows);
  expect(distance(covariance(mapped(ridged.source, rows.source)), covariance(rows.target))).toBeLessThan(before);
});

it("subspace alignment: bases of equal domains agree, those of others are brought together", () => {
  const same = subspaceAlignment({ source: rows.target, target: rows.target }, { dimensions: 2 });
  expect(distance(same.source.weights, same.target.weights)).toBeLessThan(1e-9);
  const found = subspaceAlignment(rows, { dimensions: 2 });
  expect([found.source.weights.columns, found.target.weights.columns]).toEqual([2, 2]);
  // P_s P_s^T P_t is the part of P_t inside the source's subspace: never longer than P_t.
  expect(found.source.weights.norm()).toBeLessThanOrEqual(found.target.weights.norm() + 1e-12);
});

const gap = ({ source, target }: DomainRows): number =>
  Math.hypot(...source.mean("column").map((mean, j) => mean - (target.mean("column")[j] ?? 0)));
const projected = (alignment: ReturnType<typeof transferComponents>): DomainRows => ({
  source: mapped(alignment.source, rows.source),
  target: mapped(alignment.target, rows.target),
});

it("transfer components: the domains' means lie together where the principal components leave them apart", () => {
  const found = projected(transferComponents(rows, { dimensions: 2, ridge: 1e-3 }));
  const principal = projected(transferComponents({ ...rows, target: rows.source }, { dimensions: 2, ridge: 1e-3 }));
  const spread = (each: DomainRows): number => each.source.standardDeviation("column")[0] ?? Number.NaN;
  expect(gap(found) / spread(found)).toBeLessThan(0.1 * (gap(principal) / spread(principal)));
});

it("joint distribution adaptation brings the means of classes together, by its own predictions", () => {
  // Two classes along the first axis. In the target they part along the second as well, in opposite directions, so that the
  // means of all rows say nothing of it.
  const labels = Array.from({ length: 60 }, (_, i) => i % 2);
  const domain = (seed: number, apart: number): Matrix => {
    const noise = normals(60, 3, seed).mul(0.3);
    for (const [i, label] of labels.entries()) {
      noise.set(i, 0, noise.get(i, 0) + 3 * label);
      noise.set(i, 1, noise.get(i, 1) + apart * (label - 0.5));
    }
    return noise;
  };
  const own = { source: domain(3, 0), target: domain(4, 2) };
  const nearestMean = (source: Matrix, known: ArrayLike<number>, target: Matrix): number[] => {
    const means = [0, 1].map((c) => {
      const of = Array.from(known).flatMap((label, i) => (label === c ? [i] : []));
      return source.subMatrixRow(of).mean("column");
    });
    const apart = (row: number[], mean: number[] = []): number =>
      Math.hypot(...row.map((value, j) => value - (mean[j] ?? 0)));
    return target.to2DArray().map((row) => (apart(row, means[0]) < apart(row, means[1]) ? 0 : 1));
  };
  const classGap = (rounds: number): number => {
    const found = jointDistribution(own, labels, nearestMean, { dimensions: 2, ridge: 1e-3, rounds });
    const at = (c: number, each: Matrix): number[] =>
      each.subMatrixRow(labels.flatMap((label, i) => (label === c ? [i] : []))).mean("column");
    const [source, target] = [mapped(found.source, own.source), mapped(found.target, own.target)];
    const spread = source.norm() / Math.sqrt(source.rows);
    const gaps = [0, 1].map((c) => Math.hypot(...at(c, source).map((mean, j) => mean - (at(c, target)[j] ?? 0))));
    return ((gaps[0] ?? 9) + (gaps[1] ?? 9)) / spread;
  };
  expect(classGap(5)).toBeLessThan(0.25 * classGap(1));
});

describe("refusals", () => {
  it.each([
    ["widths that differ", { source: normals(4, 3, 1), target: normals(4, 2, 1) }, /width, got 3 and 2/],
    ["one row", { source: normals(1, 3, 1), target: normals(4, 3, 1) }, /at least 2 rows of each domain, got 1/],
    [
      "too many columns",
      { source: new Matrix(2, 1025), target: new Matrix(2, 1025) },
      /at most 1024 columns, got 1025/,
    ],
  ] as const)("%s", (_, given, message) => {
    expect(() => coral(given)).toThrow(message);
  });

  it("more dimensions than there are", () => {
    expect(() => subspaceAlignment(rows, { dimensions: 4 })).toThrow(/1 to 3 dimensions for these rows, got 4/);
    expect(() => transferComponents(rows, { dimensions: 4 })).toThrow(/1 to 3 dimensions/);
  });
});
