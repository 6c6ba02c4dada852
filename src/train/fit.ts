/**
 * Training as a stream of events. Steps advance only while the stream is read; an AbortSignal ends it after the step
 * in progress, with a checkpoint. Schedules, batches and noise are pure functions of the seed and the step, so a run
 * that was stopped and resumed gives the same bits as one that was not.
 */
import { progress } from "../dann/schedules.ts";
import { epochEnd } from "../data/batches.ts";
import type { EncodedRows } from "../data/encode.ts";
import type { Domain } from "../domain.ts";
import { internalError, usageError } from "../errors.ts";
import type { Network } from "../methods/method.ts";
import { modelState } from "./average.ts";
import { type Checkpoint, fingerprint } from "./checkpoint.ts";
import { checkFinite, checkNorm, watchTerms } from "./divergence.ts";
import type { EpochEvent, TrainEvent } from "./events.ts";
import type { StepInputs } from "./feeders.ts";
import type { Apart } from "./inference.ts";
import { apartOf, paceOf, type TrainJob } from "./job.ts";
import type { Prediction, PredictOptions } from "./predictor.ts";
import { type Beginning, prepare, type Run } from "./prepare.ts";
import { reporter } from "./report.ts";
import { copyState, type State } from "./state.ts";
import type { Stepper } from "./stepper.ts";
import { unparted } from "./warm-up.ts";
import { politely } from "./yield.ts";

/** A model in the middle of its training, usable until the callback that got it returns. */
export interface Snapshot {
  /** Steps done. */
  readonly step: number;
  predict(rows: EncodedRows, domain: Domain, options?: PredictOptions): Promise<Prediction>;
  /** A copy of the state, to keep. */
  state(): State;
}

