/** What the main thread and a training worker say to each other. */
import { DannError, type ErrorKind } from "../errors.ts";
import type { SessionOutcome } from "./context.ts";
import type { AdaptEvent } from "./events.ts";
import type { SessionPlan } from "./plan.ts";
import type { SessionSave } from "./progress.ts";
import type { RefinePlan } from "./refine/plan.ts";

export type ToWorker =
  | { readonly type: "start"; readonly plan: SessionPlan | RefinePlan; readonly resume: SessionSave | undefined }
  | { readonly type: "abort" }
  /** The answer to `save` or `model`: what was asked for is done. */
  | { readonly type: "done"; readonly bytes?: Uint8Array };

export type FromWorker =
  | { readonly type: "event"; readonly event: AdaptEvent }
  | { readonly type: "save"; readonly save: SessionSave }
  | { readonly type: "model"; readonly bytes: Uint8Array }
  | { readonly type: "outcome"; readonly outcome: SessionOutcome }
  | { readonly type: "error"; readonly error: PlainError };

/** An error as data: structured clone keeps neither our class nor its fields. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly dann?: { readonly kind: ErrorKind; readonly code: string; readonly remedy: string | undefined };
}

export function plainError(error: unknown): PlainError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof DannError)) return { message, stack };
  return { message, stack, dann: { kind: error.kind, code: error.code, remedy: error.remedy } };
}

export function revivedError({ message, stack, dann }: PlainError): Error {
  const error = dann === undefined ? new Error(message) : new DannError(dann.kind, dann.code, message, dann.remedy);
  if (stack !== undefined) error.stack = stack;
  return error;
}
