/**
 * What a method has done between steps, outside the step's graph: its pseudo-labels of all target rows, and new copies of
 * the network. Both are carried with the state, so that a resumed run has those that it was stopped with.
 */
import { epochEnd } from "../data/batches.ts";
import { internalError } from "../errors.ts";
import type { Method } from "../methods/method.ts";
import { originalOf } from "../nn/frozen-copy.ts";
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
  /** Writes to the state, in place: the network as it is now decides. */
  renew(state: State, predictor: Predictor): Promise<void>;
}

type RenewedJob = Pick<TrainJob, "target" | "classes" | "config">;

/** State that is kept for a method's renewals. */
export function renewed({ target }: RenewedJob, { pseudoLabels }: Method): CarriedState[] {
  if (pseudoLabels === undefined || target === undefined) return [];
  const { rows } = target;
  return [{ name: labelsName, dims: [rows], kind: "own", initialise: () => new Float32Array(rows) }];
}

export function renewalsOf(job: RenewedJob, { pseudoLabels, copies }: Method): Renewal[] {
  const { target, classes, config } = job;
  if (target === undefined) return [];
  const every = (passes: number): Pick<Renewal, "due" | "next"> => {
    const rows = passes * target.rows;
    const times = (done: number): number => Math.floor((done * config.batch.target) / rows);
    return {
      due: (done) => done === 0 || times(done) > times(done - 1),
      next: (done) => epochEnd(times(done) + 1, rows, config.batch.target),
    };
  };
  const labelling: Renewal | undefined = pseudoLabels && {
    ...every(pseudoLabels.every),
    async renew(state, predictor) {
      const kept = state.get(labelsName);
      if (kept === undefined) throw internalError("there is no state for pseudo-labels");
      const seen = await predictor.predict(state, target, "target");
      kept.data.set(pseudoLabels.label({ ...seen, rows: target.rows, classes }));
    },
  };
  const copying: Renewal | undefined = copies && {
    ...every(copies.every),
    renew: async (state) => copyParts(state),
  };
  return [labelling, copying].filter((renewal) => renewal !== undefined);
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
