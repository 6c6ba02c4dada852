/** Means of the parts of the loss over the steps between two reports. */
import type { Pending } from "./checkpoint.ts";
import type { StepEvent } from "./events.ts";

export interface Reporter {
  /** Adds one step's terms: those at `index` of the run that it was part of. */
  add(terms: ReadonlyMap<string, Float32Array>, index: number): void;
  /** The sums since the last event, for a checkpoint. */
  pending(): Pending;
  /** Closes the interval. */
  event(at: Pick<StepEvent, "step" | "progress" | "lambda" | "learningRate">): StepEvent;
}

/** Sums up steps; `resumed` are the sums that a checkpoint holds. */
export function reporter(names: readonly string[], resumed: Pending | undefined): Reporter {
  const sums = new Float64Array(names.map((name) => resumed?.sums[name] ?? 0));
  let steps = resumed?.steps ?? 0;
  // Rates count the steps of this sitting alone.
  let since = performance.now();
  let timed = 0;
  const byName = (divisor: number): Record<string, number> =>
    Object.fromEntries(names.map((name, i) => [name, (sums[i] ?? 0) / divisor]));
  return {
    add(terms, index) {
      let i = 0;
      for (const data of terms.values()) {
        sums[i] = (sums[i] ?? 0) + (data[index] ?? 0);
        i += 1;
      }
      steps += 1;
      timed += 1;
    },
    pending: () => ({ steps, sums: byName(1) }),
    event(at) {
      const now = performance.now();
      const stepsPerSecond = timed / Math.max(1e-9, (now - since) / 1000);
      const event: StepEvent = { type: "step", ...at, terms: byName(steps), stepsPerSecond };
      sums.fill(0);
      steps = 0;
      timed = 0;
      since = now;
      return event;
    },
  };
}
