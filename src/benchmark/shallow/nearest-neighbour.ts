/**
 * One nearest neighbour, the baseline that papers on Office-Caltech print (Gong et al. 2012; Long et al. 2013): histograms
 * divided by their sum, then each domain standardised by itself, and Euclidean distance. It has no chance and no setting,
 * so its figures test how data are read.
 */
import type { DenseRows } from "../../data/dataset.ts";
import { fitPreprocess } from "../../data/preprocess.ts";
import { sharedFloat32 } from "../../data/shared-memory.ts";
import { usageError } from "../../errors.ts";

/** Every row divided by its sum; rows of zeros stay. */
export function rowShares(rows: DenseRows): DenseRows {
  const { width } = rows;
  const values = sharedFloat32(rows.values.length);
  for (let row = 0; row < rows.rows; row++) {
    const own = rows.values.subarray(row * width, (row + 1) * width);
    const sum = own.reduce((a, b) => a + b, 0);
    if (sum !== 0)
      values.set(
        own.map((value) => value / sum),
        row * width,
      );
  }
  return { ...rows, values };
}

/** Zero mean and unit variance of every column, by these rows themselves or by others. */
export function zScored(rows: DenseRows, by = rows): DenseRows {
  const spec = fitPreprocess(by, undefined, { standardise: "source" });
  const { mean = [], scale = [] } = spec.kind === "features" ? (spec.source ?? {}) : {};
  const { width } = rows;
  const values = rows.values.map((value, i) => (value - (mean[i % width] ?? 0)) / (scale[i % width] ?? 1));
  return { ...rows, values };
}

/** The label of the nearest source row, the first of equally near ones, for each target row. */
export function nearestNeighbour(source: DenseRows, labels: ArrayLike<number>, target: DenseRows): Int32Array {
  if (source.width !== target.width)
    throw usageError(
      "neighbour-width",
      `nearest neighbour: expected rows of equal width, got ${source.width} and ${target.width}`,
    );
  if (source.rows === 0 || labels.length !== source.rows)
    throw usageError(
      "neighbour-labels",
      `nearest neighbour: expected a label for each of at least 1 source row, got ${labels.length} for ${source.rows}`,
    );
  return Int32Array.from({ length: target.rows }, (_, row) => {
    let [nearest, best] = [Number.POSITIVE_INFINITY, 0];
    for (let other = 0; other < source.rows; other++) {
      const distance = squaredDistance(source, other, target, row, nearest);
      if (distance < nearest) [nearest, best] = [distance, other];
    }
    return labels[best] as number;
  });
}

/** |a_i - b_j|^2, or something above `limit` as soon as it is above. */
function squaredDistance(a: DenseRows, i: number, b: DenseRows, j: number, limit: number): number {
  const { width } = a;
  let sum = 0;
  for (let k = 0; k < width && sum <= limit; k++)
    sum += ((a.values[i * width + k] as number) - (b.values[j * width + k] as number)) ** 2;
  return sum;
}
