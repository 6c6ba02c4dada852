/** Methods of two phases: what is minimised first, and what of the state begins anew when the method's own turn comes. */
import type { Method } from "../methods/method.ts";
import { originalOf } from "../nn/frozen-copy.ts";
import { averageOf } from "./average.ts";
import { copyParts } from "./renewal.ts";
import { type CarriedState, ofSource, type State } from "./state.ts";

/** The first phase as a method; undefined for methods that have none. */
export function warmUpOf(method: Method): Method | undefined {
  const { warmUp } = method;
  if (warmUp === undefined) return undefined;
  return { ...method, objective: warmUp.objective, moves: undefined, before: [], after: [] };
}

/** Steps of the first phase. */
export const warmUpSteps = ({ warmUp }: Method, total: number): number =>
  warmUp === undefined ? 0 : Math.floor(warmUp.share * total);

/** All that two steps carry. */
export function together(...lists: readonly (readonly CarriedState[])[]): CarriedState[] {
  const names = new Map(lists.flat().map((carried) => [carried.name, carried]));
  return [...names.values()];
}

/**
 * Ends the first phase, in place. What it has trained is its model: where weights are averaged, their average. Frozen
 * copies are of that, the target's own parameters start from the source's, and the optimiser starts afresh.
 */
export function endWarmUp(state: State, carried: readonly CarriedState[], seed: number): void {
  const averages = carried.flatMap(({ name, kind }) => (kind === "average" ? [name] : []));
  for (const name of averages) copyTo(state, averageOf(name), name);
  for (const { name, kind, initialise } of carried) {
    if (kind === "slot") state.get(name)?.data.set(initialise(seed));
    if (kind === "parameter") copyTo(state, name, ofSource(name));
  }
  for (const name of averages) copyTo(state, name, averageOf(name));
  copyParts(state);
}

/** A model of the first phase, in which nothing has parted: frozen copies are of the network as it is. */
export const unparted = (state: State): State =>
  new Map([...state].map(([name, value]) => [name, state.get(originalOf(name) ?? name) ?? value]));

/** Writes one value of the state over another, where both are there. */
function copyTo(state: State, name: string, from: string): void {
  const value = state.get(from);
  if (value !== undefined) state.get(name)?.data.set(value.data);
}
