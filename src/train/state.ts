/** What training carries from step to step, by name: parameters, running statistics and the optimiser's slots. */
import { dataError } from "../errors.ts";
import { sizeOf } from "../graph/tensor.ts";
import { originalOf } from "../nn/frozen-copy.ts";
import type { StateSpec } from "../nn/layer.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { random } from "../random.ts";

export interface StateTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Values by name, in the order in which the network asked for them. */
export type State = ReadonlyMap<string, StateTensor>;

/** One carried value of a training step. */
export interface CarriedState {
  readonly name: string;
  readonly dims: readonly number[];
  /** `own`: kept for a method between steps, such as pseudo-labels; no part of the network. */
  readonly kind: "parameter" | "statistic" | "slot" | "own" | "average";
  /** Value before the first step. */
  readonly initialise: (seed: number) => Float32Array;
}

/** `optimizer/momentum/featureExtractor/conv1/weight`: slots are told from the network's own state by their prefix. */
export const slotName = (slot: string, parameter: string): string => `optimizer/${slot}/${parameter}`;

/** What a network's own state carries; each value depends on the run's seed and its own name alone. */
export const carriedState = (spec: StateSpec): CarriedState => ({
  name: spec.name,
  dims: spec.type.shape,
  kind: spec.kind,
  initialise: (seed) => spec.initialise(random(seed).split("initial").split(spec.name)),
});

/** The slots that an optimiser keeps for one parameter. */
export const carriedSlots = (parameter: StateSpec, optimizer: Optimizer): CarriedState[] =>
  optimizer.slots.map((slot) => ({
    name: slotName(slot.name, parameter.name),
    dims: parameter.type.shape,
    kind: "slot",
    initialise: () => new Float32Array(sizeOf(parameter.type.shape)).fill(slot.initial),
  }));

export const initialState = (carried: readonly CarriedState[], seed: number): State =>
  new Map(carried.map(({ name, dims, initialise }) => [name, { dims, data: initialise(seed) }]));

/** The source's own value of what batch normalisation keeps by domain; of all else the name as it is. */
export const ofSource = (name: string): string => name.replace(/\/target\/(?=[^/]*$)/, "/source/");

/**
 * What training begins with where it goes on from a trained model: its values, and the usual ones of the optimiser and
 * of what is the method's own. A model that never saw the target has the source's values where the target has its own.
 */
export function startingState(carried: readonly CarriedState[], start: State, seed: number): State {
  return new Map(
    carried.map(({ name, dims, kind, initialise }) => {
      if (kind === "slot" || kind === "own") return [name, { dims, data: initialise(seed) }];
      const wanted = kind === "average" ? name.replace(/^average\//, "") : (originalOf(name) ?? name);
      const found = start.get(wanted) ?? start.get(ofSource(wanted));
      if (found === undefined || found.dims.join() !== dims.join())
        throw dataError(
          "state-mismatch",
          `the model to start from: state ${name}: expected [${dims.join(",")}], got ${found === undefined ? "none" : `[${found.dims.join(",")}]`}`,
          "Use the network and options that it was trained with.",
        );
      return [name, { dims, data: found.data.slice() }];
    }),
  );
}

export const copyState = (state: State): State =>
  new Map([...state].map(([name, { dims, data }]) => [name, { dims, data: data.slice() }]));

/** The first value that is no finite number, or undefined. */
export function firstNotFinite(state: State): string | undefined {
  for (const [name, { data }] of state) {
    // A sum is finite only if its terms are (float32 terms cannot overflow a float64 sum): one cheap pass.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i] ?? 0;
    if (!Number.isFinite(sum)) return name;
  }
  return undefined;
}

/** Refuses a state that does not fit a network, naming the first difference. */
export function checkState(state: State, carried: readonly CarriedState[], origin: string): void {
  const remedy = "Use the network and options that the state was trained with.";
  const known = new Map(carried.map((spec) => [spec.name, spec]));
  for (const name of state.keys())
    if (!known.has(name))
      throw dataError("state-mismatch", `${origin}: the network has no state named ${name}`, remedy);
  for (const { name, dims } of carried) {
    const found = state.get(name);
    if (found === undefined) throw dataError("state-mismatch", `${origin}: the state ${name} is missing`, remedy);
    if (found.dims.join() !== dims.join())
      throw dataError(
        "state-mismatch",
        `${origin}: state ${name}: expected [${dims.join(",")}], got [${found.dims.join(",")}]`,
        remedy,
      );
  }
}
