/** From a job to what does its steps: graphs compiled, the state that they begin with, what is renewed between them. */
import { openBackend } from "#runtime";
import { makeLambdaSchedule, makeRateSchedule, type Schedule } from "../dann/schedules.ts";
import { prepareRows } from "../data/encode.ts";
import { usageError } from "../errors.ts";
import type { Method, Network } from "../methods/method.ts";
import { makeOptimizer } from "../optim/config.ts";
import type { Backend } from "../runtime/backend.ts";
import { type Checkpoint, checkFingerprint } from "./checkpoint.ts";
import { apartOf, checkedMethod, labelledBatchOf, networkOf, paceOf, stepsOf, type TrainJob } from "./job.ts";
import { createPredictor, type Predictor } from "./predictor.ts";
import { type Renewal, renewalsOf, renewed } from "./renewal.ts";
import { checkState, copyState, initialState, type State, startingState } from "./state.ts";
import { type TrainingStep, trainingStep } from "./step.ts";
import { createStepper, type Opening, type Stepper } from "./stepper.ts";
import { endWarmUp, together, warmUpOf, warmUpSteps } from "./warm-up.ts";

/** How training begins. */
export interface Beginning {
  /** Where an earlier run of the same job left off. */
  readonly resume?: Checkpoint;
  /** State of a trained model of this network to begin with; default: values drawn from the seed. */
  readonly start?: State;
  /** Engine to use; default: the one that the configuration's `device` names. */
  readonly backend?: Backend;
}

/** What training goes on with from step to step. */
export interface Run {
  readonly network: Network;
  readonly method: Method;
  readonly backend: Backend;
  readonly stepper: Stepper;
  /** Steps of a first phase; 0 where there is none. */
  readonly switchAt: number;
  /** Ends the first phase, and gives what does the steps of the second. */
  switchFrom(first: Stepper): Promise<Stepper>;
  readonly predictor: Predictor;
  readonly renewals: readonly Renewal[];
  readonly parameters: number;
  readonly total: number;
  readonly stepsPerEpoch: number;
  readonly lambda: Schedule;
  readonly rate: Schedule;
}

/** The step of a job by its method, or by what stands in for it in a first phase. */
export const stepOf = (job: TrainJob, network: Network, method: Method): TrainingStep => {
  const { preprocess, sources, config } = job;
  return trainingStep({
    ...{ network, method, preprocess },
    batch: config.batch,
    labelledTarget: labelledBatchOf(job),
    optimizer: makeOptimizer(config.optimizer),
    partRates: config.partRates,
    gradientClip: config.gradientClip,
    sources: sources === undefined ? "one" : "several",
    weightAverage: config.weightAverage,
    sharpness: config.sharpness,
  });
};

export async function prepare(job: TrainJob, options: Beginning, open: { dispose(): Promise<void> }[]): Promise<Run> {
  const { config, classes, task, preprocess } = job;
  const method = checkedMethod(job);
  const network = networkOf(job);
  const ready = preparedJob(job);
  const [total, pace] = [stepsOf(job), paceOf(job)];
  const { resume, start } = options;
  const step = stepOf(ready, network, method);
  const warmUp = warmUpOf(method);
  const first = warmUp && stepOf(ready, network, warmUp);
  const switchAt = warmUpSteps(method, total);
  const carried = together(step.carried, first?.carried ?? [], renewed(job, method));
  if (resume !== undefined) {
    checkFingerprint(resume, job);
    checkState(resume.state, carried, "checkpoint");
    if (resume.step > total)
      throw usageError("resume-step", `the checkpoint has ${resume.step} steps, the run only ${total}`);
  }
  const backend = options.backend ?? (await openBackend(config.device));
  const begin = start === undefined ? initialState(carried, config.seed) : startingState(carried, start, config.seed);
  const initial = resume?.state ?? begin;
  const at = resume?.step ?? 0;
  const opened = async (does: TrainingStep, opening: Opening): Promise<Stepper> => {
    const made = await createStepper(ready, does, backend, opening);
    open.push(made);
    return made;
  };
  const second = async (state: State, ends: boolean): Promise<Stepper> => {
    const own = copyState(state);
    if (ends) endWarmUp(own, carried, config.seed);
    return opened(step, { state: own, phase: switchAt });
  };
  const stepper =
    first !== undefined && at < switchAt
      ? await opened(first, { state: initial, phase: 0 })
      : await second(initial, first !== undefined && at === switchAt);
  const apart = apartOf(job);
  const { threads } = config;
  const predictor = createPredictor({ network, preprocess, classes, task, apart, backend, threads });
  open.push(predictor);
  return {
    network,
    method,
    backend,
    stepper,
    predictor,
    switchAt,
    switchFrom: (from) => second(from.state(), true),
    renewals: renewalsOf(job, method),
    parameters: Math.max(step.parameters, first?.parameters ?? 0),
    total,
    stepsPerEpoch: Math.ceil(pace.rows / pace.batch),
    lambda: makeLambdaSchedule(config.lambda, total),
    rate: makeRateSchedule(config.rate),
  };
}

/** The job with what the graph would do to the same rows at every step done once. Only the steps use it. */
function preparedJob(job: TrainJob): TrainJob {
  const { labelledTarget } = job;
  const [source, target, labelled] = [job.source, job.target, labelledTarget?.rows].map(
    (rows) => rows && prepareRows(rows, job.preprocess),
  );
  return {
    ...job,
    ...(source && { source: source.rows }),
    ...(target && { target: target.rows }),
    ...(labelledTarget && labelled && { labelledTarget: { ...labelledTarget, rows: labelled.rows } }),
    preprocess: source?.spec ?? target?.spec ?? job.preprocess,
  };
}
