/** One training of a session: from its start or its checkpoint to its rows of the table. */
import { internalError, runError } from "../errors.ts";
import { regressionRule, type SelectionRule, selectionRule } from "../evaluate/selection.ts";
import { makeMethod } from "../methods/make.ts";
import { decodeCheckpoint } from "../train/checkpoint.ts";
import { paceOf, stepsOf } from "../train/job.ts";
import { warmUpSteps } from "../train/warm-up.ts";
import { type Floor, floorOf } from "./by-shares.ts";
import { fileOf, lastCheckpoint, type Session, type SessionHooks } from "./context.ts";
import { type HealthWatch, healthWatch } from "./health-watch.ts";
import type { Finished, SessionProgress } from "./progress.ts";
import { reverseRisk, withLabels } from "./reverse.ts";
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
  const { session, current, hooks } = run;
  const labelled = await withLabels(session, run.stage, run.finished);
  if ("risk" in labelled) return { kind: "finished", finished: reverseStage(run.stage.id, labelled.risk) };
  const { stage } = labelled;
  const tracker = stage.tracked ? await trackerOf(run, stepsOf(stage.job)) : undefined;
  const trained = await trainStage({
    stage,
    backend: session.backend,
    keeping: keepingOf(run),
    tracker,
    watch: watchOf(run, stage),
    current,
    ...beginningOf(run),
  });
  switch (trained.kind) {
    case "aborted":
      return trained;
    case "diverged": {
      const { reason, remedy } = trained;
      if (stage.id === "source-only") throw runError("diverged", reason, remedy);
      hooks.event({ type: "diverged", model: stage.name, reason });
      return { kind: "finished", finished: divergedStage(stage.id, trained) };
    }
    case "trained": {
      const { state, steps, checkpoint, stepsPerSecond, domainAccuracy, terms } = trained;
      if (stage.labelledBy !== undefined)
        return { kind: "finished", finished: reverseStage(stage.id, await reverseRisk(session, stage, state)) };
      const rows = await rowsOf(session, stage, state, tracker);
      const [last, selected] = [tracker?.last() ?? null, tracker?.selected() ?? null];
      const how = { checkpoint, steps, stepsPerSecond, domainAccuracy, terms, diverged: null };
      return { kind: "finished", finished: { id: stage.id, rows, last, selected, ...how } };
    }
    default:
      throw internalError(`unknown outcome ${String(trained satisfies never)}`);
  }
}

export const keepingOf = ({ session, hooks, progress }: StageRun): Keeping => ({
  files: session.files,
  stopwatch: session.stopwatch,
  hooks,
  progress,
});

/** What is left of a training whose numbers left the ground. */
export const divergedStage = (
  id: Finished["id"],
  { reason, remedy, domainAccuracy, terms }: DivergedTraining,
): Finished => ({
  ...{ id, rows: [], last: null, selected: null, checkpoint: null, steps: 0, stepsPerSecond: 0, domainAccuracy, terms },
  diverged: { reason, ...(remedy !== undefined && { remedy }) },
});

/** A reverse training leaves its risk and no model. */
const reverseStage = (id: Finished["id"], risk: number): Finished => ({
  ...{ id, rows: [], last: null, selected: null, checkpoint: null, steps: 0, stepsPerSecond: 0 },
  ...{ domainAccuracy: null, terms: {}, diverged: null, reverseRisk: risk },
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

/** Epochs from one evaluation to the next. */
function epochsBetween({ plan }: Session, { job }: Stage): number {
  const { rows, batch } = paceOf(job);
  return Math.max(1, Math.ceil((stepsOf(job) * batch) / rows / plan.evaluate.evaluations));
}

function watchOf({ session, finished, hooks }: StageRun, stage: Stage): HealthWatch | undefined {
  const every = session.plan.evaluate.healthEvery;
  const baseline = finished.find(({ id }) => id === "source-only");
  if (every === undefined || stage.id !== "method" || baseline === undefined) return undefined;
  const epochs = epochsBetween(session, stage);
  return healthWatch({ session, model: stage.name, baseline, epochs, every, event: (event) => hooks.event(event) });
}

async function trackerOf({ session, stage, current, finished }: StageRun, totalSteps: number): Promise<Tracker> {
  const { plan, samples } = session;
  const baseline = finished.find(({ id }) => id === "source-only");
  const compared = stage.id === "method" && baseline?.last != null ? baseline : undefined;
  const floor = compared && (await floorOf(session, compared));
  return createTracker({
    id: stage.id,
    samples,
    answers: plan,
    every: epochsBetween(session, stage),
    totalSteps,
    warmUpSteps: warmUpSteps(makeMethod(stage.job.method), totalSteps),
    rule: floor && ruleOf(session, floor),
    classWeights: floor?.weights,
    resumed: current ?? undefined,
    file: (name) => fileOf(session, name),
  });
}

function ruleOf({ plan }: Session, { sourceOnlyAccuracy, rows }: Floor): SelectionRule {
  const name = selectOf(plan);
  return plan.task.kind === "regression" ? regressionRule(name) : selectionRule(name, { sourceOnlyAccuracy, rows });
}
