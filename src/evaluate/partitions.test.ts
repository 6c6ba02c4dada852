/** k-means, adjusted mutual information, eigenvalues and pairs: what the validators stand on. */
import { expect, test } from "vitest";
import { canMix, mixRows } from "../data/mix.ts";
import { random } from "../random.ts";
import { singularValues, symmetricEigenvalues } from "./eigenvalues.ts";
import { kMeans } from "./k-means.ts";
import { mixturePairs } from "./mixture-pairs.ts";
import { adjustedMutualInformation } from "./mutual-information.ts";

test("eigenvalues of matrices whose eigenvalues are known", () => {
  const sorted = (values: Float64Array): number[] => [...values].sort((a, b) => a - b);
  expect(sorted(symmetricEigenvalues(Float64Array.from([2, 0, 1, 2]), 2))).toEqual([
    expect.closeTo(1, 12),
    expect.closeTo(3, 12),
  ]);
  // The path's Laplacian: 2 - 2 cos(k pi / n).
  const n = 40;
  const path = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    path[i * n + i] = i === 0 || i === n - 1 ? 1 : 2;
    if (i > 0) path[i * n + i - 1] = -1;
  }
  sorted(symmetricEigenvalues(path, n)).forEach((value, k) => {
    expect(value).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / n), 10);
  });
  expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
});

test("singular values keep the squared norm, tall and wide alike", () => {
  const r = random(1);
  const values = Float64Array.from({ length: 12 * 30 }, () => r.normal());
  const square = values.reduce((sum, value) => sum + value * value, 0);
  const tall = singularValues({ rows: 30, width: 12, values });
  const turned = Float64Array.from(values, (_, i) => values[(i % 30) * 12 + Math.floor(i / 30)] ?? 0);
  const wide = singularValues({ rows: 12, width: 30, values: turned });
  expect(tall.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(square, 8);
  const order = (found: Float64Array): number[] => [...found].sort((a, b) => a - b);
  order(tall).forEach((value, i) => {
    expect(value).toBeCloseTo(order(wide)[i] ?? 0, 8);
  });
});

test("k-means finds clusters that lie apart, the same twice, also with fewer rows than clusters", () => {
  const r = random(2);
  const values = Float64Array.from({ length: 90 * 2 }, (_, i) => 20 * (Math.floor(i / 2) % 3) + r.normal());
  const clusters = kMeans({ rows: 90, width: 2, values }, 3);
  const truth = Int32Array.from({ length: 90 }, (_, row) => row % 3);
  expect(adjustedMutualInformation(clusters, truth)).toBeCloseTo(1, 12);
  expect(kMeans({ rows: 90, width: 2, values }, 3)).toEqual(clusters);
  expect(new Set(kMeans({ rows: 2, width: 1, values: [0, 5] }, 4)).size).toBe(2);
});

test("adjusted mutual information: equal 1, independent about 0, one part 0, whatever the names", () => {
  expect(adjustedMutualInformation([0, 0, 1, 1], [5, 5, 2, 2])).toBeCloseTo(1, 12);
  expect(adjustedMutualInformation([0, 0, 0, 0], [0, 1, 2, 3])).toBeCloseTo(0, 12);
  expect(adjustedMutualInformation([0, 0], [1, 1])).toBe(0);
  expect(adjustedMutualInformation([0, 0, 0, 1], [0, 0, 1, 1])).toBeCloseTo(handMade(), 10);
  const r = random(3);
  const dealt = (): number[] => Array.from({ length: 2000 }, () => r.integer(8));
  expect(Math.abs(adjustedMutualInformation(dealt(), dealt()))).toBeLessThan(0.01);
});

/** The same by hand: parts of 3 and 1 rows against halves. */
function handMade(): number {
  const information = (both: number): number => {
    const cells = [
      [both, 3, 2],
      [3 - both, 3, 2],
      [2 - both, 1, 2],
      [both - 1, 1, 2],
    ] as const;
    return cells.reduce(
      (sum, [count, m, n]) => sum + (count === 0 ? 0 : (count / 4) * Math.log((4 * count) / (m * n))),
      0,
    );
  };
  // The one row of part 1 is in either half in half of the ways.
  const expected = (information(1) + information(2)) / 2;
  const entropy = (shares: readonly number[]): number => -shares.reduce((sum, p) => sum + p * Math.log(p), 0);
  return (information(2) - expected) / ((entropy([0.75, 0.25]) + entropy([0.5, 0.5])) / 2 - expected);
}

test("pairs are of one predicted class or of two, and of a collapse there are no mixed ones", () => {
  const predicted = Int32Array.from({ length: 50 }, (_, row) => (row < 40 ? 0 : (row % 3) + 1));
  const { intra, inter } = mixturePairs(predicted, 30);
  expect(intra.first).toHaveLength(30);
  expect(inter.first).toHaveLength(30);
  intra.first.forEach((row, i) => {
    expect(predicted[row]).toBe(predicted[intra.second[i] ?? -1]);
    expect(row).not.toBe(intra.second[i]);
  });
  inter.first.forEach((row, i) => {
    expect(predicted[row]).not.toBe(predicted[inter.second[i] ?? -1]);
  });
  expect(mixturePairs(new Int32Array(20), 10).inter.first).toHaveLength(0);
  expect(mixturePairs(predicted, 30)).toEqual({ intra, inter });
});

test("rows are mixed by weight: images, signals, numbers and sparse rows, but no categories", () => {
  const pairs = { first: Int32Array.from([0, 1]), second: Int32Array.from([1, 1]) };
  const image = { kind: "image", rows: 2, height: 1, width: 2, channels: 1 } as const;
  expect(mixRows({ ...image, pixels: Uint8Array.from([0, 100, 200, 10]) }, pairs, 0.55)).toMatchObject({
    rows: 2,
    pixels: Uint8Array.from([90, 60, 200, 10]),
  });
  const dense = { kind: "dense", rows: 2, width: 1, values: Float32Array.from([1, 3]) } as const;
  expect(mixRows(dense, pairs, 0.5)).toMatchObject({ values: Float32Array.from([2, 3]) });
  const sparse = mixRows(
    {
      kind: "sparse",
      rows: 2,
      width: 4,
      indexBase: 0,
      offsets: Uint32Array.from([0, 1, 3]),
      indices: Uint32Array.from([3, 0, 3]),
      values: Float32Array.from([8, 4, 2]),
    },
    pairs,
    0.5,
  );
  expect(sparse).toMatchObject({ indices: Uint32Array.from([0, 3, 0, 3]), values: Float32Array.from([2, 5, 4, 2]) });
  const table = { kind: "table", rows: 2, numeric: Float32Array.from([1, Number.NaN]) } as const;
  const numbers = mixRows({ ...table, categorical: new Int32Array(0) }, pairs, 0.5);
  expect(numbers).toMatchObject({ numeric: Float32Array.from([Number.NaN, Number.NaN]) });
  const words = { ...table, categorical: Int32Array.from([0, 1]) };
  expect(canMix(words)).toBe(false);
  expect(mixRows(words, pairs, 0.5)).toBeUndefined();
});
