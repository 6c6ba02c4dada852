/** Whether something was lost on the way to alignment: directions of the features, or classes of the predictions. */
import { effectiveNumber } from "../probabilities.ts";
import { alignLess, type Finding } from "./finding.ts";
import type { InputWords } from "./input-words.ts";
import type { ShiftEstimates } from "./label-shift.ts";

export interface FeatureSpread {
  /** RankMe of the target's features (`validators/rankme.ts`); null where all are zero. */
  readonly rank: number | null;
  /** Variance over the mean square, 0 to 1: 0 where every row has the same features. */
  readonly variance: number;
}

export interface FeatureEvidence {
  readonly adapted: FeatureSpread;
  readonly sourceOnly: FeatureSpread;
  /** Undefined of a regression, for which features on a line are no fault: one number needs no more. */
  readonly classes: number | undefined;
}

/** Rows that differ by less than this share of their length are one row. */
const oneRow = 1e-4;
/** One direction is a line; two classes need no more, so a line alone is no fault where there are two. */
const oneLine = 1.05;

export function featureFindings(
  { adapted, sourceOnly, classes }: FeatureEvidence,
  words: Pick<InputWords, "otherLayer">,
  weaker?: string,
): Finding[] {
  const rank = adapted.rank ?? 0;
  const before = sourceOnly.rank ?? 0;
  const dead = adapted.rank === null || adapted.variance < oneRow;
  const flat = classes !== undefined && (rank < oneLine || (rank < before / 2 && rank < (2 / 3) * (classes - 1)));
  if (!dead && !flat) return [];
  const what = dead ? "every target row has the same features" : "the target's features have lost directions";
  return [
    {
      code: "feature-collapse",
      level: "warning",
      text: `${what}: effective rank ${before.toFixed(1)} -> ${rank.toFixed(1)}${classes === undefined ? "" : ` for ${classes} classes`}`,
      numbers: { rank, sourceOnlyRank: before, variance: adapted.variance },
      remedies: [...alignLess(weaker), "clip the gradient: --set train.gradientClip=5", ...words.otherLayer],
    },
  ];
}

/** @param features [rows, width] row-major. */
export function varianceShare(features: ArrayLike<number>, width: number): number {
  const rows = features.length / Math.max(1, width);
  const mean = new Float64Array(width);
  let squares = 0;
  for (let i = 0; i < features.length; i++) {
    const value = features[i] as number;
    mean[i % width] = (mean[i % width] as number) + value / rows;
    squares += (value * value) / rows;
  }
  const centre = mean.reduce((sum, value) => sum + value * value, 0);
  return squares === 0 ? 0 : Math.max(0, 1 - centre / squares);
}

export interface PredictionEvidence {
  /** Share of each class among the target's predictions, after and without adaptation. */
  readonly adapted: readonly number[];
  readonly sourceOnly: readonly number[];
  /** Share of each class among the source's labels. */
  readonly labels: readonly number[];
}

/** Fewer classes than this share of the source's is a loss, where source-only's model had clearly more of them. */
const fewer = 0.75;
const fewerThanBefore = 0.85;
/** Fewer than half is one whatever the other model does. */
const half = 0.5;

/** @param classWeights what the method weighs classes by; undefined where it does not read that. */
export function predictionFindings(
  { adapted, sourceOnly, labels }: PredictionEvidence,
  classWeights: ShiftEstimates["classWeights"],
  weaker?: string,
): Finding[] {
  const [now, before, all] = [adapted, sourceOnly, labels].map(effectiveNumber) as [number, number, number];
  const lost = now < half * all || (now < fewer * all && now < fewerThanBefore * before);
  if (!lost) return [];
  return [
    {
      code: "prediction-collapse",
      level: "warning",
      text: `predictions on the target use about ${now.toFixed(1)} classes, ${before.toFixed(1)} without adaptation, of ${all.toFixed(1)} in the source's labels`,
      numbers: { classes: now, sourceOnlyClasses: before, sourceClasses: all },
      remedies: [...partialWeights(classWeights), ...alignLess(weaker), "use the source-only model"],
    },
  ];
}

function partialWeights(classWeights: ShiftEstimates["classWeights"]): string[] {
  if (classWeights === "partial") return [];
  const how = classWeights === undefined ? "--method dann --set" : "--set";
  return [`check whether the target has all classes of the source; if not: ${how} method.classWeights=partial`];
}
