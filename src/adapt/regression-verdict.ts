/**
 * The verdict on a regression. Confidence, which the verdict on a classifier rests on, has no like here: nothing that can
 * be seen without target labels is an estimate of the error on the target. What can be seen is whether the source is
 * predicted as before, whether predictions on the target still vary, and how far apart the domains lie in the features.
 * Where the first two hold and the domains have come together, a bound on the target's error has fallen (Cortes and Mohri,
 * ALT 2011: the source's error and a distance); the error itself may not have. So the word is `aligned`, not `helped`.
 */
import type { InputWords } from "../evaluate/health/input-words.ts";
import { lessAlignment, two, type Verdict, type VerdictCode } from "./verdict.ts";

/** What can be known of a model without target labels. */
export interface NumberEvidence {
  /** Root of the mean squared error on source rows that did not train, and on rows that did, in the label's unit. */
  readonly heldOut: number;
  readonly training: number;
  /** Deviation of the predictions on the target, in deviations of the source's labels. */
  readonly spread: number;
  /** Proxy A-distance between the domains in the features, 0 to 2. */
  readonly distance: number;
}

export interface RegressionEvidence {
  readonly sourceOnly: NumberEvidence;
  /** The method's model as selected without target labels. */
  readonly adapted: NumberEvidence;
  /** Deviation of the source's labels. */
  readonly deviation: number;
  /** The setting that aligns less; undefined where the method has none. */
  readonly weaker?: string | undefined;
  /** What remedies say of the input. */
  readonly words: InputWords;
}

/**
 * The source is forgotten where its error has risen by more than both of these, a share of the labels' deviation and of
 * the error before: alignment costs something on the source, and a small error may double without meaning much. These and
 * the following are judgement, not measurement.
 */
const forgottenDeviation = 0.1;
const forgottenError = 0.5;
/** Predictions that vary less than this, and less than a tenth of those of source-only, are one number. */
const oneNumber = 0.05;
const oneNumberBefore = 0.1;
/** Domains have come together where the distance falls by this much: a linear classifier errs on 5 % more of the rows. */
const nearer = 0.2;

export function judgeRegression({ sourceOnly, adapted, deviation, weaker, words }: RegressionEvidence): Verdict {
  const less = lessAlignment(weaker, words);
  const numbers =
    `error on the source (RMSE) ${short(sourceOnly.heldOut)} -> ${short(adapted.heldOut)} on held-out rows, ` +
    `${short(sourceOnly.training)} -> ${short(adapted.training)} on training rows, whose labels deviate by ${short(deviation)}, ` +
    `predictions on the target deviate by ${short(sourceOnly.spread * deviation)} -> ${short(adapted.spread * deviation)}, ` +
    `distance of the domains in the features ${two(sourceOnly.distance)} -> ${two(adapted.distance)} (of 2)`;
  const say = (code: VerdictCode, what: string, remedies: readonly string[]): Verdict => ({
    code,
    text: `${code}: ${what}: ${numbers}. The error on the target is not estimated: without labels nothing tells it of a regression.`,
    remedies,
  });
  const risen = (of: "heldOut" | "training"): boolean =>
    adapted[of] - sourceOnly[of] > Math.max(forgottenDeviation * deviation, forgottenError * sourceOnly[of]);
  const forgotten = risen("heldOut") || risen("training");
  const constant = adapted.spread < oneNumber && adapted.spread < oneNumberBefore * sourceOnly.spread;
  if (forgotten && constant)
    return say("diverged", "the network has died, every row gets the same number", [
      "clip the gradient: --set train.gradientClip=5",
      ...less,
    ]);
  if (forgotten) return say("negative-transfer", "adaptation has cost accuracy on the source itself", less);
  if (constant) return say("negative-transfer", "predictions on the target have collapsed onto one number", less);
  if (adapted.distance < sourceOnly.distance - nearer)
    return say("aligned", "the domains have come together in the features, and the source is predicted as before", [
      words.score,
    ]);
  return say("no-gain", "the domains lie about as far apart in the features as before", [
    "train longer: --steps",
    words.look,
  ]);
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
