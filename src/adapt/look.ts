/**
 * The look that a session takes at its models when training is over: how far apart the domains lie, the verdict, the
 * health. From sampled rows, without a target label.
 */
import { internalError } from "../errors.ts";
import type { Finding } from "../evaluate/health/finding.ts";
import { inputWords } from "../evaluate/health/input-words.ts";
import { accuracy } from "../evaluate/metrics.ts";
import { predictions, scoresOf } from "../evaluate/probabilities.ts";
import { sharpening } from "../methods/sharpening.ts";
import { weaker } from "../methods/strength.ts";
import type { Prediction } from "../train/predictor.ts";
import type { State } from "../train/state.ts";
import { baselineOf, beside } from "./baseline.ts";
import { evidenceBy, rowsBehind, sharesFor } from "./by-shares.ts";
import type { Session } from "./context.ts";
import { healthOf, type Seen } from "./health.ts";
import { contender, type Judged, judged, judgedAlone, type Measured, type RisksChoice } from "./judging.ts";
import type { Finished } from "./progress.ts";
import { regressionVerdict } from "./regression-finish.ts";
import type { AdaptResult } from "./result.ts";
import { distanceOf, seenBy } from "./seen.ts";

/** What a training ended with, and the state of its model; undefined where there is no such model. */
interface Model {
  readonly finished: Finished | undefined;
  readonly state: State | undefined;
}

export interface LookRequest {
  readonly sourceOnly: { readonly finished: Finished | undefined; readonly state: State };
  /** Training on all labels that were given. */
  readonly bothLabels: Model;
  /** With the state that was selected without target labels. */
  readonly method: Model;
  /** What reverse validation chose, where it was asked for. */
  readonly risksChose: RisksChoice | undefined;
}

export interface Look extends Judged {
  readonly before: Seen;
  /** Undefined where nothing was adapted. */
  readonly after: Seen | undefined;
  readonly distance: NonNullable<AdaptResult["domainDistance"]>;
  readonly findings: readonly Finding[];
}

export async function lookAt(
  session: Session,
  { sourceOnly, bothLabels, method, risksChose }: LookRequest,
): Promise<Look> {
  const { task, train } = session.plan;
  const { seed } = train;
  const known = sourceOnly.finished?.last?.validators ?? {};
  const baseline = await baselineOf(session, { state: sourceOnly.state, validators: known });
  const { seen: before, distance: apart } = baseline;
  const after = method.state && (await seenBy(session, method.state, "method"));
  const compared = after && beside(session, baseline, after);
  const { distance = { ...apart, after: apart.sourceOnly }, shift } = compared ?? {};
  const shares = sharesFor(session, before);
  const measured = (seen: Seen, apart: number): Measured => ({
    distance: apart,
    training: trainingAccuracy(session, seen.source),
    ...(shares && { byShares: evidenceBy(session, seen, shares) }),
  });
  const seenBoth = bothLabels.state && (await seenBy(session, bothLabels.state, "labelled-target"));
  const selected = method.finished?.selected ?? null;
  if (method.finished?.diverged === null && after === undefined)
    throw internalError("a training ended without an evaluation");
  const verdict =
    task.kind === "regression"
      ? judgedAlone(regressionVerdict(session, task.scale, method.finished, { before, after }, distance))
      : judged({
          sourceOnly: contender(sourceOnly.finished?.last, measured(before, distance.sourceOnly)),
          bothLabels: seenBoth && contender(bothLabels.finished?.last, measured(seenBoth, distanceOf(seenBoth, seed))),
          method: method.finished?.diverged ?? (after && contender(selected, measured(after, distance.after))),
          ...{ shift, weaker: weaker(session.plan), sharpening: sharpening(session.plan.method.name) },
          ...{ words: inputWords(session.deployed.preprocess), risksChose },
          rows: rowsBehind(session, shares),
        });
  const findings =
    selected === null || compared === undefined
      ? []
      : healthOf({
          ...compared,
          domainAccuracy: method.finished?.domainAccuracy ?? null,
          terms: method.finished?.terms ?? {},
          validators: { sourceOnly: known, adapted: selected.validators },
        });
  return { ...verdict, before, after, distance, findings };
}

/** Accuracy on the sampled source rows that trained. */
function trainingAccuracy({ plan, samples }: Session, { logits }: Prediction): number {
  const { labels } = samples.training;
  return accuracy(labels, predictions(scoresOf(logits, plan.classes.length)));
}
