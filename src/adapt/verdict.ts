/**
 * The verdict: whether adaptation helped, decided without target labels, with the numbers behind it. It is an
 * estimate: what can be seen without labels is whether the source is still classified, how decided and how varied
 * the predictions on the target are, and how far apart the domains lie in the features.
 */
import { accuracyTolerance } from "../evaluate/selection.ts";

export const verdictCodes = ["helped", "no-gain", "negative-transfer", "diverged"] as const;
export type VerdictCode = (typeof verdictCodes)[number];

/** What can be known of a model without target labels. */
export interface LabelFreeScores {
  /** Accuracy on held-out source rows. */
  readonly sourceAccuracy: number;
  /** Information maximisation on the target, 0 to 1. */
  readonly information: number;
  /** Entropy of the mean prediction on the target over ln C: 1 when all classes are used alike. */
  readonly diversity: number;
  /** Proxy A-distance between the domains in the features, 0 to 2. */
  readonly distance: number;
}

export interface VerdictEvidence {
  readonly sourceOnly: LabelFreeScores;
  /** The method's model as selected without target labels. */
  readonly adapted: LabelFreeScores;
  /** Held-out source rows behind the accuracies. */
  readonly sourceRows: number;
}

export interface Verdict {
  readonly code: VerdictCode;
  /** Plain words, with the numbers. */
  readonly text: string;
  /** Things to try, most promising first. */
  readonly remedies: readonly string[];
}

/** Changes of information and diversity below these are noise between two seeds of one recipe. */
const informationMargin = 0.02;
const diversityMargin = 0.1;
/** A fall of the distance in the features that counts as alignment. */
const distanceMargin = 0.3;

/** The method that was compared with itself: there is nothing to tell. */
export const nothingAdapted: Verdict = {
  code: "no-gain",
  text: "no-gain: source-only was asked for, so nothing was adapted.",
  remedies: ["choose a method that adapts: --method dann"],
};

export function judge({ sourceOnly, adapted, sourceRows }: VerdictEvidence): Verdict {
  const tolerated = accuracyTolerance(sourceOnly.sourceAccuracy, sourceRows);
  const numbers =
    `held-out source accuracy ${percent(sourceOnly.sourceAccuracy)} -> ${percent(adapted.sourceAccuracy)}, ` +
    `information on the target ${adapted.information >= sourceOnly.information ? "up" : "down"} ` +
    `${two(sourceOnly.information)} -> ${two(adapted.information)} (of 1), ` +
    `distance of the domains in the features ${two(sourceOnly.distance)} -> ${two(adapted.distance)} (of 2)`;
  const say = (code: VerdictCode, what: string, remedies: readonly string[]): Verdict => ({
    code,
    text: `${code}: ${what}: ${numbers}. Estimated without target labels.`,
    remedies,
  });
  if (adapted.sourceAccuracy < sourceOnly.sourceAccuracy - tolerated) {
    return say("negative-transfer", "adaptation has broken the classifier on its own source", lessAlignment);
  }
  if (adapted.diversity < sourceOnly.diversity - diversityMargin) {
    return say(
      "negative-transfer",
      `predictions on the target have collapsed onto fewer classes (variety ${two(sourceOnly.diversity)} -> ${two(adapted.diversity)} of 1)`,
      ["check whether the target has all classes of the source", ...lessAlignment],
    );
  }
  if (adapted.information < sourceOnly.information - informationMargin) {
    return say("negative-transfer", "predictions on the target have become less decided", lessAlignment);
  }
  if (adapted.information > sourceOnly.information + informationMargin) {
    return say("helped", "predictions on the target have become more decided, and the source is still classified", []);
  }
  if (sourceOnly.distance - adapted.distance > distanceMargin) {
    return say("helped", "the domains have come together in the features, and the source is still classified", []);
  }
  const close = sourceOnly.distance < distanceMargin;
  return say(
    "no-gain",
    close
      ? "the domains hardly differ, there was little to adapt"
      : "nothing that can be seen without labels has improved",
    [
      ...(close
        ? ["use the source-only model, it is the simpler one"]
        : ["train longer: --steps", "--preset modern adapts batch normalisation as well"]),
      "look at the data: are the columns and their units the same in both places?",
    ],
  );
}

/** Training of the method stopped with numbers that are none. */
export const diverged = (reason: string, remedy: string | undefined): Verdict => ({
  code: "diverged",
  text: `diverged: ${reason}; the source-only model is kept.`,
  remedies: [
    ...(remedy === undefined ? [] : [remedy]),
    "halve the learning rate: --set train.rate.from=5e-4 (cosine) or train.rate.mu0=0.005 (paper)",
  ],
});

const lessAlignment: readonly string[] = [
  "align less: --set train.lambda.max=0.1",
  "where the domains look alike, align a later layer: --set network.options.reversalAt=last-hidden",
  "use the source-only model, which is kept as the chosen one",
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const two = (value: number): string => value.toFixed(2);