export interface FitOptions extends Beginning {
  /** Ends training after the step in progress. */
  readonly signal?: AbortSignal;
  /** Called at the end of each epoch and after the last step; what it returns becomes part of the event. */
  readonly onEpoch?: (snapshot: Snapshot, epoch: number) => Promise<Pick<EpochEvent, "validators" | "scores">>;
  /** Called every `checkpointEvery` steps, after the last step, and when training is aborted. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
}

/** What training ends with. */
export interface Trained {
  readonly step: number;
  readonly reason: "finished" | "aborted";
  readonly state: State;
  readonly network: Network;
  /** What the state holds of each domain. */
  readonly apart: Apart;
}

export interface Fit extends AsyncIterable<TrainEvent> {
  /** Settles when the stream ends. A reader that leaves early gets what was trained until then, as aborted. */
  readonly result: Promise<Trained>;
}

/** Trains a job. The stream can be read once. */
export function fit(job: TrainJob, options: FitOptions = {}): Fit {
  let settle: { resolve: (trained: Trained) => void; reject: (error: unknown) => void } | undefined;
  const result = new Promise<Trained>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // The stream throws the same error: whoever reads only the stream must not be punished for it.
  result.catch(() => undefined);
  if (settle === undefined) throw internalError("a promise did not call its executor");
  const { resolve, reject } = settle;
  const stream = train(job, options, resolve, reject);
  return { result, [Symbol.asyncIterator]: () => stream };
}

/** Reads a stream to its end and gives what was trained. */
export async function trained(fit: Fit): Promise<Trained> {
  for await (const _ of fit);
  return fit.result;
}

async function* train(
  job: TrainJob,
  options: FitOptions,
  resolve: (trained: Trained) => void,
  reject: (error: unknown) => void,
): AsyncGenerator<TrainEvent, void, undefined> {
  const began = performance.now();
  const open: { dispose(): Promise<void> }[] = [];
  let finish: ((reason: Trained["reason"]) => Trained) | undefined;
  try {
    const run = await prepare(job, options, open);
    const { config } = job;
    const { total, stepsPerEpoch, switchAt } = run;
    let { stepper } = run;
    let done = options.resume?.step ?? 0;
    // Steps that the state has seen: ahead of `done` while the events of a run of several steps are told.
    let ran = done;
    finish = (reason) => ({
      step: ran,
      reason,
      state: copyState(modelOf(run, stepper, ran)),
      network: run.network,
      apart: apartOf(job),
    });
    let report = reporter([...stepper.terms.keys()], options.resume?.pending);
    const watch = watchTerms(options.resume?.began);
    const breathe = politely();
    const save = async (): Promise<boolean> => {
      checkFinite(done, stepper.state());
      if (options.onCheckpoint === undefined) return false;
      const state = copyState(stepper.state());
      const [pending, began] = [report.pending(), watch.began()];
      await options.onCheckpoint({ step: done, state, pending, began, job: fingerprint(job) });
      return true;
    };
    yield {
      type: "start",
      method: run.method.name,
      network: run.network.name,
      parameters: run.parameters,
      steps: total,
      stepsPerEpoch,
      fromStep: done,
      device: run.backend.device,
      threads: config.threads,
    };
    let saved = done;
    const stop = nextStop(job, options, total, run);
    const inputsAt = (at: number): StepInputs => {
      const p = progress(at, total);
      return { lambda: run.lambda(p), rate: run.rate(p) };
    };
    while (done < total && options.signal?.aborted !== true) {
      for (const renewal of run.renewals) {
        const news = renewal.due(done) ? await renewal.renew(stepper.state(), run.predictor) : undefined;
        if (news !== undefined) yield { ...news, step: done };
      }
      const steps = await stepper.run(done, stop(done) - done, inputsAt);
      ran = done + steps;
      for (let i = 0; i < steps; i++) {
        done += 1;
        watch.check(done, stepper.terms, i);
        const norm = stepper.gradientNorm?.[i];
        if (norm !== undefined) checkNorm(done, norm);
        report.add(stepper, i);
        if (done % config.logEvery === 0 || done === switchAt || done === total) {
          const { lambda, rate } = inputsAt(done - 1);
          yield report.event({ step: done, progress: progress(done - 1, total), lambda, learningRate: rate });
        }
        const epoch = epochAt(done, total, job);
        if (epoch !== undefined) yield await evaluate(run, stepper, options, epoch, done);
      }
      if (done % config.checkpointEvery === 0 || done === total) {
        saved = done;
        if (await save()) yield { type: "checkpoint", step: done };
      }
      if (done === switchAt && done < total) {
        stepper = await run.switchFrom(stepper);
        report = reporter([...stepper.terms.keys()], undefined);
      }
      const pause = breathe();
      if (pause !== undefined) await pause;
    }
    if (saved !== done && (await save())) yield { type: "checkpoint", step: done };
    const reason = done < total ? "aborted" : "finished";
    resolve(finish(reason));
    yield { type: "done", step: done, reason, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    reject(error);
    throw error;
  } finally {
    // Reached without an outcome when the reader leaves the stream; settling twice does nothing.
    if (finish !== undefined) resolve(finish("aborted"));
    for (const resource of open) await resource.dispose();
  }
}

/** What is trained after so many steps, as a model. */
function modelOf({ switchAt }: Pick<Run, "switchAt">, stepper: Stepper, done: number): State {
  const model = modelState(stepper.state());
  return done <= switchAt ? unparted(model) : model;
}

/** The next step, counted from `done`, at which the state is needed or a report is due: no run goes beyond it. */
function nextStop(
  job: TrainJob,
  { onEpoch }: FitOptions,
  total: number,
  { renewals, switchAt }: Pick<Run, "renewals" | "switchAt">,
): (done: number) => number {
  const { config } = job;
  const { rows, batch } = paceOf(job);
  const every = (steps: number, done: number): number => (Math.floor(done / steps) + 1) * steps;
  return (done) => {
    const epoch = Math.floor((done * batch) / rows) + 1;
    return Math.min(
      total,
      every(config.logEvery, done),
      every(config.checkpointEvery, done),
      onEpoch === undefined ? total : epochEnd(epoch, rows, batch),
      done < switchAt ? switchAt : total,
      ...renewals.map((renewal) => renewal.next(done)),
    );
  };
}

/** Epochs done, when this step completes one; after the last step the exact fraction, such as 3.2. */
function epochAt(done: number, total: number, job: TrainJob): number | undefined {
  const { rows, batch } = paceOf(job);
  const at = (step: number): number => (step * batch) / rows;
  const whole = Math.floor(at(done));
  if (whole > Math.floor(at(done - 1))) return whole;
  return done === total ? Math.round(100 * at(done)) / 100 : undefined;
}

async function evaluate(
  run: Run,
  stepper: Stepper,
  options: FitOptions,
  epoch: number,
  step: number,
): Promise<EpochEvent> {
  if (options.onEpoch === undefined) return { type: "epoch", epoch, step, validators: {}, scores: {} };
  checkFinite(step, stepper.state());
  let live = true;
  const state = (): State => {
    if (!live)
      throw usageError("snapshot-expired", `the snapshot of step ${step} was used after its callback returned`);
    return modelOf(run, stepper, step);
  };
  const snapshot: Snapshot = {
    step,
    predict: (rows, domain, predictOptions) => run.predictor.predict(state(), rows, domain, predictOptions),
    state: () => copyState(state()),
  };
  const { validators, scores } = await options.onEpoch(snapshot, epoch);
  live = false;
  return { type: "epoch", epoch, step, validators, scores };
}
