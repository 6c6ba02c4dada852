/**
 * What a report is made of. Results, events and embeddings of `src/adapt` have this shape; drawing them needs to know
 * no more of a run.
 */
import type { Domain } from "../domain.ts";
import type { Finding } from "../evaluate/health/finding.ts";
import type { Metrics } from "../evaluate/metrics.ts";
import type { RegressionMetrics } from "../evaluate/regression-metrics.ts";
import type { TaskKind } from "../task.ts";

/** The row of what is trained on all labels that were given, and adapts nothing (S+T). */
export const labelledTargetName = "source-and-labelled-target";

interface Change {
  readonly before: number;
  readonly after: number;
}

export interface ReliabilityBin {
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** How far a model's probabilities can be believed; errors before and after its temperature. */
export interface ReportedCalibration {
  readonly temperature: number;
  readonly basis: "weighted" | "source" | "none";
  readonly why: string | null;
  readonly source: {
    readonly rows: number;
    readonly ece: Change;
    readonly bins?: readonly ReliabilityBin[] | undefined;
  };
  readonly weighted: { readonly overlap: number; readonly effectiveRows: number };
  readonly estimatedTargetEce: Change | null;
  readonly target: {
    readonly rows: number;
    readonly ece: Change;
    readonly bins?: readonly ReliabilityBin[] | undefined;
  } | null;
}

export interface ReportedModel {
  readonly name: string;
  readonly selection: "last" | "validator" | "oracle" | "target-trained";
  readonly selectable: boolean;
  readonly epoch: number;
  /** Null of a regression, which has `errors`. */
  readonly metrics: { readonly source: Metrics | null; readonly target: Metrics | null };
  readonly errors?: { readonly source: RegressionMetrics; readonly target: RegressionMetrics | null } | undefined;
  /** Null where there were no rows or no labels to score on. */
  readonly scoredOn: { readonly source: string | null; readonly target: string | null };
  /** Undefined of models that cannot be chosen, and in older results. */
  readonly calibration?: ReportedCalibration | undefined;
}

export interface ReportedResult {
  readonly run: string | null;
  readonly task: {
    readonly kind: TaskKind;
    readonly classes: readonly string[];
    readonly sourceRows: number;
    readonly targetRows: number;
    readonly labelledTargetRows?: number | undefined;
    readonly inputShape: readonly number[];
    readonly sources?: readonly { readonly name: string; readonly rows: number; readonly apart: boolean }[] | undefined;
  };
  readonly network: { readonly name: string; readonly description: string; readonly parameters: number };
  readonly models: readonly ReportedModel[];
  readonly select?: string | undefined;
  readonly reverseValidation?:
    | { readonly rows: number; readonly risks: { readonly sourceOnly: number; readonly method: number } }
    | undefined;
  readonly chosen: number;
  /** Of a refinement: the run that it went on from, and its model, which is the first of `models`. */
  readonly from?: { readonly run: string; readonly model: string } | undefined;
  readonly verdict: { readonly code: VerdictCode; readonly text: string; readonly remedies: readonly string[] };
  /** Null of a refinement, which has no source. */
  readonly domainDistance: { readonly before: number; readonly sourceOnly: number; readonly after: number } | null;
  readonly health?: readonly Finding[] | undefined;
  readonly notApplicable?: readonly string[] | undefined;
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly device: string;
  readonly threads: number;
  readonly seed: number;
  readonly verification: { readonly difference: number; readonly rows: number };
  readonly warnings: readonly string[];
  readonly version: string;
}

export type VerdictCode = "helped" | "aligned" | "no-gain" | "negative-transfer" | "diverged";

/** Lines of `metrics.jsonl` that are drawn; others may stand between them. */
export type ReportedEvent = StepLine | EpochLine | { readonly type: "other" };

export interface StepLine {
  readonly type: "step";
  readonly model: string;
  readonly step: number;
  readonly lambda: number;
  readonly learningRate: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Where the gradient is clipped. */
  readonly gradientNorm?: { readonly mean: number; readonly largest: number } | undefined;
}

export interface EpochLine {
  readonly type: "epoch";
  readonly model: string;
  readonly epoch: number;
  readonly step: number;
  readonly validators: Readonly<Record<string, number>>;
  readonly scores: { readonly source?: number | undefined; readonly target?: number | undefined };
}

/** Rows [rows, width], row-major. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Features of sampled rows by one model. */
export interface FeatureView {
  /** Undefined of a refinement, as the labels of these rows. */
  readonly source: Rows | undefined;
  readonly target: Rows;
  /** Class that the model gives each target row. */
  readonly targetPredictions: ArrayLike<number>;
}

export interface ReportedEmbedding {
  /** Class of each source row. */
  readonly sourceLabels: ArrayLike<number> | undefined;
  /** Names of the classes; of a regression of the parts of the labels' range. */
  readonly classes: readonly string[];
  readonly before: FeatureView;
  /** Undefined where nothing was adapted. */
  readonly after: FeatureView | undefined;
}

/** Of a regression: numbers of the chosen model beside the true ones, in the label's unit. */
export interface PredictedNumbers {
  readonly domain: Domain;
  readonly truth: Float32Array;
  readonly predicted: Float32Array;
}

/** A target row that the chosen model is unsure of, or wrong about. */
export interface ConfusedSample {
  /** The row's identifier, or its number from 0. */
  readonly name: string;
  readonly predicted: string;
  /** The model's probability of its prediction. */
  readonly probability: number;
  /** Undefined where target labels were not given. */
  readonly truth: string | undefined;
  /** A PNG. */
  readonly image: Uint8Array | undefined;
}

export interface ReportedRun {
  readonly result: ReportedResult;
  readonly events: readonly ReportedEvent[];
  /** Undefined in folders of versions that kept none. */
  readonly embedding: ReportedEmbedding | undefined;
  /** Of a regression, where labels are known. */
  readonly predicted?: readonly PredictedNumbers[] | undefined;
  /** Worst first. */
  readonly confused: readonly ConfusedSample[];
  /** Text of `config.yaml`. */
  readonly config: string | undefined;
  /** What gives the run again; undefined where no one command does. */
  readonly command: string | undefined;
}
