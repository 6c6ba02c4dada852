/**
 * Which epoch of the method is taken, decided without target labels: the last, the best by one validator, or `auto`.
 * `reverse` compares whole trainings, so its epoch is the last; between the method and source-only the reverse risks
 * decide (`adapt/reverse.ts`).
 *
 * The rule `auto`: among the evaluated epochs whose held-out source accuracy is not clearly below source-only's, the one with
 * the highest information maximisation on the target; the later one on a tie. Where none keeps the source accuracy,
 * the one that keeps most of it. Information maximisation alone would trust a model that is sure and wrong; alignment
 * that breaks the classifier shows on the source first, hence the floor. A method that weighs the source's classes gives
 * up those that are rare in the target: its floor is the accuracy at the target's shares (`target-evidence.ts`).
 *
 * The rule looks at one epoch at a time (the floor comes from source-only, which is trained before), so one state is
 * kept in memory, not one an epoch.
 */

import { internalError } from "../errors.ts";
import { validators } from "./validators/registry.ts";
import { regressionSelects } from "./validators/regression.ts";

/** Scores of one evaluated epoch. */
export interface EpochScores {
  readonly epoch: number;
  readonly step: number;
  /** By validator's name. */
  readonly validators: Readonly<Record<string, number>>;
  /** Where classes are weighed, accuracy on the held-out source with its classes at the target's shares. */
  readonly scores?: { readonly sourceAtTargetShares?: number | undefined };
}

/** Accuracy may fall this far below source-only before an epoch is passed over, or twice its standard error. */
const tolerance = 0.02;

/**
 * How far below `accuracy`, measured on `rows` rows, still counts as "not clearly below". The standard error is that of
 * Agresti and Coull (1998), two successes and two failures added: the plain one is 0 where every row was right, and
 * then a single error among thirty rows would pass for a broken classifier.
 */
export function accuracyTolerance(accuracy: number, rows: number): number {
  const share = (accuracy * rows + 2) / (rows + 4);
  return Math.max(tolerance, 2 * Math.sqrt((share * (1 - share)) / (rows + 4)));
}

export interface AutoRule {
  readonly kind: "auto";
  /** Source-only's accuracy on the held-out source rows; where classes are weighed, at the target's shares. */
  readonly sourceOnlyAccuracy: number;
  /** Number of these rows; of weighed ones, how many equal ones they are worth. */
  readonly rows: number;
}

export type SelectionRule =
  | AutoRule
  | { readonly kind: "last" }
  | { readonly kind: "validator"; readonly name: string; readonly higherIsBetter: boolean };

/** What `evaluate.select` may be: an alarm tells a broken epoch, not a better one. */
export const classSelectNames: readonly string[] = [
  "auto",
  "last",
  "reverse",
  ...validators.filter(({ use }) => use === "selection").map(({ name }) => name),
];

/** What it may be of a regression: `auto` is the last epoch, because nothing that it looks at speaks of numbers. */
export const regressionSelectNames: readonly string[] = ["auto", "last", ...regressionSelects];

/** Of any task. */
export const selectNames: readonly string[] = [...new Set([...classSelectNames, ...regressionSelectNames])];

/** The rule of a name for a regression. */
export const regressionRule = (name: string): SelectionRule =>
  name === "auto" || name === "last" ? { kind: "last" } : { kind: "validator", name, higherIsBetter: false };

/** The rule of a name; `sourceOnly` is what `auto`, and nothing else, compares with. */
export function selectionRule(name: string, sourceOnly?: Omit<AutoRule, "kind">): SelectionRule {
  if (name === "auto" && sourceOnly !== undefined) return { kind: "auto", ...sourceOnly };
  if (name === "last" || name === "reverse") return { kind: "last" };
  const validator = validators.find((one) => one.name === name);
  if (validator === undefined) throw internalError(`no validator ${name}`);
  return { kind: "validator", name, higherIsBetter: validator.higherIsBetter };
}

/** Whether `candidate` (later) is to be taken instead of `best` (earlier); the later one on a tie. */
export function isBetter(candidate: EpochScores, best: EpochScores | undefined, rule: SelectionRule): boolean {
  if (best === undefined) return true;
  switch (rule.kind) {
    case "auto":
      return isBetterByAuto(candidate, best, rule);
    case "last":
      return true;
    case "validator": {
      // An epoch of which the validator can say nothing is behind every other.
      const worst = rule.higherIsBetter ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      const gain = ({ validators: scores }: EpochScores): number => scores[rule.name] ?? worst;
      return rule.higherIsBetter ? gain(candidate) >= gain(best) : gain(candidate) <= gain(best);
    }
    default:
      throw internalError(`no rule of selection ${String(rule satisfies never)}`);
  }
}

function isBetterByAuto(candidate: EpochScores, best: EpochScores, rule: AutoRule): boolean {
  const floor = rule.sourceOnlyAccuracy - accuracyTolerance(rule.sourceOnlyAccuracy, rule.rows);
  const kept = ({ scores, validators }: EpochScores): number =>
    scores?.sourceAtTargetShares ?? validators["source-accuracy"] ?? 0;
  const eligible = (scores: EpochScores): boolean => kept(scores) >= floor;
  if (eligible(candidate) !== eligible(best)) return eligible(candidate);
  const value = (scores: EpochScores): number =>
    eligible(scores) ? (scores.validators["information-maximisation"] ?? 0) : kept(scores);
  return value(candidate) >= value(best);
}
