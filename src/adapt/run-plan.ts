/** A session of either kind, by its plan. */
import type { SessionHooks, SessionOutcome } from "./context.ts";
import type { SessionPlan } from "./plan.ts";
import type { SessionSave } from "./progress.ts";
import { isRefinePlan, type RefinePlan } from "./refine/plan.ts";
import { refineSession } from "./refine/session.ts";
import { runSession } from "./session.ts";

export const runPlan = (
  plan: SessionPlan | RefinePlan,
  hooks: SessionHooks,
  resume?: SessionSave,
): Promise<SessionOutcome> =>
  isRefinePlan(plan) ? refineSession(plan, hooks, resume) : runSession(plan, hooks, resume);
