/** What all parts of a running session share. */
import type { EncodedRows } from "../data/encode.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { NpyArray } from "../data/writers/npy.ts";
import { internalError } from "../errors.ts";
import type { Network } from "../methods/method.ts";
import type { Backend } from "../runtime/backend.ts";
import { type Checkpoint, decodeCheckpoint } from "../train/checkpoint.ts";
import type { Apart, ModelOutputs } from "../train/inference.ts";
import type { Predictor } from "../train/predictor.ts";
import type { AdaptEvent } from "./events.ts";
import type { DescribedNetwork } from "./network.ts";
import type { SessionPlan } from "./plan.ts";
import type { Finished, SessionSave } from "./progress.ts";
import type { AdaptResult } from "./result.ts";
import type { Samples } from "./scoring.ts";
import type { Stage } from "./stages.ts";
import type { Stopwatch } from "./stopwatch.ts";

export interface SessionHooks {
  /** Ends training after the step in progress, with a save. */
  readonly signal: AbortSignal;
  event(event: AdaptEvent): void;
  /** Keeps a save; the session waits for it. */
  save(save: SessionSave): Promise<void>;
  /** Writes the model and gives back what was written, to be verified. */
  writeModel(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Features of the sampled rows of both domains, before and after adaptation, and the rows that confuse the model. */
export interface Embedding {
  readonly arrays: Readonly<Record<string, NpyArray>>;
}

export type SessionOutcome =
  | { readonly kind: "aborted"; readonly model: string; readonly step: number }
  | {
      readonly kind: "finished";
      readonly result: AdaptResult;
      readonly model: Uint8Array;
      readonly embedding: Embedding;
    };

export interface Session {
  readonly plan: SessionPlan;
  /** The plan with its rows as they came: with a frozen backbone, `plan` has features in their place. */
  readonly asked: SessionPlan;
  readonly described: DescribedNetwork;
  /** What the saved model is made of, from raw rows on: with a frozen backbone more than what is trained. */
  readonly deployed: {
    readonly network: Network;
    readonly preprocess: PreprocessSpec;
    /** Target rows to verify it with. */
    readonly rows: EncodedRows;
  };
  readonly backend: Backend;
  readonly samples: Samples;
  readonly stopwatch: Stopwatch;
  /** Files of checkpoints, of this sitting and earlier ones. */
  readonly files: Map<string, Uint8Array>;
  /** An engine for models of this network; the caller disposes of it: its memory is large. */
  predictor(stage: Pick<Stage, "preprocess">, apart: Apart, outputs?: ModelOutputs): Predictor;
}

export function lastCheckpoint(session: Session, of: Finished | undefined): Checkpoint {
  if (of?.checkpoint == null) throw internalError("a model is needed whose training left no checkpoint");
  return decodeCheckpoint(fileOf(session, of.checkpoint), of.checkpoint);
}

export function fileOf({ files }: { readonly files: ReadonlyMap<string, Uint8Array> }, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw internalError(`the checkpoint file ${name} is not at hand`);
  return bytes;
}
