/** What chooses the epoch of a session's method. */
import { canMix } from "../data/mix.ts";
import { usageError } from "../errors.ts";
import { classSelectNames, regressionSelectNames } from "../evaluate/selection.ts";
import type { SessionPlan } from "./plan.ts";

export const selectOf = ({ evaluate }: Pick<SessionPlan, "evaluate">): string => evaluate.select ?? "auto";

/** Refuses a validator that could say nothing of these rows at any epoch. */
export function checkSelect(plan: Pick<SessionPlan, "evaluate" | "target" | "task">): void {
  const name = selectOf(plan);
  const regression = plan.task.kind === "regression";
  if (regression ? !regressionSelectNames.includes(name) : !classSelectNames.includes(name))
    throw usageError(
      "select-task",
      `evaluate.select (--select): expected ${(regression ? regressionSelectNames : classSelectNames).join(", ")} ${regression ? "of a regression, which has no class probabilities" : "of classes"}, got ${name}`,
      "Use --select auto.",
    );
  if (selectOf(plan) !== "mixval" || canMix(plan.target)) return;
  throw usageError(
    "select-mixval",
    "evaluate.select (--select): mixval mixes rows, expected numbers, pixels or signals, got a table with categories, text or tokens",
    "Use --select auto, or another validator.",
  );
}
