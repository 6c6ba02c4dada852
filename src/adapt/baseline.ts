/** Source-only as a look at a method compares with it, in training and when training is over. */

import type { State } from "../train/state.ts";
import type { Session } from "./context.ts";
import { type HealthRequest, type Seen, shiftEstimates } from "./health.ts";
import { inputDistance } from "./input-distance.ts";
import { distanceOf, seenBy } from "./seen.ts";

type Scores = Readonly<Record<string, number>>;

export interface Baseline {
  readonly seen: Seen;
  /** Scores without target labels, by name. */
  readonly validators: Scores;
  /** Proxy A-distances of the domains: between the rows, and between source-only's features. */
  readonly distance: { readonly before: number; readonly sourceOnly: number };
}

export async function baselineOf(
  session: Session,
  { state, validators }: { readonly state: State; readonly validators: Scores },
): Promise<Baseline> {
  const seen = await seenBy(session, state, "source-only");
  const sourceOnly = distanceOf(seen, session.plan.train.seed);
  return { seen, validators, distance: { before: await inputDistance(session), sourceOnly } };
}

/** A method's model beside it: what health and the verdict are told. */
export const beside = (
  session: Session,
  { seen: sourceOnly, validators, distance }: Baseline,
  adapted: Seen,
): Pick<HealthRequest, "session" | "sourceOnly" | "adapted" | "distance" | "shift"> => ({
  ...{ session, sourceOnly, adapted },
  distance: { ...distance, after: distanceOf(adapted, session.plan.train.seed) },
  shift: shiftEstimates(session, { sourceOnly, adapted }, validators.atc ?? 0),
});
