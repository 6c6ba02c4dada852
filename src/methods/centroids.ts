/**
 * SHOT's pseudo-labels (Liang et al., ICML 2020, equations 4 to 6): centroids of the classes in the features of all rows,
 * weighted by the predictions; each row gets the class of the nearest; once more, with the centroids of these classes.
 * Features have a 1 appended and nearness is the cosine, as in the authors' release. A class that no row has got is left
 * out of the second round.
 */
import { softmaxRows } from "../softmax-rows.ts";
import type { TargetSeen } from "./method.ts";

export function centroidLabels({ rows, classes, logits, features, featureWidth }: TargetSeen): Int32Array {
  const width = featureWidth + 1;
  const points = unitRows(features, rows, featureWidth);
  const first = nearest(points, width, centroids(points, width, softmaxRows(logits, classes), classes));
  const membership = new Float64Array(rows * classes);
  first.forEach((label, row) => {
    membership[row * classes + label] = 1;
  });
  return nearest(points, width, centroids(points, width, membership, classes));
}

/** Rows with a 1 behind them, scaled to length 1. */
function unitRows(features: Float32Array, rows: number, width: number): Float64Array {
  const points = new Float64Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    const point = points.subarray(row * (width + 1), (row + 1) * (width + 1));
    point.set(features.subarray(row * width, (row + 1) * width));
    point[width] = 1;
    const length = lengthOf(point);
    for (let i = 0; i <= width; i++) point[i] = (point[i] as number) / length;
  }
  return points;
}

/** Directions of the weighted means [classes, width], of length 1; all zero for a class without weight. */
function centroids(points: Float64Array, width: number, weights: Float64Array, classes: number): Float64Array {
  const means = new Float64Array(classes * width);
  for (let row = 0; row < points.length / width; row++)
    for (let c = 0; c < classes; c++) {
      const weight = weights[row * classes + c] as number;
      if (weight === 0) continue;
      for (let i = 0; i < width; i++)
        means[c * width + i] = (means[c * width + i] as number) + weight * (points[row * width + i] as number);
    }
  for (let start = 0; start < means.length; start += width) {
    const mean = means.subarray(start, start + width);
    const length = lengthOf(mean);
    if (length > 0) for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) / length;
  }
  return means;
}

/** Of each point the centroid with the largest cosine, the first of equals; centroids of length 0 are nobody's. */
function nearest(points: Float64Array, width: number, means: Float64Array): Int32Array {
  const there = Array.from({ length: means.length / width }, (_, c) => c).filter((c) =>
    means.subarray(c * width, (c + 1) * width).some((value) => value !== 0),
  );
  return Int32Array.from({ length: points.length / width }, (_, row) => {
    let best = there[0] ?? 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (const c of there) {
      let cosine = 0;
      for (let i = 0; i < width; i++) cosine += (points[row * width + i] as number) * (means[c * width + i] as number);
      if (cosine > highest) [best, highest] = [c, cosine];
    }
    return best;
  });
}

function lengthOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
