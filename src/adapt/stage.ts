/** One training of a session: from its start or its checkpoint to its rows of the table. */
import { internalError, runError } from "../errors.ts";
import { regressionRule, type SelectionRule, selectionRule } from "../evaluate/selection.ts";
import { decodeCheckpoint } from "../train/checkpoint.ts";
import { paceOf, stepsOf } from "../train/job.ts";
import { fileOf, lastCheckpoint, type Session, type SessionHooks } from "./context.ts";
import type { Finished, SessionProgress } from "./progress.ts";
import { rowsOf } from "./rows.ts";
import { selectOf } from "./selecting.ts";
import type { Stage } from "./stages.ts";
import { createTracker, type Tracker, withoutSlots } from "./tracker.ts";
import { type DivergedTraining, type Keeping, type StageTraining, trainStage } from "./train-stage.ts";

export interface StageRun {
  readonly session: Session;
  readonly stage: Stage;
  /** Where an earlier sitting left this stage. */
  readonly current: SessionProgress["current"];
  readonly finished: readonly Finished[];
  readonly hooks: SessionHooks;
  progress(current: SessionProgress["current"]): SessionProgress;
}

export type StageOutcome =
  | { readonly kind: "aborted"; readonly step: number }
  | { readonly kind: "finished"; readonly finished: Finished };

export async function runStage(run: StageRun): Promise<StageOutcome> {
  const { session, stage, current, hooks } = run;
  const tracker = stage.tracked ? trackerOf(run, stepsOf(stage.job)) : undefined;
  const trained = await trainStage({
    stage,
    backend: session.backend,
    keeping: keepingOf(run),
    tracker,
    current,
    ...beginningOf(run),
  });
  switch (trained.kind) {
    case "aborted":
      return trained;
    case "diverged": {
      const { reason, remedy, domainAccuracy } = trained;
      if (stage.id === "source-only") throw runError("diverged", reason, remedy);
      hooks.event({ type: "diverged", model: stage.name, reason });
      return { kind: "finished", finished: divergedStage(stage.id, { reason, remedy, domainAccuracy }) };
    }
    case "trained": {
      const { state, steps, checkpoint, stepsPerSecond, domainAccuracy } = trained;
      const rows = await rowsOf(session, stage, state, tracker);
      const [last, selected] = [tracker?.last() ?? null, tracker?.selected() ?? null];
      const how = { checkpoint, steps, stepsPerSecond, domainAccuracy, diverged: null };
      return { kind: "finished", finished: { id: stage.id, rows, last, selected, ...how } };
    }
    default:
      throw internalError(`unknown outcome ${String(trained satisfies never)}`);
  }
}

export const keepingOf = ({ session, hooks, progress }: StageRun): Keeping => ({
  files: session.files,
  hooks,
  progress,
});

/** What is left of a training whose numbers left the ground. */
export const divergedStage = (
  id: Finished["id"],
  { reason, remedy, domainAccuracy }: Pick<DivergedTraining, "reason" | "remedy" | "domainAccuracy">,
): Finished => ({
  ...{ id, rows: [], last: null, selected: null, checkpoint: null, steps: 0, stepsPerSecond: 0, domainAccuracy },
  diverged: { reason, ...(remedy !== undefined && { remedy }) },
});

/** Where a stage begins: its own checkpoint; for AdaBN, which goes on from another model, that model's state. */
function beginningOf({ session, stage, current, finished }: StageRun): Pick<StageTraining, "resume" | "start"> {
  if (stage.id === "adabn") {
    const sourceOnly = finished.find(({ id }) => id === "source-only");
    return { resume: undefined, start: withoutSlots(lastCheckpoint(session, sourceOnly).state) };
  }
  const resume = current && decodeCheckpoint(fileOf(session, current.checkpoint), current.checkpoint);
  return { resume: resume ?? undefined };
}

function trackerOf({ session, stage, current, finished }: StageRun, totalSteps: number): Tracker {
  const { plan, samples } = session;
  const baseline = finished.find(({ id }) => id === "source-only")?.last;
  const rule = stage.id === "method" && baseline != null;
  const pace = paceOf(stage.job);
  const epochs = (totalSteps * pace.batch) / pace.rows;
  return createTracker({
    id: stage.id,
    samples,
    answers: plan,
    every: Math.max(1, Math.ceil(epochs / plan.evaluate.evaluations)),
    totalSteps,
    rule: rule ? ruleOf(session, baseline.scores.source ?? 0) : undefined,
    resumed: current ?? undefined,
    file: (name) => fileOf(session, name),
  });
}

function ruleOf({ plan, samples }: Session, sourceOnlyAccuracy: number): SelectionRule {
  const name = selectOf(plan);
  return plan.task.kind === "regression"
    ? regressionRule(name)
    : selectionRule(name, { sourceOnlyAccuracy, rows: samples.source.rows.rows });
}
