/**
 * Inter-twinning moons (JMLR 17, section 5.1; papers.md 3.4): two half circles, the target the same distribution
 * turned about the origin. The half circles are those of scikit-learn's `make_moons`.
 */
import { type Random, random } from "../../random.ts";
import type { Dataset } from "../dataset.ts";
import { sharedFloat32 } from "../shared-memory.ts";

export interface MoonsOptions {
  /** Rows of each domain. Default 300, as in the text of the paper. */
  readonly rows?: number;
  /** Standard deviation of the noise on both coordinates. Default 0.05, as in the authors' code. */
  readonly noise?: number;
  /** Degrees by which the target is turned, counter-clockwise. Default 35. */
  readonly rotation?: number;
  /** Whether the source's mean is subtracted from both domains first, so that the turn is about the middle. Default true. */
  readonly centre?: boolean;
  /** Factor on both domains after centring. Default 1; the authors' code has 2. */
  readonly scale?: number;
  /** Default 0. */
  readonly seed?: string | number;
}

export interface DomainPair {
  readonly source: Dataset;
  /** Labelled, for scoring. */
  readonly target: Dataset;
}

export function moons(options: MoonsOptions = {}): DomainPair {
  const { rows = 300, noise = 0.05, rotation = 35, centre = true, scale = 1, seed = 0 } = options;
  const generator = random(seed).split("moons");
  const source = halfCircles(rows, noise, generator.split("source"));
  const target = halfCircles(rows, noise, generator.split("target"));
  const mean = centre ? meanOf(source.points) : ([0, 0] as const);
  const origin = (domain: string): string =>
    `moons(${domain}, rows ${rows}, noise ${noise}, rotation ${rotation}, seed ${seed})`;
  return {
    source: dataset(origin("source"), place(source.points, mean, scale, 0), source.labels),
    target: dataset(origin("target"), place(target.points, mean, scale, rotation), target.labels),
  };
}

interface Labelled {
  /** x, y, x, y, … */
  readonly points: Float64Array;
  readonly labels: readonly string[];
}

/** Class 0: the upper half circle about (0, 0). Class 1: the lower one about (1, 0.5). Rows in random order. */
function halfCircles(rows: number, noise: number, generator: Random): Labelled {
  const upper = rows >> 1;
  const order = generator.split("order").shuffle(Int32Array.from({ length: rows }, (_, row) => row));
  const points = new Float64Array(2 * rows);
  const labels: string[] = [];
  order.forEach((item, row) => {
    const isUpper = item < upper;
    const [position, count] = isUpper ? [item, upper] : [item - upper, rows - upper];
    const angle = (Math.PI * position) / Math.max(1, count - 1);
    points[2 * row] = (isUpper ? Math.cos(angle) : 1 - Math.cos(angle)) + noise * generator.normal();
    points[2 * row + 1] = (isUpper ? Math.sin(angle) : 0.5 - Math.sin(angle)) + noise * generator.normal();
    labels.push(isUpper ? "0" : "1");
  });
  return { points, labels };
}

function meanOf(points: Float64Array): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let i = 0; i < points.length; i += 2) {
    x += points[i] ?? 0;
    y += points[i + 1] ?? 0;
  }
  const rows = Math.max(1, points.length / 2);
  return [x / rows, y / rows];
}

function place(points: Float64Array, mean: readonly [number, number], scale: number, degrees: number): Float32Array {
  const placed = sharedFloat32(points.length);
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < points.length; i += 2) {
    const x = scale * ((points[i] ?? 0) - mean[0]);
    const y = scale * ((points[i + 1] ?? 0) - mean[1]);
    placed[i] = cos * x - sin * y;
    placed[i + 1] = sin * x + cos * y;
  }
  return placed;
}

const dataset = (origin: string, values: Float32Array, labels: readonly string[]): Dataset => ({
  origin,
  rows: { kind: "dense", rows: labels.length, width: 2, values },
  labels,
});
