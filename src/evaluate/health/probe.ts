/**
 * How well a fresh classifier tells the domains apart on held-out rows (a classifier two-sample test: Lopez-Paz and
 * Oquab, ICLR 2017): the better of a linear one and five nearest neighbours. Domains that are turned against each
 * other, or lie inside one another, no line separates.
 */
import { random } from "../../random.ts";
import { domainDistance } from "../domain-distance.ts";
import type { Matrix } from "../logistic.ts";
import { pickRows, stackRows } from "../sample.ts";
import { standardise } from "../standardise.ts";

export interface Probe {
  /** Share of the held-out rows that it gets right, as many of each domain; .5 by chance. */
  readonly accuracy: number;
  /** Held-out rows. */
  readonly rows: number;
}

export interface ProbeOptions {
  readonly seed: number;
  /** Most rows of each domain. */
  readonly sample: number;
  /** Proxy A-distance of these rows, where it is known already; default: worked out with the same seed and sample. */
  readonly distance?: number;
}

const neighbours = 5;

export function probeDomains(source: Matrix, target: Matrix, options: ProbeOptions): Probe {
  const { seed, sample, distance = domainDistance(source, target, { seed, sample }) } = options;
  // d = 2 (1 - 2 err), so the linear one is right on 1/2 + d/4.
  const linear = 0.5 + distance / 4;
  const each = Math.min(sample, source.rows, target.rows);
  const half = Math.floor(each / 2);
  const chance = random(seed).split("probe");
  const drawn = [source, target].map((matrix, d) => {
    const order = chance.split(d).shuffle(Int32Array.from({ length: matrix.rows }, (_, row) => row));
    return { fitted: pickRows(matrix, order.slice(0, half)), heldOut: pickRows(matrix, order.slice(half, each)) };
  });
  const fitted = stackRows(drawn.map((part) => part.fitted));
  const heldOut = stackRows(drawn.map((part) => part.heldOut));
  standardise(fitted, heldOut);
  let right = 0;
  for (let row = 0; row < heldOut.rows; row++) {
    const votes = nearest(fitted, heldOut, row).filter((index) => index >= half).length;
    if (votes > neighbours / 2 === row >= heldOut.rows / 2) right++;
  }
  return { accuracy: Math.max(linear, right / heldOut.rows), rows: heldOut.rows };
}

/** The accuracy that chance alone does not pass: two and a half standard errors, at least five points, above 1/2. */
export const chanceAccuracy = (rows: number): number => 0.5 + Math.max(0.05, 1.25 / Math.sqrt(rows));

/** Numbers of the fitted rows that lie nearest to a row, the earlier of equals. */
function nearest(fitted: Matrix, asked: Matrix, row: number): number[] {
  const { width } = fitted;
  const kept: { index: number; distance: number }[] = [];
  for (let index = 0; index < fitted.rows; index++) {
    let distance = 0;
    for (let j = 0, a = index * width, b = row * width; j < width; j++, a++, b++)
      distance += ((fitted.values[a] as number) - (asked.values[b] as number)) ** 2;
    if (kept.length === neighbours && distance >= (kept[neighbours - 1]?.distance ?? 0)) continue;
    const place = kept.findIndex((one) => distance < one.distance);
    kept.splice(place < 0 ? kept.length : place, 0, { index, distance });
    kept.length = Math.min(kept.length, neighbours);
  }
  return kept.map(({ index }) => index);
}
