/**
 * Whether the domain classifier that trained against the features did its part. Its own loss cannot tell: ln 2 is what a
 * head has that never learned, what it has while the features run away from it, and what it has once domains are
 * aligned. The best it ever did tells the first from the second, a fresh classifier on held-out features both from the
 * third.
 */
import { type Finding, percent } from "./finding.ts";
import type { InputWords } from "./input-words.ts";
import { chanceAccuracy, type Probe } from "./probe.ts";

export interface DiscriminatorEvidence {
  /** Mean over the domains of the share that the trained G_d gets right; .5 by chance. */
  readonly live: number;
  /** The most that it got right at any time of the training. */
  readonly best: number;
  /** A fresh classifier on the adapted features, and on source-only's: how far apart the domains were before. */
  readonly fresh: Probe;
  readonly sourceOnly: Probe;
}

/** From here on the domains lie apart. */
const apart = 0.75;
/** From here on it has learned something at some time: domains that lie apart let it, while lambda is small. */
const learned = 0.6;
/** A discriminator that is always right: the features do not follow it. */
const certain = 0.95;
/** Of domains that were told apart less well than this a head has little to learn. */
const wereFarApart = 0.7;
/** The features are as they were: alignment has done nothing. */
const unmoved = 0.05;

export function discriminatorFindings(
  { live, best, fresh, sourceOnly }: DiscriminatorEvidence,
  words: Pick<InputWords, "otherLayer">,
): Finding[] {
  const numbers = { live, best, fresh: fresh.accuracy, sourceOnlyFresh: sourceOnly.accuracy };
  const said = `it is right on ${percent(live)} of the rows, a fresh one on ${percent(fresh.accuracy)}, and on ${percent(sourceOnly.accuracy)} without alignment`;
  const chance = chanceAccuracy(fresh.rows);
  if (live >= certain) {
    return [
      {
        code: "discriminator-dominates",
        level: "warning",
        text: `the domain classifier is always right, the features have not followed: ${said}`,
        numbers,
        remedies: [
          "align more: --set train.lambda.max=3",
          "slow it down: --set train.partRates.domainClassifier=0.3",
          ...words.otherLayer,
        ],
      },
    ];
  }
  const wereApart = sourceOnly.accuracy > chance;
  if (
    sourceOnly.accuracy >= wereFarApart &&
    live <= chance &&
    fresh.accuracy >= apart &&
    fresh.accuracy > sourceOnly.accuracy - unmoved
  ) {
    const remedies = [
      "let it learn faster: --set train.partRates.domainClassifier=3",
      "give it more hidden units: --set network.options.domainHidden=[256]",
      "reverse less: --set train.lambda.max=0.3",
    ];
    if (best < learned) {
      const text = `the domain classifier never learned, so the features are not aligned: ${said}; at best it was right on ${percent(best)}`;
      return [{ code: "discriminator-never-learned", level: "warning", text, numbers, remedies }];
    }
    const text = `the domain classifier is fooled, but the features are not aligned: ${said}; it was once right on ${percent(best)}`;
    return [{ code: "discriminator-outrun", level: "note", text, numbers, remedies }];
  }
  // The trained head only has a veto, from either side: one that is mostly wrong has information of its own. It is asked
  // about rows that it trained on, a few hundred of which it knows a little by heart.
  if (fresh.accuracy <= chance && Math.abs(live - 0.5) < apart - 0.5 && wereApart) {
    return [
      {
        code: "aligned",
        level: "note",
        text: `no classifier tells the domains apart in the features any more: of the trained one, ${said}`,
        numbers,
        remedies: [],
      },
    ];
  }
  return [];
}
