/**
 * Follows one training: evaluates epochs on the fixed samples and keeps the states that results are made of. At most
 * two states are held: the one chosen without target labels, and the oracle's where target labels were given.
 */

import { internalError } from "../errors.ts";
import { isBetter, type SelectionRule } from "../evaluate/selection.ts";
import type { Tensor } from "../graph/tensor.ts";
import { modelState } from "../train/average.ts";
import type { EpochEvent } from "../train/events.ts";
import type { Snapshot } from "../train/fit.ts";
import { decodeSafetensors, encodeSafetensors } from "../train/safetensors.ts";
import type { State } from "../train/state.ts";
import type { Answers } from "./plan.ts";
import type { Evaluated, Kept } from "./progress.ts";
import { type EvaluatedRows, scoreSamples } from "./scoring.ts";

export interface TrackerRequest {
  /** First part of the files' names. */
  readonly id: string;
  readonly samples: EvaluatedRows;
  readonly answers: Answers;
  /** Evaluations are made at every n-th epoch, and always after the last step. */
  readonly every: number;
  readonly totalSteps: number;
  /** Steps of a first phase, whose models are not the method's: none of them can be selected. Default 0. */
  readonly warmUpSteps?: number | undefined;
  /** How epochs are compared; without a rule only the last one counts. */
  readonly rule: SelectionRule | undefined;
  /** By class, the target's share over the source's, where the method weighs classes. */
  readonly classWeights?: readonly number[] | undefined;
  readonly resumed:
    | { readonly last: Evaluated | null; readonly selected: Kept | null; readonly oracle: Kept | null }
    | undefined;
  /** Reads a file of an earlier sitting. */
  readonly file: (name: string) => Uint8Array;
}

export interface Tracker {
  onEpoch(snapshot: Snapshot, epoch: number): Promise<Pick<EpochEvent, "validators" | "scores">>;
  last(): Evaluated | null;
  selected(): Kept | null;
  oracle(): Kept | null;
  /** The state of a kept epoch, without the optimiser's part. */
  state(kept: Kept): State;
  /** Files of kept states that were not handed out yet. */
  newFiles(): Map<string, Uint8Array>;
}

export function createTracker(request: TrackerRequest): Tracker {
  const { id, samples, answers, every, totalSteps, warmUpSteps = 0, rule, resumed } = request;
  const states = new Map<string, State>();
  const unsaved = new Set<string>();
  let last = resumed?.last ?? null;
  let selected = resumed?.selected ?? null;
  let oracle = resumed?.oracle ?? null;

  /** Accuracies are better when higher, errors of numbers when lower. */
  const exceeds = (score: number, best: number | undefined): boolean =>
    best === undefined || (answers.task.kind === "regression" ? score < best : score > best);
  const keep = (role: string, before: Kept | null, evaluated: Evaluated, snapshot: Snapshot): Kept => {
    if (before !== null) {
      states.delete(before.file);
      unsaved.delete(before.file);
    }
    const file = `${id}-${role}-${evaluated.step}.safetensors`;
    states.set(file, withoutSlots(snapshot.state()));
    unsaved.add(file);
    return { ...evaluated, file };
  };

  return {
    async onEpoch(snapshot, epoch) {
      const { step } = snapshot;
      // The epoch after the last step may be a fraction: it is always evaluated.
      if (step < totalSteps && epoch % every !== 0) return { validators: {}, scores: {} };
      const { validators, scores } = await scoreSamples(
        (rows, domain, options) => snapshot.predict(rows, domain, options),
        samples,
        answers,
        request.classWeights,
      );
      last = { epoch, step, validators, scores };
      if (rule !== undefined && step > warmUpSteps) {
        if (isBetter(last, selected ?? undefined, rule)) selected = keep("selected", selected, last, snapshot);
        // The earliest of equals: what a look at the target's labels would have stopped at.
        if (scores.target !== undefined && exceeds(scores.target, oracle?.scores.target))
          oracle = keep("oracle", oracle, last, snapshot);
      }
      return { validators, scores };
    },
    last: () => last,
    selected: () => selected,
    oracle: () => oracle,
    state: ({ file }) => states.get(file) ?? decodeState(request.file(file), file),
    newFiles() {
      const files = new Map<string, Uint8Array>();
      for (const name of unsaved) {
        const state = states.get(name);
        if (state === undefined) throw internalError(`the state ${name} was dropped before it was saved`);
        files.set(name, encodeState(state));
      }
      unsaved.clear();
      return files;
    },
  };
}

/** A state without what belongs to the optimiser, averages in the place of weights: what a model is. */
export const withoutSlots = (state: State): State =>
  new Map([...modelState(state)].filter(([name]) => !name.startsWith("optimizer/")));

export const encodeState = (state: State): Uint8Array =>
  encodeSafetensors({
    tensors: new Map(
      [...state].map(([name, { dims, data }]): [string, Tensor] => [name, { dtype: "float32", dims, data }]),
    ),
    metadata: {},
  });

export function decodeState(bytes: Uint8Array, origin: string): State {
  const state = new Map<string, { dims: readonly number[]; data: Float32Array }>();
  for (const [name, tensor] of decodeSafetensors(bytes, origin).tensors) {
    if (tensor.dtype !== "float32") throw internalError(`${origin}: ${name} is ${tensor.dtype}, expected float32`);
    state.set(name, { dims: tensor.dims, data: tensor.data });
  }
  return state;
}
