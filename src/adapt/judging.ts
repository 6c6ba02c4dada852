/**
 * The verdict of a session, and the model that is kept where adaptation has not helped. With labels of the target given for
 * training, a method has to beat what those labels give by themselves (S+T), not source-only, which never saw them.
 */
import { internalError } from "../errors.ts";
import type { InputWords } from "../evaluate/health/input-words.ts";
import type { ShiftEstimates } from "../evaluate/health/label-shift.ts";
import { labelledTargetName } from "../report/run.ts";
import type { Evaluated, Finished } from "./progress.ts";
import {
  diverged,
  hasForgotten,
  judge,
  keeping,
  type LabelFreeScores,
  nothingAdapted,
  usesAdapted,
  type Verdict,
  type VerdictEvidence,
} from "./verdict.ts";

/** What is measured of a model when training is over. */
export interface Measured {
  /** Proxy A-distance of the domains in its features. */
  readonly distance: number;
  /** Accuracy on sampled source rows that trained. */
  readonly training: number;
  /** Where the method weighs the source's classes: what stands in for scores that know the source's shares alone. */
  readonly byShares?:
    | Pick<LabelFreeScores, "sourceAccuracy" | "trainingAccuracy" | "information" | "diversity" | "estimated">
    | undefined;
}

/** A model that was trained, with what was measured of it. */
export interface Contender extends Measured {
  readonly evaluated: Evaluated;
}

export interface Contest {
  readonly sourceOnly: Contender;
  /** S+T; undefined where no labels of the target were given, or it diverged. */
  readonly bothLabels: Contender | undefined;
  /** Undefined where source-only was asked for; how training ended where it diverged. */
  readonly method: Contender | NonNullable<Finished["diverged"]> | undefined;
  readonly rows: VerdictEvidence["rows"];
  /** The setting that aligns less; undefined where the method has none. */
  readonly weaker?: string | undefined;
  /** What remedies say of the input. */
  readonly words: InputWords;
  /** What of the method makes predictions decided, right or wrong (`methods/sharpening.ts`); undefined where nothing does. */
  readonly sharpening?: string | undefined;
  /** How source-only and the method see the shares of the classes; undefined without a method. */
  readonly shift: ShiftEstimates | undefined;
  /** What reverse validation chose; undefined where the verdict chooses. */
  readonly risksChose?: RisksChoice | undefined;
}

export interface RisksChoice {
  /** Reverse validation knows two models: with labelled target rows it is refused. */
  readonly kind: "source-only" | "method";
  readonly name: string;
}

export interface Judged {
  readonly verdict: Verdict;
  /** Whose row is chosen. */
  readonly chosen: "source-only" | "labelled-target" | "method";
}

export function judged(contest: Contest): Judged {
  const { sourceOnly, bothLabels, method, rows, risksChose, ...rest } = contest;
  const scores = (before: Contender, after: Contender) => ({
    ...{ sourceOnly: labelFree(before), adapted: labelFree(after), rows },
  });
  // Less decided than source-only is no fault here: where it was surely wrong, labels say so. A handful of rows can still
  // spoil a network, and then they are no baseline.
  const stands = bothLabels !== undefined && !hasForgotten(scores(sourceOnly, bothLabels));
  const [kept, reference] = stands
    ? (["labelled-target", bothLabels] as const)
    : (["source-only", sourceOnly] as const);
  const byRisks = risksChose === undefined ? [] : [`Reverse validation chose ${risksChose.name}.`];
  const told = (verdict: Verdict, chosen: Judged["chosen"], notes: readonly string[] = []): Judged => ({
    verdict: { ...verdict, text: [verdict.text, ...notes, ...byRisks].join(" ") },
    chosen,
  });
  if (method === undefined) return told(stands ? onlyLabels : nothingAdapted, kept);
  if ("reason" in method) return told(diverged(method.reason, method.remedy, `the ${nameOf[kept]} model`), kept);
  const verdict = judge({ ...scores(reference, method), ...rest });
  const chosen = risksChose?.kind ?? (usesAdapted(verdict.code) ? "method" : kept);
  return told(chosen === "method" ? verdict : keeping(verdict, nameOf[chosen]), chosen, [
    ...(stands ? [`Compared with ${labelledTargetName}, which has the same labels.`] : []),
    ...(bothLabels !== undefined && !stands
      ? [`Compared with source-only: ${labelledTargetName}, which has the same labels, has lost the source by them.`]
      : []),
    ...(method.byShares === undefined
      ? []
      : [
          "Accuracies, information and variety are for the shares of the classes that source-only finds in the target.",
        ]),
  ]);
}

/** Of the models without adaptation, as the result's table has them. */
const nameOf = { "source-only": "source-only", "labelled-target": labelledTargetName } as const;

/** What a verdict by itself chooses, where there is no other baseline than source-only. */
export const judgedAlone = (verdict: Verdict): Judged => ({
  verdict,
  chosen: usesAdapted(verdict.code) ? "method" : "source-only",
});

/** Nothing was to be adapted, but there are labels of the target. */
const onlyLabels: Verdict = {
  ...nothingAdapted,
  text: `${nothingAdapted.text} ${labelledTargetName} has learnt from the labelled rows of the target as well, and is kept.`,
};

export function contender(evaluated: Evaluated | null | undefined, measured: Measured): Contender {
  if (evaluated == null) throw internalError("a training ended without an evaluation");
  return { ...measured, evaluated };
}

const labelFree = ({ evaluated: { validators }, training, distance, byShares }: Contender): LabelFreeScores => ({
  sourceAccuracy: validators["source-accuracy"] ?? 0,
  trainingAccuracy: training,
  information: validators["information-maximisation"] ?? 0,
  estimated: validators.atc,
  diversity: validators.diversity ?? 0,
  distance,
  ...(byShares && { ...byShares, mutual: validators["information-maximisation"] ?? 0 }),
});
