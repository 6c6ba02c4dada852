/**
 * A refinement from encoded rows to a result: a trained model is scored, trained on with rows of the target alone, and
 * scored again. Runs in any thread and knows no files, like `session.ts`.
 */
import { openBackend } from "#runtime";
import { internalError } from "../../errors.ts";
import { selectionRule } from "../../evaluate/selection.ts";
import type { Network } from "../../methods/method.ts";
import { decodeCheckpoint } from "../../train/checkpoint.ts";
import { paceOf, stepsOf, type TrainJob } from "../../train/job.ts";
import type { State } from "../../train/state.ts";
import { fileOf, type SessionHooks, type SessionOutcome } from "../context.ts";
import { networkOfPlan } from "../network.ts";
import type { Finished, SessionSave } from "../progress.ts";
import type { ModelRow } from "../result.ts";
import { trainedRows } from "../rows.ts";
import { targetSamples } from "../scoring.ts";
import { divergedStage } from "../stage.ts";
import { headOf, type Stage } from "../stages.ts";
import { createStopwatch, spentBefore, timesOf } from "../stopwatch.ts";
import { createTracker, type Tracker } from "../tracker.ts";
import { type Keeping, save, trainStage } from "../train-stage.ts";
import { trainable } from "../trainable.ts";
import { finishRefinement } from "./finish.ts";
import type { RefinePlan } from "./plan.ts";
import { describe, predictorOf, type Refining, scoresOf } from "./refining.ts";

export async function refineSession(
  asked: RefinePlan,
  hooks: SessionHooks,
  resume?: SessionSave,
): Promise<SessionOutcome> {
  const before = resume?.progress;
  const stopwatch = createStopwatch(spentBefore(before));
  const device = before?.device === "reference" ? undefined : before?.device;
  const backend = await openBackend(device ?? asked.train.device);
  const whole = await networkOfPlan(asked);
  const { plan, described } = await trainable(asked, whole, backend, hooks);
  const files = new Map(resume?.files);
  const refining: Refining = {
    ...{ plan, described, backend, samples: targetSamples(plan), files, stopwatch },
    deployed: { network: whole.network, preprocess: asked.preprocess, rows: targetSamples(asked).target },
  };
  const finished: Finished[] = [...(before?.finished ?? [])];
  const keeping: Keeping = {
    ...{ files, hooks, stopwatch },
    progress: (current) => ({ version: 1, device: backend.device, finished, current, ...timesOf(stopwatch) }),
  };
  if (finished.length === 0) {
    const outcome = await train(refining, keeping, before?.current ?? null);
    if ("aborted" in outcome) return { kind: "aborted", model: plan.method.name, step: outcome.aborted };
    finished.push(outcome);
    await save(keeping, null, new Map());
  }
  const [method] = finished;
  if (method === undefined) throw internalError("a refinement ended without its training");
  const done = await finishRefinement({ refining, method, writeModel: hooks.writeModel });
  hooks.event({ type: "result", result: done.result });
  return { kind: "finished", ...done };
}

async function train(
  refining: Refining,
  keeping: Keeping,
  current: Parameters<Keeping["progress"]>[0],
): Promise<Finished | { readonly aborted: number }> {
  const { plan, described, backend } = refining;
  const { method } = plan;
  const stage = refineStage(plan, described.network);
  const { job } = stage;
  const tracker = trackerOf(refining, job, current);
  keeping.hooks.event({
    type: "plan",
    network: describe(refining),
    trainings: [{ name: method.name, steps: stepsOf(job) }],
    warnings: plan.warnings,
  });
  const trained = await trainStage({
    ...{ stage, backend, keeping, tracker, current, start: plan.start.state },
    resume: current === null ? undefined : decodeCheckpoint(fileOf(refining, current.checkpoint), current.checkpoint),
  });
  switch (trained.kind) {
    case "aborted":
      return { aborted: trained.step };
    case "diverged":
      keeping.hooks.event({ type: "diverged", model: method.name, reason: trained.reason });
      return divergedStage("method", trained);
    case "trained": {
      const { state, steps, stepsPerSecond, domainAccuracy, terms } = trained;
      const rows = await rowsOf(refining, state, job, tracker);
      const [last, selected] = [tracker.last(), tracker.selected()];
      return {
        id: "method",
        rows,
        last,
        selected,
        ...{ checkpoint: trained.checkpoint, steps, stepsPerSecond, domainAccuracy, terms },
        diverged: null,
      };
    }
    default:
      throw internalError(`unknown outcome ${String(trained satisfies never)}`);
  }
}

/** The one training of a refinement. */
export const refineStage = (plan: RefinePlan, network: Network): Pick<Stage, "id" | "name" | "job"> => ({
  id: "method",
  name: plan.method.name,
  job: {
    ...{ network, method: plan.method, ...headOf(plan) },
    ...{ preprocess: plan.preprocess, target: plan.target, config: plan.train },
  },
});

function trackerOf(refining: Refining, job: TrainJob, resumed: Parameters<Keeping["progress"]>[0]): Tracker {
  const { plan, samples } = refining;
  const { rows, batch } = paceOf(job);
  const totalSteps = stepsOf(job);
  return createTracker({
    ...{ id: "method", samples, answers: plan, totalSteps },
    every: Math.max(1, Math.ceil((totalSteps * batch) / rows / plan.evaluate.evaluations)),
    rule: selectionRule(plan.evaluate.select),
    resumed: resumed ?? undefined,
    file: (name) => fileOf(refining, name),
  });
}

/** The last epoch, the one that a validator has chosen where one was asked for, the oracle's. */
async function rowsOf(refining: Refining, last: State, job: TrainJob, tracker: Tracker): Promise<ModelRow[]> {
  const { plan } = refining;
  const { rows, batch } = paceOf(job);
  const predictor = predictorOf(refining, "statistics");
  try {
    const all = await trainedRows({
      ...{ name: plan.method.name, method: plan.method.name, last, tracker, bound: false },
      lastEpoch: tracker.last()?.epoch ?? Math.round((100 * stepsOf(job) * batch) / rows) / 100,
      score: (state) => scoresOf(plan, predictor, state),
    });
    return plan.evaluate.select === "last" ? all.filter(({ selection }) => selection !== "validator") : all;
  } finally {
    await predictor.dispose();
  }
}
