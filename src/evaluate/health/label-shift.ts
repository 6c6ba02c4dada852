/**
 * Label shift: classes are more frequent in the target than in the source, or less. Black box shift estimation (Lipton,
 * Wang and Smola, ICML 2018): with C_ij = P_S(predicted i, label j) and m_i = P_T(predicted i), w = C^-1 m is
 * q(y) / p(y). True where rows of a class look alike in both places; a model that errs more on the target than on the
 * source bends it, so it raises a suspicion and no more.
 */

import type { Domain } from "../../domain.ts";
import type { MethodOptions } from "../../methods/registry.ts";
import { drawRows, random } from "../../random.ts";
import type { BothMatrices } from "../leading.ts";
import { confusionMatrix } from "../metrics.ts";
import { effectiveNumber } from "../probabilities.ts";
import { pickRows } from "../sample.ts";
import { alignLess, type Finding, percent } from "./finding.ts";

export interface LabelShiftEvidence {
  readonly classes: readonly string[];
  /** Labels of held-out source rows, and what the model predicts for them. */
  readonly sourceLabels: ArrayLike<number>;
  readonly sourcePredictions: ArrayLike<number>;
  readonly targetPredictions: ArrayLike<number>;
}

export interface LabelShift {
  /** Share of each class in the source's labels. */
  readonly source: readonly number[];
  /** Estimated share in the target. */
  readonly target: readonly number[];
  /** Total variation between them, 0 to 1, with the ends of its 95 % bootstrap interval. */
  readonly distance: number;
  readonly low: number;
  readonly high: number;
}

const draws = 200;

/** Null where it cannot be worked out: a class without held-out rows, or one that is never predicted apart. */
export function labelShift(evidence: LabelShiftEvidence): LabelShift | null {
  const { sourceLabels, targetPredictions } = evidence;
  const rows = { source: sourceLabels.length, target: targetPredictions.length };
  if (rows.source === 0 || rows.target === 0) return null;
  const whole = estimate(
    evidence,
    (i) => i,
    (i) => i,
  );
  if (whole === null) return null;
  const chance = random(0).split("label-shift");
  const distances: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const own = Int32Array.from({ length: rows.source }, () => chance.integer(rows.source));
    const others = Int32Array.from({ length: rows.target }, () => chance.integer(rows.target));
    const found = estimate(
      evidence,
      (i) => own[i] as number,
      (i) => others[i] as number,
    );
    if (found !== null) distances.push(distanceOf(found));
  }
  // Where many draws have no solution the estimate hangs on a few rows.
  if (distances.length < draws / 2) return null;
  distances.sort((a, b) => a - b);
  const at = (share: number): number => distances[Math.round(share * (distances.length - 1))] as number;
  return { ...whole, distance: distanceOf(whole), low: at(0.025), high: at(0.975) };
}

