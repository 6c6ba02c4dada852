/** What a trained model of a session keeps of each domain, by the training that it is from. */
import type { Apart } from "../train/inference.ts";
import { apartOf } from "../train/job.ts";
import type { SessionPlan } from "./plan.ts";
import type { StageId } from "./stages.ts";

/** Of trainings on the way there: those on the way back have jobs of their own to ask (`apartOf`). */
export function apartById(id: StageId, { method }: Pick<SessionPlan, "method">): Apart {
  if (id === "method") return apartOf({ method });
  return id === "labelled-target" ? "statistics" : "nothing";
}
