/**
 * An exponential moving average of the weights (Polyak averaging, as mean teachers have it): carried beside them, and used
 * in their place wherever the model is evaluated, kept or exported. Gradients are of the weights themselves.
 *
 *   average <- d average + (1 - d) weight,   d = min(decay, (1 + step) / (10 + step))
 *
 * so that the beginning is soon forgotten. Running statistics of batch normalisation are averages already.
 */
import { add, div, minimum, mul, sub } from "../graph/index.ts";
import { input, type Var } from "../graph/node.ts";
import type { StateSpec } from "../nn/layer.ts";
import { type CarriedState, carriedState, type State, type StateTensor } from "./state.ts";

const prefix = "average/";

/** The state that holds the average of a parameter; it begins as the parameter does. */
export const carriedAverage = (parameter: StateSpec): CarriedState => ({
  ...carriedState(parameter),
  name: prefix + parameter.name,
  kind: "average",
});

/** What an average is of, by its name. */
export const averageOf = (name: string): string => name.slice(prefix.length);

/** The averages after a step, by state name, of parameters with these new values. */
export function averaged(
  trained: readonly StateSpec[],
  next: ReadonlyMap<string, Var>,
  { decay, step }: { readonly decay: number; readonly step: Var },
): Map<string, Var> {
  const share = minimum(div(add(step, 1), add(step, 10)), decay);
  const after = new Map<string, Var>();
  for (const { name, type } of trained) {
    const value = next.get(name);
    if (value === undefined) continue;
    const before = input(`state:${prefix}${name}`, type);
    after.set(prefix + name, add(mul(before, share), mul(value, sub(1, share))));
  }
  return after;
}

/** The state that a model is made of: averages in the place of what they are averages of. */
export function modelState(state: State): State {
  if (![...state.keys()].some((name) => name.startsWith(prefix))) return state;
  return new Map(
    [...state].flatMap(([name, own]): [string, StateTensor][] =>
      name.startsWith(prefix) ? [] : [[name, state.get(prefix + name) ?? own]],
    ),
  );
}
