/** All findings about one adaptation, faults first. Pure functions of evidence that needs no target label. */
import { type FeatureEvidence, featureFindings, type PredictionEvidence, predictionFindings } from "./collapse.ts";
import { type DiscriminatorEvidence, discriminatorFindings } from "./discriminator.ts";
import { type DistanceEvidence, distanceFindings } from "./distance.ts";
import type { Finding } from "./finding.ts";
import { type GrowthEvidence, growthFindings } from "./growth.ts";
import type { InputWords } from "./input-words.ts";
import { labelShiftFindings, type ShiftEstimates } from "./label-shift.ts";
import { type OpenClassEvidence, openClassFindings } from "./open-classes.ts";

export interface HealthEvidence {
  readonly distance: DistanceEvidence;
  /** Undefined for a method without a domain classifier. */
  readonly discriminator: DiscriminatorEvidence | undefined;
  readonly features: FeatureEvidence;
  /** Undefined of a regression, as what is told by classes. */
  readonly predictions: PredictionEvidence | undefined;
  /** How the shares of the classes may have shifted; undefined of a regression. */
  readonly labels: (ShiftEstimates & { readonly classes: readonly string[] }) | undefined;
  /** Undefined of a regression. */
  readonly openClasses: OpenClassEvidence | undefined;
  readonly growth: GrowthEvidence;
  /** The setting that aligns less; undefined where the method has none. */
  readonly weaker: string | undefined;
  /** What remedies say of the input. */
  readonly words: InputWords;
}

export function health({ distance, discriminator, features, predictions, labels, ...rest }: HealthEvidence): Finding[] {
  const findings = [
    ...(discriminator === undefined ? [] : discriminatorFindings(discriminator, rest.words)),
    ...featureFindings(features, rest.words, rest.weaker),
    ...(predictions === undefined ? [] : predictionFindings(predictions, labels?.classWeights, rest.weaker)),
    ...(labels === undefined ? [] : labelShiftFindings(labels.classes, labels, rest.weaker)),
    ...(rest.openClasses === undefined ? [] : openClassFindings(rest.openClasses, rest.weaker)),
    ...growthFindings(rest.growth, rest.words),
    ...distanceFindings(distance, rest.words),
  ];
  return [...findings.filter(({ level }) => level === "warning"), ...findings.filter(({ level }) => level === "note")];
}
