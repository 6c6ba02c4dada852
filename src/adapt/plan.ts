/** All that a session of training needs, as plain data: it goes to a worker as it is. */
import type { BackboneTraining } from "../dann/backbone.ts";
import type { NetworkOptions } from "../dann/networks/options.ts";
import type { Sources } from "../data/dataset.ts";
import type { EncodedRows } from "../data/encode.ts";
import type { PreprocessSpec } from "../data/preprocess.ts";
import type { EvaluateConfig } from "../evaluate/config.ts";
import type { MethodConfig } from "../methods/config.ts";
import type { Network } from "../methods/method.ts";
import type { Labels, Task } from "../task.ts";
import type { TrainConfig } from "../train/config.ts";
import type { LabelledTarget } from "../train/job.ts";

/** A trained network in an ONNX file, for the first part of G_f. */
export interface BackboneSource {
  /** Path, URL or bytes. */
  readonly model: string | Uint8Array;
  /** The tensor that is taken as features; default: `featureLayers` of the model picks one. */
  readonly features?: string | undefined;
  /** Which of its weights are trained; default none: features are computed once. */
  readonly train: BackboneTraining;
  /** Of an encoder of text: its `tokenizer.json`, path, URL or bytes. */
  readonly tokenizer?: string | Uint8Array | undefined;
  /** Of an encoder of text: the most tokens of a text; default 128, or fewer where it has fewer positions. */
  readonly maxTokens?: number | undefined;
}

/** Where the network comes from. A made one holds functions and keeps the session in its thread. */
export type NetworkSource =
  | {
      readonly kind: "named";
      readonly name: string;
      readonly options: NetworkOptions;
      readonly backbone?: BackboneSource | undefined;
    }
  | { readonly kind: "module"; readonly path: string; readonly options: NetworkOptions }
  | { readonly kind: "made"; readonly network: Network };

export interface LabelledRows {
  readonly rows: EncodedRows;
  /** Class index of each row; of a regression its standardised number. */
  readonly labels: Labels;
}

/** What a model answers with. */
export type Answers = Pick<SessionPlan, "task" | "classes">;

/** Rows that only score, and what they are called in the result. */
export interface ScoredRows<On extends string> extends LabelledRows {
  readonly on: On;
}

export interface SessionPlan {
  readonly task: Task;
  /** Their names; none of a regression. */
  readonly classes: readonly string[];
  readonly preprocess: PreprocessSpec;
  readonly network: NetworkSource;
  readonly method: MethodConfig;
  readonly train: TrainConfig;
  readonly evaluate: EvaluateConfig;
  readonly source: LabelledRows;
  /** Of several sources: their names, and which each row of `source` is from. */
  readonly sources?: Sources | undefined;
  readonly target: EncodedRows;
  /** Where labels of the target were given for training. Its rows are in no other part of the plan. */
  readonly labelledTarget?: LabelledTarget | undefined;
  readonly sourceScored: ScoredRows<"source-test" | "source-holdout">;
  /** Where target labels were given. They enter scores and the rows that are marked "not selectable", nothing else. */
  readonly targetScored?: ScoredRows<"target-test" | "target">;
  /** What target rows are called, for people: in the order of `target`, and of `targetScored`. Absent: by number. */
  readonly names?: { readonly target?: readonly string[]; readonly scored?: readonly string[] };
  /** Where labels of the target's training rows were given: for the row that trains on them, for no other. */
  readonly targetTraining?: LabelledRows;
  /**
   * Folder where features of frozen backbones are kept from run to run; undefined: nowhere; false: they may also be
   * computed anew at every step.
   */
  readonly cache?: string | false | undefined;
  readonly warnings: readonly string[];
}
