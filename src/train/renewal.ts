/**
 * What a method has done between steps, outside the step's graph: its pseudo-labels of all target rows, weights of the
 * source's classes, and new copies of the network. All are carried with the state, so that a resumed run has those that it was stopped with.
 */
import { epochEnd } from "../data/batches.ts";
import { internalError } from "../errors.ts";
import { classWeightsName } from "../methods/class-weights.ts";
import type { ClassWeighting, Method } from "../methods/method.ts";
import { originalOf } from "../nn/frozen-copy.ts";
import { classIndices, classShares } from "../task.ts";
import type { ClassWeightsEvent } from "./events.ts";
import type { TrainJob } from "./job.ts";
import type { Predictor } from "./predictor.ts";
import type { CarriedState, State } from "./state.ts";

/** The state that holds the class of each target row. */
export const labelsName = "pseudoLabels";

export interface Renewal {
  /** Whether it is to be done before the step after `done`. */
  due(done: number): boolean;
  /** The next number of steps done, above `done`, at which it is due. */
  next(done: number): number;
  /** Writes to the state, in place: the network as it is now decides. Gives what is worth telling of it. */
  renew(state: State, predictor: Predictor): Promise<Omit<ClassWeightsEvent, "step"> | undefined>;
}

type RenewedJob = Pick<TrainJob, "source" | "labels" | "target" | "classes" | "config">;

/** State that is kept for a method's renewals. */
export function renewed({ target }: RenewedJob, { pseudoLabels }: Method): CarriedState[] {
  if (pseudoLabels === undefined || target === undefined) return [];
  const { rows } = target;
  return [{ name: labelsName, dims: [rows], kind: "own", initialise: () => new Float32Array(rows) }];
}

export function renewalsOf(job: RenewedJob, { pseudoLabels, classWeights, copies }: Method): Renewal[] {
  const { target, classes, config } = job;
  if (target === undefined) return [];
  const every = (passes: number): Pick<Renewal, "due" | "next"> => ends(passes * target.rows, config.batch.target);
  const labelling: Renewal | undefined = pseudoLabels && {
    ...every(pseudoLabels.every),
    async renew(state, predictor) {
      const kept = state.get(labelsName);
      if (kept === undefined) throw internalError("there is no state for pseudo-labels");
      const seen = await predictor.predict(state, target, "target");
      kept.data.set(pseudoLabels.label({ ...seen, rows: target.rows, classes }));
      return undefined;
    },
  };
  const copying: Renewal | undefined = copies && {
    ...every(copies.every),
    async renew(state) {
      copyParts(state);
      return undefined;
    },
  };
  const weighing = classWeights && weighingOf(job, classWeights);
  return [labelling, weighing, copying].filter((renewal) => renewal !== undefined);
}

/** Before the first step, and whenever `batch` rows a step have made another pass over `rows`. */
function ends(rows: number, batch: number): Pick<Renewal, "due" | "next"> {
  const times = (done: number): number => Math.floor((done * batch) / rows);
  return {
    due: (done) => done === 0 || times(done) > times(done - 1),
    next: (done) => epochEnd(times(done) + 1, rows, batch),
  };
}

/** After passes over the domain that takes more steps: each needs the network run over all rows of both. */
function weighingOf(
  { source, labels: given, target, classes, config }: RenewedJob,
  weighting: ClassWeighting,
): Renewal {
  if (source === undefined || given === undefined || target === undefined)
    throw internalError("class weights need rows of both domains");
  const labels = classIndices(given);
  const { batch } = config;
  const larger = source.rows / batch.source > target.rows / batch.target ? "source" : "target";
  const { due, next } = ends(weighting.every * (larger === "source" ? source : target).rows, batch[larger]);
  const drawn =
    config.sourceSampling === "balanced" ? classShares(new Set(labels), classes) : classShares(labels, classes);
  return {
    // An untrained network has nothing to say.
    due: (done) => done > 0 && due(done),
    next,
    async renew(state, predictor) {
      const kept = state.get(classWeightsName);
      if (kept === undefined) throw internalError("there is no state for class weights");
      const seen = { features: false };
      const ofSource = await predictor.predict(state, source, "source", seen);
      const ofTarget = await predictor.predict(state, target, "target", seen);
      const both = { classes, source: { logits: ofSource.logits, labels, drawn }, target: { logits: ofTarget.logits } };
      kept.data.set(weighting.weigh(both, kept.data));
      return { type: "class-weights", weights: [...kept.data] };
    },
  };
}

/** Frozen copies become what they are copies of. */
export function copyParts(state: State): void {
  for (const [name, { data }] of state) {
    const original = originalOf(name);
    if (original === undefined) continue;
    const now = state.get(original);
    if (now === undefined) throw internalError(`${name} is a copy of nothing`);
    data.set(now.data);
  }
}
