/**
 * The proxy A-distance (Ben-David et al. 2006; JMLR 17, section 5.1.5): how well a *fresh* linear classifier tells the
 * domains apart. PAD = 2 (1 - 2 err) on the held-out halves: 0 when they cannot be told apart, 2 when always. The
 * discriminator that trained against the features proves nothing (it may just be dead), hence a fresh one.
 */

import { domainLabel } from "../domain.ts";
import { usageError } from "../errors.ts";
import { type Random, random } from "../random.ts";
import { fitLogistic, type LogisticModel, logisticScores, type Matrix } from "./logistic.ts";
import { standardise } from "./standardise.ts";

export interface DomainDistanceOptions {
  /** Seeds the sample and the halves. Default 0. */
  readonly seed?: number;
  /** Most rows of each domain that are looked at. Default 1,000. */
  readonly sample?: number;
}

/** Strengths of the penalty that are tried; the lowest held-out error counts, as in the paper. */
const penalties = [1, 1e-1, 1e-2, 1e-3, 1e-4] as const;

/** Rows of each domain that are the least: two to train a classifier on, two to try it. */
export const fewestRows = 4;

/** PAD in [0, 2] between two sets of rows of equal width. */
export function domainDistance(source: Matrix, target: Matrix, options: DomainDistanceOptions = {}): number {
  const { seed = 0, sample = 1000 } = options;
  if (source.width !== target.width) {
    throw usageError(
      "domain-distance",
      `domain distance: expected rows of equal width, got ${source.width} and ${target.width}`,
    );
  }
  // Equal numbers: with unequal ones a classifier that always names the larger domain would look good.
  const each = Math.min(sample, source.rows, target.rows);
  if (each < fewestRows)
    throw usageError(
      "domain-distance",
      `domain distance: expected at least ${fewestRows} rows of each domain, got ${each}`,
    );
  const chance = random(seed).split("domain-distance");
  const halves = [pick(source, each, chance.split("source")), pick(target, each, chance.split("target"))] as const;
  const half = Math.floor(each / 2);
  const fitted = stack(halves, (rows) => rows.slice(0, half));
  const heldOut = stack(halves, (rows) => rows.slice(half));
  standardise(fitted, heldOut);
  let lowest = 0.5;
  let start: LogisticModel | undefined;
  for (const l2 of penalties) {
    start = fitLogistic(fitted, fitted.labels, { l2, ...(start && { start }) });
    lowest = Math.min(lowest, errorRate(logisticScores(start, heldOut), heldOut.labels));
  }
  return proxyDistance(lowest);
}

/** PAD = 2 (1 - 2 err) of the error with which the domains are told apart, at most 1/2. */
export const proxyDistance = (error: number): number => 2 * (1 - 2 * error);

type Labelled = { rows: number; width: number; values: Float64Array; labels: Uint8Array };
type Picked = { readonly matrix: Matrix; readonly indices: readonly number[] };

function pick(matrix: Matrix, count: number, chance: Random): Picked {
  const indices = chance.shuffle(Array.from({ length: matrix.rows }, (_, i) => i)).slice(0, count);
  return { matrix, indices };
}

function stack(
  [source, target]: readonly [Picked, Picked],
  part: (rows: readonly number[]) => readonly number[],
): Labelled {
  const width = source.matrix.width;
  const blocks = [
    { matrix: source.matrix, indices: part(source.indices), label: domainLabel("source") },
    { matrix: target.matrix, indices: part(target.indices), label: domainLabel("target") },
  ];
  const rows = blocks.reduce((sum, block) => sum + block.indices.length, 0);
  const values = new Float64Array(rows * width);
  const labels = new Uint8Array(rows);
  let row = 0;
  for (const { matrix, indices, label } of blocks) {
    for (const index of indices) {
      for (let j = 0; j < width; j++) values[row * width + j] = matrix.values[index * width + j] ?? 0;
      labels[row++] = label;
    }
  }
  return { rows, width, values, labels };
}

function errorRate(scores: Float64Array, labels: Uint8Array): number {
  let wrong = 0;
  scores.forEach((score, i) => {
    if (score > 0 !== (labels[i] === 1)) wrong++;
  });
  return wrong / scores.length;
}
