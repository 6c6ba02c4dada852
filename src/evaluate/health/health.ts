/** All findings about one adaptation, faults first. Pure functions of evidence that needs no target label. */
import type { MethodOptions } from "../../methods/registry.ts";
import { type FeatureEvidence, featureFindings, type PredictionEvidence, predictionFindings } from "./collapse.ts";
import { type DiscriminatorEvidence, discriminatorFindings } from "./discriminator.ts";
import { type DistanceEvidence, distanceFindings } from "./distance.ts";
import type { Finding } from "./finding.ts";
import { type GrowthEvidence, growthFindings } from "./growth.ts";
import { type LabelShiftEvidence, labelShift, labelShiftFindings } from "./label-shift.ts";
import { type OpenClassEvidence, openClassFindings } from "./open-classes.ts";

export interface HealthEvidence {
  readonly distance: DistanceEvidence;
  /** Undefined for a method without a domain classifier. */
  readonly discriminator: DiscriminatorEvidence | undefined;
  readonly features: FeatureEvidence;
  /** Undefined of a regression, as what is told by classes. */
  readonly predictions: PredictionEvidence | undefined;
  /** What both models predict; undefined of a regression. */
  readonly labels: ClassEvidence | undefined;
  /** Undefined of a regression. */
  readonly openClasses: OpenClassEvidence | undefined;
  readonly growth: GrowthEvidence;
}

/** How the shares of the classes may have shifted. */
interface ClassEvidence {
  readonly adapted: LabelShiftEvidence;
  readonly sourceOnly: LabelShiftEvidence;
  /** Estimated accuracy of source-only on the target, 0 to 1. */
  readonly trust: number;
  /** Proxy A-distance within the classes that source-only predicts. */
  readonly within: number;
  /** How the method weighs the source's classes. */
  readonly classWeights: MethodOptions["classWeights"];
}

export function health({ distance, discriminator, features, predictions, labels, ...rest }: HealthEvidence): Finding[] {
  const findings = [
    ...(discriminator === undefined ? [] : discriminatorFindings(discriminator)),
    ...featureFindings(features),
    ...(predictions === undefined ? [] : predictionFindings(predictions)),
    ...(labels === undefined ? [] : shiftFindings(labels)),
    ...(rest.openClasses === undefined ? [] : openClassFindings(rest.openClasses)),
    ...growthFindings(rest.growth),
    ...distanceFindings(distance),
  ];
  return [...findings.filter(({ level }) => level === "warning"), ...findings.filter(({ level }) => level === "note")];
}

const shiftFindings = ({ adapted, sourceOnly, trust, within, classWeights }: ClassEvidence): Finding[] =>
  labelShiftFindings(adapted.classes, {
    adapted: labelShift(adapted),
    sourceOnly: labelShift(sourceOnly),
    trust,
    within,
    classWeights,
  });
