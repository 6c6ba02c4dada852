/** Methods of two phases: what is minimised first, and what of the state begins anew when the method's own turn comes. */
import type { Method } from "../methods/method.ts";
import { averageOf } from "./average.ts";
import { copyParts } from "./renewal.ts";
import type { CarriedState, State } from "./state.ts";

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
 * Ends the first phase, in place: frozen copies are of what it has trained, the target's own parameters start from the
 * source's, and the optimiser and averages of the weights start afresh.
 */
export function endWarmUp(state: State, carried: readonly CarriedState[], seed: number): void {
  for (const { name, kind, initialise } of carried) {
    const own = state.get(name);
    if (own === undefined) continue;
    if (kind === "slot") own.data.set(initialise(seed));
    const sources = kind === "parameter" ? state.get(name.replace(/\/target\/(?=[^/]*$)/, "/source/")) : undefined;
    if (sources !== undefined) own.data.set(sources.data);
  }
  for (const { name, kind } of carried) {
    const weights = kind === "average" ? state.get(averageOf(name)) : undefined;
    if (weights !== undefined) state.get(name)?.data.set(weights.data);
  }
  copyParts(state);
}
