/** Stops a run whose numbers have left the ground, with the step, the term and what to do about it. */
import { type DannError, runError } from "../errors.ts";
import { firstNotFinite, type State } from "./state.ts";

// A cross-entropy of 10,000 nats means logits in the tens of thousands. Raw counts may begin there, so a run is only
// called diverged when it is also a thousand times worse than it began.
const absurdLoss = 1e4;
const absurdGrowth = 1e3;

export interface TermWatch {
  /**
   * A check of one step's terms: its number, the terms of the run that it was part of, and its place in that run. Cheap
   * enough for every step.
   */
  check(step: number, terms: ReadonlyMap<string, Float32Array>, index: number): void;
  /** The size of each term when it was first seen, for a checkpoint. */
  began(): Readonly<Record<string, number>>;
}

/** @param resumed what a checkpoint holds of an earlier sitting: growth is told from the beginning of the run. */
export function watchTerms(resumed: Readonly<Record<string, number>> = {}): TermWatch {
  const began = new Map(Object.entries(resumed));
  return {
    check(step, terms, index) {
      for (const [name, data] of terms) {
        const value = data[index] ?? Number.NaN;
        if (!Number.isFinite(value)) throw diverged(name, `became ${value} at step ${step}`);
        const size = Math.abs(value);
        const first = began.get(name);
        if (first === undefined) began.set(name, size);
        else if (size > absurdLoss && size > absurdGrowth * first)
          throw diverged(name, `grew from ${first.toPrecision(3)} to ${size.toPrecision(3)} at step ${step}`);
      }
    },
    began: () => Object.fromEntries(began),
  };
}

/** Of the gradient's norm: a clipped gradient of no finite length moves nothing, or everything to NaN. */
export function checkNorm(step: number, norm: number): void {
  if (Number.isFinite(norm)) return;
  const remedy = "Lower the learning rate or lambda's max; check that the inputs are scaled.";
  throw runError("diverged", `training diverged: the gradient's norm became ${norm} at step ${step}`, remedy);
}

/** A check of the whole state, for epochs and checkpoints: a saved state is always a usable one. */
export function checkFinite(step: number, state: State): void {
  const name = firstNotFinite(state);
  if (name !== undefined) throw diverged(name, `is not finite after step ${step}`);
}

function diverged(term: string, what: string): DannError {
  const lower = "Lower the learning rate, or clip the gradients (gradientClip)";
  const remedy = /domain/i.test(term)
    ? `${lower}, or lower lambda's max.`
    : `${lower}; check that the inputs are scaled.`;
  return runError("diverged", `training diverged: ${term} ${what}`, remedy);
}
