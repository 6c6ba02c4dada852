/** What chooses the epoch of a session's method. */
import { canMix } from "../data/mix.ts";
import { usageError } from "../errors.ts";
import type { SessionPlan } from "./plan.ts";

export const selectOf = ({ evaluate }: Pick<SessionPlan, "evaluate">): string => evaluate.select ?? "auto";

/** Refuses a validator that could say nothing of these rows at any epoch. */
export function checkSelect(plan: Pick<SessionPlan, "evaluate" | "target">): void {
  if (selectOf(plan) !== "mixval" || canMix(plan.target)) return;
  throw usageError(
    "select-mixval",
    "evaluate.select (--select): mixval mixes rows, expected numbers, pixels or signals, got a table with categories, text or tokens",
    "Use --select auto, or another validator.",
  );
}
