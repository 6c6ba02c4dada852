/**
 * How far apart two sets of rows are, by a linear classifier in five folds: every row is judged by a classifier that has
 * not seen it. PAD = 2 (1 - 2 err) = 4 accuracy - 2 (Ben-David et al. 2006), with the ends of the accuracy's 95 % Wilson
 * interval (1927) put through the same line. `evaluate/domain-distance.ts` takes the lowest error of five penalties, as
 * the paper does, and so is never quite 0; here the penalty is chosen inside the training folds, so that chance is
 * chance.
 */
import { domainLabel } from "../domain.ts";
import { fitLogistic, type LogisticModel, logisticScores, type Matrix } from "../evaluate/logistic.ts";
import { standardise, type Writable } from "../evaluate/standardise.ts";
import { type Random, random } from "../random.ts";

export interface CrossValidated {
  /** Share of rows that are told right; as many of each domain, so .5 by chance. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** Rows judged, of both domains. */
  readonly rows: number;
  /** Score of each row of the source, and of the target: above 0 is "target". NaN of rows that had no part. */
  readonly scores: { readonly source: Float64Array; readonly target: Float64Array };
  /** Weight of each feature when standardised, of one classifier on all rows; above 0 speaks for the target. */
  readonly weights: Float64Array;
}

/** Fewer rows of a domain than this say nothing in five folds. */
export const fewestRows = 20;

const folds = 5;
const penalties = [1, 1e-1, 1e-2, 1e-3] as const;

export interface CrossValidationOptions {
  readonly seed: number;
  /** Most rows of each domain. */
  readonly most: number;
}

export function crossValidate(source: Matrix, target: Matrix, { seed, most }: CrossValidationOptions): CrossValidated {
  const each = Math.min(most, source.rows, target.rows);
  const chance = random(seed).split("probe-folds");
  const drawn = [draw(source.rows, each, chance.split("source")), draw(target.rows, each, chance.split("target"))];
  const rows: Row[] = drawn.flatMap((indices, domain) =>
    indices.map((index, place) => ({ domain: domain === 0 ? "source" : "target", index, fold: place % folds })),
  );
  const matrices = { source, target };
  const scores = {
    source: new Float64Array(source.rows).fill(Number.NaN),
    target: new Float64Array(target.rows).fill(Number.NaN),
  };
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const asked = rows.filter((row) => row.fold === fold);
    const others = rows.filter((row) => row.fold !== fold);
    // The next fold is held out to choose the penalty.
    const inner = (fold + 1) % folds;
    const l2 = choosePenalty(
      others.filter((row) => row.fold !== inner),
      others.filter((row) => row.fold === inner),
      matrices,
    );
    const fitted = stack(others, matrices);
    const heldOut = stack(asked, matrices);
    standardise(fitted, heldOut);
    logisticScores(fitLogistic(fitted, fitted.labels, { l2 }), heldOut).forEach((score, i) => {
      const row = asked[i] as Row;
      scores[row.domain][row.index] = score;
      // A score of 0, of rows that are all alike, is half right.
      right += score === 0 ? 0.5 : score > 0 === (row.domain === "target") ? 1 : 0;
    });
  }
  const whole = stack(rows, matrices);
  standardise(whole);
  const { weights } = fitLogistic(whole, whole.labels, { l2: 1e-2 });
  return { ...wilson(right, rows.length), rows: rows.length, scores, weights };
}

interface Row {
  readonly domain: "source" | "target";
  readonly index: number;
  readonly fold: number;
}

type Matrices = Readonly<Record<Row["domain"], Matrix>>;
type Labelled = Writable & { readonly labels: Uint8Array };

const draw = (rows: number, count: number, chance: Random): number[] =>
  chance.shuffle(Array.from({ length: rows }, (_, row) => row)).slice(0, count);

function stack(rows: readonly Row[], matrices: Matrices): Labelled {
  const { width } = matrices.source;
  const values = new Float64Array(rows.length * width);
  rows.forEach(({ domain, index }, row) => {
    const from = matrices[domain].values;
    for (let j = 0; j < width; j++) values[row * width + j] = from[index * width + j] ?? 0;
  });
  return { rows: rows.length, width, values, labels: Uint8Array.from(rows, ({ domain }) => domainLabel(domain)) };
}

/** The penalty of the lowest log loss on rows that did not fit; the stronger of equals. */
function choosePenalty(fit: readonly Row[], judge: readonly Row[], matrices: Matrices): number {
  const fitted = stack(fit, matrices);
  const judged = stack(judge, matrices);
  standardise(fitted, judged);
  let best: { l2: number; loss: number } | undefined;
  let start: LogisticModel | undefined;
  for (const l2 of penalties) {
    start = fitLogistic(fitted, fitted.labels, { l2, ...(start && { start }) });
    const scores = logisticScores(start, judged);
    const loss = scores.reduce((sum, score, i) => sum + logLoss(judged.labels[i] === 1 ? score : -score), 0);
    if (best === undefined || loss < best.loss) best = { l2, loss };
  }
  return best?.l2 ?? penalties[0];
}

/** ln(1 + e^-margin), without overflow. */
const logLoss = (margin: number): number => Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));

/** 97.5th percentile of the normal distribution. */
const z = 1.959964;

export function wilson(right: number, rows: number): { accuracy: number; low: number; high: number } {
  const accuracy = right / rows;
  const centre = (accuracy + (z * z) / (2 * rows)) / (1 + (z * z) / rows);
  const reach = (z / (1 + (z * z) / rows)) * Math.sqrt((accuracy * (1 - accuracy)) / rows + (z / (2 * rows)) ** 2);
  return { accuracy, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) };
}

/** PAD of an accuracy, within its bounds. */
export const distanceOf = (accuracy: number): number => Math.min(2, Math.max(0, 4 * accuracy - 2));
