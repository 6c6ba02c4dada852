/** k-means (Lloyd 1982) from seeded centres (k-means++: Arthur and Vassilvitskii 2007); the best of a few starts. */
import { type Random, random } from "../random.ts";
import type { Matrix } from "./logistic.ts";

export interface KMeansOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Starts, of which the one with the least spread counts. Default 2. */
  readonly starts?: number;
  /** Most passes of each start. Default 20. */
  readonly passes?: number;
}

/** The cluster of each row, from 0; fewer than `clusters` are used where there are fewer different rows. */
export function kMeans(x: Matrix, clusters: number, options: KMeansOptions = {}): Int32Array {
  const { seed = 0, starts = 2, passes = 20 } = options;
  let best: Assignment | undefined;
  for (let start = 0; start < starts; start++) {
    const found = lloyd(x, firstCentres(x, clusters, random(seed).split("k-means").split(start)), passes);
    if (best === undefined || found.spread < best.spread) best = found;
  }
  return best?.clusters ?? new Int32Array(x.rows);
}

interface Assignment {
  readonly clusters: Int32Array;
  /** Sum of squared distances to the centres. */
  readonly spread: number;
}

/** Each next centre is a row, drawn with the square of its distance to the nearest one so far. */
function firstCentres(x: Matrix, clusters: number, chance: Random): Float64Array {
  const centres = new Float64Array(clusters * x.width);
  const nearest = new Float64Array(x.rows).fill(Number.POSITIVE_INFINITY);
  let chosen = chance.integer(x.rows);
  for (let c = 0; c < clusters; c++) {
    for (let j = 0; j < x.width; j++) centres[c * x.width + j] = x.values[chosen * x.width + j] as number;
    let sum = 0;
    for (let row = 0; row < x.rows; row++) {
      const distance = Math.min(nearest[row] as number, distanceTo(x, row, centres, c));
      nearest[row] = distance;
      sum += distance;
    }
    // No row is left that is not a centre: the others stay where they are, without rows.
    if (sum === 0) return centres.slice(0, (c + 1) * x.width);
    chosen = drawBy(nearest, chance.uniform() * sum);
  }
  return centres;
}

/** The place where the running sum of the weights passes `point`. */
function drawBy(weights: Float64Array, point: number): number {
  let last = 0;
  for (let i = 0, sum = 0; i < weights.length && sum <= point; i++) {
    sum += weights[i] as number;
    if (weights[i] !== 0) last = i;
  }
  return last;
}

function lloyd(x: Matrix, centres: Float64Array, passes: number): Assignment {
  const { rows, width, values } = x;
  const clusters = new Int32Array(rows).fill(-1);
  const count = centres.length / Math.max(1, width);
  let spread = 0;
  for (let pass = 0; pass < passes; pass++) {
    let moved = 0;
    spread = 0;
    for (let row = 0; row < rows; row++) {
      let [cluster, least] = [0, Number.POSITIVE_INFINITY];
      for (let c = 0; c < count; c++) {
        const distance = distanceTo(x, row, centres, c);
        if (distance < least) [cluster, least] = [c, distance];
      }
      if (clusters[row] !== cluster) moved++;
      clusters[row] = cluster;
      spread += least;
    }
    if (moved === 0) break;
    const sizes = new Float64Array(count);
    const sums = new Float64Array(centres.length);
    for (let row = 0; row < rows; row++) {
      const cluster = clusters[row] as number;
      sizes[cluster] = (sizes[cluster] as number) + 1;
      for (let j = 0; j < width; j++) {
        const at = cluster * width + j;
        sums[at] = (sums[at] as number) + (values[row * width + j] as number);
      }
    }
    // A centre that has lost its rows stays.
    sums.forEach((sum, at) => {
      const size = sizes[Math.floor(at / width)] as number;
      if (size > 0) centres[at] = sum / size;
    });
  }
  return { clusters, spread };
}

/** Squared distance of a row to a centre. */
function distanceTo({ width, values }: Matrix, row: number, centres: Float64Array, centre: number): number {
  let sum = 0;
  for (let j = 0, a = row * width, b = centre * width; j < width; j++, a++, b++) {
    const difference = (values[a] as number) - (centres[b] as number);
    sum += difference * difference;
  }
  return sum;
}
