/** One training of a session: from its start or its checkpoint to its rows of the table. */
import { DannError } from "../errors.ts";
import { selectionRule } from "../evaluate/selection.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, fingerprint } from "../train/checkpoint.ts";
import { stepsToTrain } from "../train/config.ts";
import { fit as train } from "../train/fit.ts";
import { fileOf, lastCheckpoint, type Session, type SessionHooks } from "./context.ts";
import { type Finished, filesOf, type SessionProgress } from "./progress.ts";
import { rowsOf } from "./rows.ts";
import { selectOf } from "./selecting.ts";
import type { Stage } from "./stages.ts";
import { createTracker, type Tracker, withoutSlots } from "./tracker.ts";

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

/** Saves, and remembers the files: finishing reads them back. */
export async function save(
  run: StageRun,
  current: SessionProgress["current"],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const progress = run.progress(current);
  const spoken = new Set(filesOf(progress));
  for (const [name, bytes] of files) run.session.files.set(name, bytes);
  for (const name of run.session.files.keys()) if (!spoken.has(name)) run.session.files.delete(name);
  await run.hooks.save({ progress, files });
}

export async function runStage(run: StageRun): Promise<StageOutcome> {
  const { session, stage, current, hooks } = run;
  const total = stepsToTrain(stage.job.config, stage.job.source.rows);
  const tracker = stage.tracked ? trackerOf(run, total) : undefined;
  let checkpoint = current?.checkpoint ?? null;
  let stepsPerSecond = 0;
  let domainAccuracy = current?.domainAccuracy ?? null;
  const resume = startOf(run);
  const training = train(stage.job, {
    signal: hooks.signal,
    backend: session.backend,
    ...(resume && { resume }),
    ...(tracker && { onEpoch: (snapshot, epoch) => tracker.onEpoch(snapshot, epoch) }),
    ...(tracker && {
      async onCheckpoint(point) {
        checkpoint = `${stage.id}-${point.step}.safetensors`;
        const files = tracker.newFiles().set(checkpoint, encodeCheckpoint(point));
        const [last, selected, oracle] = [tracker.last(), tracker.selected(), tracker.oracle()];
        await save(run, { step: point.step, checkpoint, last, selected, oracle, domainAccuracy }, files);
      },
    }),
  });
  try {
    for await (const event of training) {
      // Epochs that were not evaluated have nothing to tell.
      if (event.type === "epoch" && Object.keys(event.validators).length === 0) continue;
      if (event.type === "step") {
        stepsPerSecond = event.stepsPerSecond;
        const { domainAccuracy: now } = event.terms;
        if (now !== undefined) domainAccuracy = Math.max(domainAccuracy ?? 0, now);
      }
      hooks.event({ ...event, model: stage.name });
    }
  } catch (error) {
    if (!(error instanceof DannError && error.code === "diverged") || stage.id === "source-only") throw error;
    hooks.event({ type: "diverged", model: stage.name, reason: error.message });
    const diverged = { reason: error.message, ...(error.remedy !== undefined && { remedy: error.remedy }) };
    const nothing = {
      rows: [],
      last: null,
      selected: null,
      checkpoint: null,
      steps: 0,
      stepsPerSecond: 0,
      domainAccuracy,
    };
    return { kind: "finished", finished: { id: stage.id, ...nothing, diverged } };
  }
  const trained = await training.result;
  if (trained.reason === "aborted") return { kind: "aborted", step: trained.step };
  const rows = await rowsOf(session, stage, trained.state, tracker);
  return {
    kind: "finished",
    finished: {
      id: stage.id,
      rows,
      last: tracker?.last() ?? null,
      selected: tracker?.selected() ?? null,
      checkpoint,
      steps: trained.step,
      stepsPerSecond,
      domainAccuracy,
      diverged: null,
    },
  };
}

/** Where a stage begins: its own checkpoint; for AdaBN, which goes on from another model, that model's. */
function startOf({ session, stage, current, finished }: StageRun): Checkpoint | undefined {
  if (stage.id === "adabn") {
    const point = lastCheckpoint(
      session,
      finished.find(({ id }) => id === "source-only"),
    );
    // A frozen network has no optimiser, so nothing of one may be in its state.
    return { step: 0, state: withoutSlots(point.state), pending: { steps: 0, sums: {} }, job: fingerprint(stage.job) };
  }
  return current === null ? undefined : decodeCheckpoint(fileOf(session, current.checkpoint), current.checkpoint);
}

function trackerOf({ session, stage, current, finished }: StageRun, totalSteps: number): Tracker {
  const { plan, samples } = session;
  const baseline = finished.find(({ id }) => id === "source-only")?.last;
  const rule = stage.id === "method" && baseline != null;
  const epochs = (totalSteps * stage.job.config.batch.source) / stage.job.source.rows;
  return createTracker({
    id: stage.id,
    samples,
    classes: plan.classes.length,
    every: Math.max(1, Math.ceil(epochs / plan.evaluate.evaluations)),
    totalSteps,
    rule: rule
      ? selectionRule(selectOf(plan), {
          sourceOnlyAccuracy: baseline.scores.source ?? 0,
          rows: samples.source.rows.rows,
        })
      : undefined,
    resumed: current ?? undefined,
    file: (name) => fileOf(session, name),
  });
}
