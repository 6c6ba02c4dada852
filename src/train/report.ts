/** Means of the parts of the loss, and of the gradient's norm, over the steps between two reports. */
import type { Pending } from "./checkpoint.ts";
import type { StepEvent } from "./events.ts";
import type { Stepper } from "./stepper.ts";

export interface Reporter {
  /** Adds one step: what is told at `index` of the run that it was part of. */
  add(told: Pick<Stepper, "terms" | "gradientNorm">, index: number): void;
  /** The sums since the last event, for a checkpoint. */
  pending(): Pending;
  /** Closes the interval. */
  event(at: Pick<StepEvent, "step" | "progress" | "lambda" | "learningRate">): StepEvent;
}

/** Sums up steps; `resumed` are the sums that a checkpoint holds. */
export function reporter(names: readonly string[], resumed: Pending | undefined): Reporter {
  const sums = new Float64Array(names.map((name) => resumed?.sums[name] ?? 0));
  let norm = resumed?.gradientNorm;
  let steps = resumed?.steps ?? 0;
  // Rates count the steps of this sitting alone.
  let since = performance.now();
  let timed = 0;
  const byName = (divisor: number): Record<string, number> =>
    Object.fromEntries(names.map((name, i) => [name, (sums[i] ?? 0) / divisor]));
  return {
    add({ terms, gradientNorm }, index) {
      let i = 0;
      for (const data of terms.values()) {
        sums[i] = (sums[i] ?? 0) + (data[index] ?? 0);
        i += 1;
      }
      const length = gradientNorm?.[index];
      if (length !== undefined) {
        const { sum, largest } = norm ?? { sum: 0, largest: 0 };
        norm = { sum: sum + length, largest: Math.max(largest, length) };
      }
      steps += 1;
      timed += 1;
    },
    pending: () => ({ steps, sums: byName(1), ...(norm && { gradientNorm: norm }) }),
    event(at) {
      const now = performance.now();
      const stepsPerSecond = timed / Math.max(1e-9, (now - since) / 1000);
      const gradientNorm = norm && { mean: norm.sum / steps, largest: norm.largest };
      const event: StepEvent = {
        ...{ type: "step", ...at, terms: byName(steps) },
        ...(gradientNorm && { gradientNorm }),
        stepsPerSecond,
      };
      sums.fill(0);
      norm = undefined;
      steps = 0;
      timed = 0;
      since = now;
      return event;
    },
  };
}
