/** The stream of one adaptation: the events of its trainings, each with the name of the row it belongs to. */
import type { Finding } from "../evaluate/health/finding.ts";
import type { TrainEvent } from "../train/events.ts";
import type { AdaptResult } from "./result.ts";

export interface PlanEvent {
  readonly type: "plan";
  readonly network: {
    readonly name: string;
    readonly description: string;
    readonly why: string;
    readonly parameters: number;
  };
  /** The trainings to come, in order, with their steps. */
  readonly trainings: readonly { readonly name: string; readonly steps: number }[];
  readonly warnings: readonly string[];
}

/** An event of one training, with the row of the result that it belongs to: `source-only`, `dann`, … */
export type ModelTrainEvent = TrainEvent & { readonly model: string };

export interface DivergedEvent {
  readonly type: "diverged";
  readonly model: string;
  readonly reason: string;
}

/** Rows whose features a frozen backbone has computed, of all that it will. */
export interface FeaturesEvent {
  readonly type: "features";
  readonly done: number;
  readonly total: number;
}

/** What a look at the method's model found while it trained; `evaluate.healthEvery` asks for it. */
export interface HealthEvent {
  readonly type: "health";
  readonly model: string;
  readonly epoch: number;
  readonly step: number;
  /** Faults first; empty: nothing. */
  readonly findings: readonly Finding[];
}

export interface ResultEvent {
  readonly type: "result";
  readonly result: AdaptResult;
}

export type AdaptEvent = PlanEvent | FeaturesEvent | ModelTrainEvent | HealthEvent | DivergedEvent | ResultEvent;
