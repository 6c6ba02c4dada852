/** What the coordinator and its workers say to each other: plain data, as JSON. */
import type { DataPlaces } from "./data-sets.ts";
import type { Job } from "./job.ts";
import type { Outcome } from "./work.ts";

export type ToWorker =
  | { readonly type: "work"; readonly job: Job; readonly store: string; readonly places: DataPlaces }
  /** Stops the job in progress, with a checkpoint. */
  | { readonly type: "stop" };

export type FromWorker =
  | { readonly type: "progress"; readonly share: number }
  | { readonly type: "kept" }
  | { readonly type: "ended"; readonly outcome: Outcome };
