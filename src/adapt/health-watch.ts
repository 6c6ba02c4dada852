/** Health while the method trains: the look that a finished run takes at itself, at every n-th evaluation. */
import type { TermSizes } from "../evaluate/health/growth.ts";
import type { Snapshot } from "../train/fit.ts";
import { type Baseline, baselineOf, beside } from "./baseline.ts";
import { lastCheckpoint, type Session } from "./context.ts";
import type { HealthEvent } from "./events.ts";
import { healthOf } from "./health.ts";
import type { Evaluated, Finished } from "./progress.ts";
import { seenBy } from "./seen.ts";
import { withoutSlots } from "./tracker.ts";

/** An evaluation that has just been made, and what training has shown until now. */
export interface Watched {
  readonly snapshot: Snapshot;
  readonly evaluated: Pick<Evaluated, "epoch" | "step" | "validators">;
  readonly domainAccuracy: number | null;
  readonly terms: TermSizes;
}

export type HealthWatch = (watched: Watched) => Promise<void>;

export interface WatchRequest {
  readonly session: Session;
  readonly model: string;
  /** Source-only, which every look compares with. */
  readonly baseline: Finished;
  /** Epochs between two evaluations. */
  readonly epochs: number;
  /** Evaluations between two looks. */
  readonly every: number;
  readonly event: (event: HealthEvent) => void;
}

export function healthWatch({ session, model, baseline, epochs, every, event }: WatchRequest): HealthWatch {
  // It does not change while the method trains.
  let begun: Promise<Baseline> | undefined;
  return async ({ snapshot, evaluated: { epoch, step, validators }, domainAccuracy, terms }) => {
    // Counted from the beginning, so that a resumed run looks where the other one would have.
    if (Math.ceil(epoch / epochs) % every !== 0) return;
    begun ??= baselineOf(session, {
      state: withoutSlots(lastCheckpoint(session, baseline).state),
      validators: baseline.last?.validators ?? {},
    });
    const sourceOnly = await begun;
    const adapted = await seenBy(session, withoutSlots(snapshot.state()), "method");
    const findings = healthOf({
      ...beside(session, sourceOnly, adapted),
      ...{ domainAccuracy, terms },
      validators: { sourceOnly: sourceOnly.validators, adapted: validators },
    });
    event({ type: "health", model, epoch, step, findings });
  };
}
