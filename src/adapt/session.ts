/**
 * One adaptation from encoded rows to a result: source-only and the method with the same network, seed and budget,
 * scored, compared and judged. Runs in any thread and knows no files: what is to be kept goes through hooks.
 */
import { openBackend } from "#runtime";
import { outputsOf } from "../task.ts";
import { stepsOf } from "../train/job.ts";
import { createPredictor } from "../train/predictor.ts";
import type { Session, SessionHooks, SessionOutcome } from "./context.ts";
import type { AdaptEvent } from "./events.ts";
import { type Finish, finish } from "./finish.ts";
import { networkOfPlan } from "./network.ts";
import type { SessionPlan } from "./plan.ts";
import type { Finished, SessionProgress, SessionSave } from "./progress.ts";
import { checkReverse } from "./reverse.ts";
import { samplesOf } from "./scoring.ts";
import { checkSelect } from "./selecting.ts";
import { keepingOf, runStage, type StageRun } from "./stage.ts";
import { type Stage, stagesOf } from "./stages.ts";
import { createStopwatch, spentBefore, timesOf } from "./stopwatch.ts";
import { save } from "./train-stage.ts";
import { trainable } from "./trainable.ts";

export async function runSession(
  asked: SessionPlan,
  hooks: SessionHooks,
  resume?: SessionSave,
): Promise<SessionOutcome> {
  const before = resume?.progress;
  const stopwatch = createStopwatch(spentBefore(before));
  const backend = await openBackend(deviceOf(before?.device) ?? asked.train.device);
  const whole = await networkOfPlan(asked);
  const { plan, described } = await trainable(asked, whole, backend, hooks);
  checkSelect(plan);
  checkReverse(plan, plan.sources?.names.length ?? 1);
  const session: Session = {
    plan,
    asked,
    described,
    deployed: { network: whole.network, preprocess: asked.preprocess, rows: samplesOf(asked).target },
    backend,
    samples: samplesOf(plan),
    stopwatch,
    files: new Map(resume?.files),
    predictor({ preprocess }, apart, outputs) {
      const { network } = described;
      const { threads } = plan.train;
      const head = { task: plan.task.kind, classes: outputsOf(plan.task, plan.classes) };
      return createPredictor({ ...head, network, preprocess, apart, backend, threads, outputs });
    },
  };
  const stages = stagesOf(plan, described.network);
  const finished: Finished[] = [...(before?.finished ?? [])];
  const place = ({ id }: Finished): number => stages.findIndex((stage) => stage.id === id);
  let announced = false;
  const toDo = stages.filter(({ id }) => !finished.some((one) => one.id === id));
  for (const stage of toDo) {
    // What an earlier sitting has left half done is the first of what is to do.
    const current = stage === toDo[0] ? (before?.current ?? null) : null;
    const run: StageRun = {
      session,
      stage,
      current,
      finished,
      hooks: {
        ...hooks,
        event(event) {
          if (!announced && event.type === "start") {
            announced = true;
            hooks.event(planEvent(session, stages, event.parameters));
          }
          hooks.event(event);
        },
      },
      progress: (now) => ({ version: 1, device: backend.device, finished, current: now, ...timesOf(stopwatch) }),
    };
    const outcome = await runStage(run);
    if (outcome.kind === "aborted") return { kind: "aborted", model: stage.name, step: outcome.step };
    finished.push(outcome.finished);
    finished.sort((a, b) => place(a) - place(b));
    await save(keepingOf(run), null, new Map());
  }
  const request: Finish = { session, finished, writeModel: hooks.writeModel };
  const done = await finish(request);
  hooks.event({ type: "result", result: done.result });
  return { kind: "finished", ...done };
}

const deviceOf = (device: SessionProgress["device"] | undefined): "cpu" | "wasm" | undefined =>
  device === "reference" ? undefined : device;

const planEvent = ({ plan, described }: Session, stages: readonly Stage[], parameters: number): AdaptEvent => ({
  type: "plan",
  network: { name: described.network.name, description: described.description, why: described.why, parameters },
  trainings: stages.map(({ name, job }) => ({ name, steps: stepsOf(job) })),
  warnings: plan.warnings,
});
