/** Training is a stream of these events; command line, files and tests are readers of one stream. */
import type { Device } from "../runtime/backend.ts";

export interface StartEvent {
  readonly type: "start";
  readonly method: string;
  readonly network: string;
  readonly parameters: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** First step of this sitting: 0, or where a checkpoint left off. */
  readonly fromStep: number;
  readonly device: Device;
  readonly threads: number;
}

/** Means over the steps since the last event of this kind. */
export interface StepEvent {
  readonly type: "step";
  /** Steps done. */
  readonly step: number;
  /** Progress p in [0, 1] of the last of these steps. */
  readonly progress: number;
  readonly lambda: number;
  readonly learningRate: number;
  /** Terms of the objective by name: `labelLoss`, `domainLoss`, ... in nats. */
  readonly terms: Readonly<Record<string, number>>;
  /** Norm of the gradient before it is clipped: its mean, and its largest. Only where `gradientClip` is set. */
  readonly gradientNorm?: { readonly mean: number; readonly largest: number };
  readonly stepsPerSecond: number;
}

export interface EpochEvent {
  readonly type: "epoch";
  /** Epochs done, from 1. */
  readonly epoch: number;
  readonly step: number;
  /** Scores of validators by name. No target label enters them. */
  readonly validators: Readonly<Record<string, number>>;
  /** Scores on labelled rows that never train: held-out source, and the target where labels were given (oracle). */
  readonly scores: {
    readonly source?: number;
    readonly target?: number;
    /** Of classes that are weighed: accuracy on the held-out source, its classes at the shares of the target. */
    readonly sourceAtTargetShares?: number;
  };
}

/** What a method has estimated between two steps: weights of the source's classes, in their order. */
export interface ClassWeightsEvent {
  readonly type: "class-weights";
  /** Steps done. */
  readonly step: number;
  readonly weights: readonly number[];
}

export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
}

export interface DoneEvent {
  readonly type: "done";
  readonly step: number;
  readonly reason: "finished" | "aborted";
  readonly seconds: number;
}

export type TrainEvent = StartEvent | StepEvent | EpochEvent | ClassWeightsEvent | CheckpointEvent | DoneEvent;