interface Shares {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

function estimate(
  { classes, sourceLabels, sourcePredictions, targetPredictions }: LabelShiftEvidence,
  sourceRow: (i: number) => number,
  targetRow: (i: number) => number,
): Shares | null {
  const count = classes.length;
  const own = Array.from({ length: sourceLabels.length }, (_, i) => sourceRow(i));
  const confusion = confusionMatrix(
    own.map((row) => sourceLabels[row] ?? 0),
    own.map((row) => sourcePredictions[row] ?? 0),
    count,
  );
  // confusion[label][predicted], so its transpose over n is C.
  const joint = classes.map((_, i) => classes.map((__, j) => (confusion[j]?.[i] ?? 0) / own.length));
  const predicted = classes.map(() => 0);
  for (let i = 0; i < targetPredictions.length; i++) {
    const c = targetPredictions[targetRow(i)] ?? 0;
    predicted[c] = (predicted[c] ?? 0) + 1 / targetPredictions.length;
  }
  const weights = solve(joint, predicted);
  if (weights === null) return null;
  const source = confusion.map((row) => row.reduce((sum, n) => sum + n, 0) / own.length);
  const raw = weights.map((weight, j) => Math.max(0, weight) * (source[j] ?? 0));
  const sum = raw.reduce((total, share) => total + share, 0);
  return sum > 0 ? { source, target: raw.map((share) => share / sum) } : null;
}

const totalVariation = (some: readonly number[], others: readonly number[]): number =>
  some.reduce((sum, share, j) => sum + Math.abs(share - (others[j] ?? 0)), 0) / 2;

const distanceOf = ({ source, target }: Shares): number => totalVariation(source, target);

/** Gauss with partial pivoting; null for a matrix that is singular as far as shares of rows go. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const a = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = a.length;
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) if (Math.abs(at(i, column)) > Math.abs(at(pivot, column))) pivot = i;
    if (Math.abs(at(pivot, column)) < 1e-6) return null;
    const [upper, lower] = [a[column] as number[], a[pivot] as number[]];
    a[column] = lower;
    a[pivot] = upper;
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = at(i, column) / at(column, column);
      if (factor !== 0) a[i] = (a[i] as number[]).map((value, j) => value - factor * at(column, j));
    }
  }
  return a.map((row, i) => (row[size] ?? 0) / at(i, i));
}

/** Shares that differ by less are no matter, even where they do so for certain. */
const matters = 0.1;
/** The estimate holds where the model is about as right on the target as on the source; this is right enough. */
const trusted = 0.85;
/** And where rows of a class look alike: below this proxy A-distance a linear classifier is right on 57.5 % at most. */
const alike = 0.3;

export interface ShiftEstimates {
  readonly adapted: LabelShift | null;
  readonly sourceOnly: LabelShift | null;
  /** Accuracy of source-only on the target as estimated without labels (`validators/atc.ts`). */
  readonly trust: number;
  /** Proxy A-distance of the domains in source-only's features, within its predicted classes (`sameClasses`). */
  readonly within: number;
  /** Share of each class among the adapted model's predictions on the target. */
  readonly predicted: readonly number[];
  /** How the method weighs the source's classes; undefined of one that cannot. */
  readonly classWeights: MethodOptions["classWeights"];
}

/** Whether source-only's estimate may be believed by itself: it is right on the target, and its classes have not moved. */
const holds = ({ trust, within }: Pick<ShiftEstimates, "trust" | "within">): boolean =>
  trust >= trusted && within <= alike;

/**
 * Fewer classes than this share of the source's are hardly a shift: a moved target that lies on one side of source-only's
 * boundary looks so, surely, and its adaptation was called harm (two clinics, one of whose devices reads higher: .53 -> .99).
 */
const lost = 0.7;

/**
 * The share of target rows that an adapted model must get wrong at least, if source-only's estimate of a shift holds: the
 * total variation between the shares of the classes that it predicts and those of the estimate. Aligning the domains as
 * wholes draws predictions to the source's shares (Zhao et al., ICML 2019). Undefined where no shift that matters is
 * believed.
 */
export function bentAway({ sourceOnly, predicted, ...trust }: Omit<ShiftEstimates, "adapted">): number | undefined {
  if (sourceOnly === null || sourceOnly.low < matters || !holds(trust)) return undefined;
  if (effectiveNumber(sourceOnly.target) < lost * effectiveNumber(sourceOnly.source)) return undefined;
  return totalVariation(sourceOnly.target, predicted);
}

/**
 * As many rows of each predicted class from both domains, so that shares of classes are no difference between them: what
 * still tells them apart has changed within the classes, which is no label shift.
 */
export function sameClasses(
  { source, target }: BothMatrices,
  predictions: { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> },
): BothMatrices {
  const chance = random(0).split("same-classes");
  /** So many of a domain's rows of a class, drawn: rows may be sorted. */
  const drawn = (rows: readonly number[], most: number, c: number, domain: Domain): number[] =>
    Array.from(drawRows(rows.length, most, chance.split(domain).split(c)), (at) => rows[at] ?? 0);
  const rowsOf = (all: ArrayLike<number>, c: number): number[] =>
    Array.from(all).flatMap((one, row) => (one === c ? [row] : []));
  const kept = [...new Set(Array.from(predictions.source))].map((c) => {
    const [own, other] = [rowsOf(predictions.source, c), rowsOf(predictions.target, c)];
    const both = Math.min(own.length, other.length);
    return [drawn(own, both, c, "source"), drawn(other, both, c, "target")] as const;
  });
  return {
    source: pickRows(
      source,
      kept.flatMap(([own]) => own),
    ),
    target: pickRows(
      target,
      kept.flatMap(([, other]) => other),
    ),
  };
}

/**
 * Source-only's estimate counts: an alignment bends predictions towards the source's shares and hides the shift. Where
 * source-only cannot be trusted on the target, because it errs there or because the classes themselves have moved, the
 * adapted model must say the same.
 */
export function labelShiftFindings(classes: readonly string[], estimates: ShiftEstimates, weaker?: string): Finding[] {
  const { adapted, sourceOnly, trust, within, classWeights } = estimates;
  if (sourceOnly === null || sourceOnly.low < matters) return [];
  const change = (shift: LabelShift, j: number): number => (shift.target[j] ?? 0) - (shift.source[j] ?? 0);
  const most = classes.reduce(
    (kept, _, j) => (Math.abs(change(sourceOnly, j)) > Math.abs(change(sourceOnly, kept)) ? j : kept),
    0,
  );
  const confirmed =
    adapted !== null &&
    adapted.low >= matters &&
    Math.sign(change(adapted, most)) === Math.sign(change(sourceOnly, most));
  if (!holds(estimates) && !confirmed) return [];
  const bent = bentAway(estimates);
  return [
    {
      code: "label-shift",
      level: "warning",
      text: `classes seem to have other shares in the target: "${classes[most]}" ${percent(sourceOnly.source[most] ?? 0)} of the source, about ${percent(sourceOnly.target[most] ?? 0)} of the target; ${percent(sourceOnly.distance)} of the rows differ (95 %: ${percent(sourceOnly.low)} to ${percent(sourceOnly.high)})`,
      numbers: {
        distance: sourceOnly.distance,
        low: sourceOnly.low,
        high: sourceOnly.high,
        trust,
        within,
        ...(bent !== undefined && { bent }),
      },
      remedies: [
        ...weighing(classWeights),
        "give the source the target's shares: leave out rows of the classes that are too frequent",
        ...alignLess(weaker, ", alignment hides such a shift"),
      ],
    },
  ];
}

export function weighing(classWeights: ShiftEstimates["classWeights"]): string[] {
  const flag = "--set method.classWeights=label-shift";
  // Its statistics make the domains alike class by class only where the shares are.
  const byDomain = "where batch normalisation is by domain also --set network.options.batchNorm=none";
  if (classWeights === undefined)
    return [`weigh the source's classes, which other methods can: --method dann ${flag}, ${byDomain}`];
  return classWeights === "none" ? [`weigh the source's classes: ${flag}, ${byDomain}`] : [];
}
