/** The training of one stage: its events, its checkpoints, and how it ended. Knows no data but those of its job. */
import { DannError } from "../errors.ts";
import { type TermSizes, withReport } from "../evaluate/health/growth.ts";
import type { Backend } from "../runtime/backend.ts";
import { type Checkpoint, encodeCheckpoint } from "../train/checkpoint.ts";
import { fit as train } from "../train/fit.ts";
import type { State } from "../train/state.ts";
import type { SessionHooks } from "./context.ts";
import type { HealthWatch } from "./health-watch.ts";
import { filesOf, type SessionProgress } from "./progress.ts";
import type { Stage } from "./stages.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Tracker } from "./tracker.ts";

type Current = SessionProgress["current"];

/** Where a session keeps what it saves. */
export interface Keeping {
  /** Files of checkpoints, of this sitting and earlier ones. */
  readonly files: Map<string, Uint8Array>;
  readonly hooks: SessionHooks;
  readonly stopwatch: Stopwatch;
  progress(current: Current): SessionProgress;
}

/** Saves, and remembers the files: finishing reads them back. */
export async function save(keeping: Keeping, current: Current, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const progress = keeping.progress(current);
  const spoken = new Set(filesOf(progress));
  for (const [name, bytes] of files) keeping.files.set(name, bytes);
  for (const name of keeping.files.keys()) if (!spoken.has(name)) keeping.files.delete(name);
  await keeping.hooks.save({ progress, files });
}

export interface StageTraining {
  readonly stage: Pick<Stage, "id" | "name" | "job">;
  readonly backend: Backend;
  readonly keeping: Keeping;
  /** Evaluates epochs and keeps states; without one nothing is saved. */
  readonly tracker: Tracker | undefined;
  /** Told of every evaluation. */
  readonly watch?: HealthWatch | undefined;
  /** Where an earlier sitting left it. */
  readonly current: Current;
  readonly resume: Checkpoint | undefined;
  /** State to begin with; default: values drawn from the seed. */
  readonly start?: State | undefined;
}

export interface DivergedTraining {
  readonly kind: "diverged";
  readonly reason: string;
  readonly remedy: string | undefined;
  readonly domainAccuracy: number | null;
  readonly terms: TermSizes;
}

export type TrainingOutcome =
  | { readonly kind: "aborted"; readonly step: number }
  | DivergedTraining
  | {
      readonly kind: "trained";
      readonly state: State;
      readonly steps: number;
      readonly checkpoint: string | null;
      readonly stepsPerSecond: number;
      /** The most that G_d got right; null where it was never asked. */
      readonly domainAccuracy: number | null;
      /** Between which sizes the terms of the loss went. */
      readonly terms: TermSizes;
    };

export const trainStage = (request: StageTraining): Promise<TrainingOutcome> =>
  request.keeping.stopwatch.during("training", () => trainAndEvaluate(request));

async function trainAndEvaluate(request: StageTraining): Promise<TrainingOutcome> {
  const { stage, backend, keeping, tracker, watch, resume, start } = request;
  let checkpoint = request.current?.checkpoint ?? null;
  let domainAccuracy = request.current?.domainAccuracy ?? null;
  let terms = request.current?.terms ?? {};
  let stepsPerSecond = 0;
  const training = train(stage.job, {
    signal: keeping.hooks.signal,
    backend,
    ...(resume && { resume }),
    ...(start && { start }),
    ...(tracker && {
      onEpoch: (snapshot, epoch) =>
        keeping.stopwatch.during("evaluation", async () => {
          const found = await tracker.onEpoch(snapshot, epoch);
          const { validators } = found;
          const evaluated = { epoch, step: snapshot.step, validators };
          if (Object.keys(validators).length > 0) await watch?.({ snapshot, evaluated, domainAccuracy, terms });
          return found;
        }),
    }),
    ...(tracker && {
      onCheckpoint: (point) =>
        keeping.stopwatch.during("rest", async () => {
          checkpoint = `${stage.id}-${point.step}.safetensors`;
          const files = tracker.newFiles().set(checkpoint, encodeCheckpoint(point));
          const [last, selected, oracle] = [tracker.last(), tracker.selected(), tracker.oracle()];
          await save(keeping, { step: point.step, checkpoint, last, selected, oracle, domainAccuracy, terms }, files);
        }),
    }),
  });
  try {
    for await (const event of training) {
      // Epochs that were not evaluated have nothing to tell.
      if (event.type === "epoch" && Object.keys(event.validators).length === 0) continue;
      if (event.type === "step") {
        stepsPerSecond = event.stepsPerSecond;
        const { domainAccuracy: now } = event.terms;
        const norm = event.gradientNorm?.largest;
        terms = withReport(terms, event.step, { ...event.terms, ...(norm !== undefined && { gradientNorm: norm }) });
        if (now !== undefined) domainAccuracy = Math.max(domainAccuracy ?? 0, now);
      }
      keeping.hooks.event({ ...event, model: stage.name });
    }
  } catch (error) {
    if (!(error instanceof DannError && error.code === "diverged")) throw error;
    return { kind: "diverged", reason: error.message, remedy: error.remedy, domainAccuracy, terms };
  }
  const { reason, step, state } = await training.result;
  return reason === "aborted"
    ? { kind: "aborted", step }
    : { kind: "trained", state, steps: step, checkpoint, stepsPerSecond, domainAccuracy, terms };
}
