/** Whether the domains are so near that there is nothing to adapt, or so far that adaptation has not brought them together. */
import type { Finding } from "./finding.ts";
import type { InputWords } from "./input-words.ts";
import { chanceAccuracy, type Probe } from "./probe.ts";

export interface DistanceEvidence {
  /** Proxy A-distances, 0 to 2: between the rows, source-only's features and the adapted ones. */
  readonly before: number;
  readonly sourceOnly: number;
  readonly after: number;
  /** A fresh classifier on source-only's features, which may see what no line separates. */
  readonly probe: Probe;
  /** Information maximisation of the adapted model on the target, 0 to 1; undefined of a regression. */
  readonly information: number | undefined;
}

/** A linear classifier is right on 57.5 % of the rows at most. */
const near = 0.3;
/** It is right on 97.5 % of them. */
const far = 1.9;
/** Predictions that are less decided than this are guesses for many rows. */
const undecided = 0.5;

/** @param words what remedies say of the input. */
export function distanceFindings(
  { before, sourceOnly, after, probe, information }: DistanceEvidence,
  { look }: Pick<InputWords, "look">,
): Finding[] {
  const numbers = {
    before,
    sourceOnly,
    after,
    probe: probe.accuracy,
    ...(information !== undefined && { information }),
  };
  if (before < near && sourceOnly < near && probe.accuracy <= chanceAccuracy(probe.rows)) {
    return [
      {
        code: "domains-near",
        level: "note",
        text: `no classifier tells the domains apart (distance ${before.toFixed(2)} of the rows, ${sourceOnly.toFixed(2)} of the features, of 2): there may be nothing to adapt`,
        numbers,
        remedies: ["use the source-only model, it is the simpler one"],
      },
    ];
  }
  if (sourceOnly >= far && after >= far && (information === undefined || information < undecided)) {
    const apart = `the domains lie as far apart as before (distance ${sourceOnly.toFixed(2)} -> ${after.toFixed(2)} of 2)`;
    return [
      {
        code: "domains-far",
        // How far apart features may lie before a number goes wrong is not known.
        level: information === undefined ? "note" : "warning",
        text:
          information === undefined
            ? apart
            : `${apart} and the model is undecided on the target (information ${information.toFixed(2)} of 1)`,
        numbers,
        remedies: [look, "train longer: --steps", "start from a network that knows both: --backbone FILE.onnx"],
      },
    ];
  }
  return [];
}
