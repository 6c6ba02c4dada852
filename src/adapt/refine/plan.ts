/** All that a refinement needs, as plain data: a trained model, and rows of the target. There is no source. */
import type { RefineConfig } from "../../config/schema.ts";
import type { Apart } from "../../train/inference.ts";
import type { State } from "../../train/state.ts";
import type { SessionPlan } from "../plan.ts";
import type { ModelRow } from "../result.ts";

/** The model that a refinement goes on from. */
export interface StartModel extends Pick<ModelRow, "name" | "method" | "selection" | "epoch"> {
  readonly state: State;
  /** What it keeps of each domain. */
  readonly apart: Apart;
}

export interface RefinePlan
  extends Pick<
    SessionPlan,
    | "task"
    | "classes"
    | "preprocess"
    | "network"
    | "method"
    | "train"
    | "target"
    | "targetScored"
    | "cache"
    | "warnings"
  > {
  readonly evaluate: RefineConfig["evaluate"];
  /** The run that the model is from. */
  readonly run: string;
  readonly start: StartModel;
}

export const isRefinePlan = (plan: SessionPlan | RefinePlan): plan is RefinePlan => "start" in plan;
