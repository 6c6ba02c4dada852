/**
 * A validator scores a model without target labels, so that an epoch or a setting can be chosen honestly. Training is
 * handed validators; it knows none of them. There is no field for a target label, so none can leak into a choice.
 */

export interface ValidatorInput {
  readonly classes: number;
  /** Logits of held-out source rows, [ns, classes] row-major; none of what is the source's where there are no rows of it. */
  readonly sourceLogits: Float32Array;
  /** Class indices of these rows, [ns]. */
  readonly sourceLabels: Int32Array;
  /** Logits of target rows, [nt, classes]. */
  readonly targetLogits: Float32Array;
  /** Features of the held-out source rows, [ns, featureWidth]. */
  readonly sourceFeatures: Float32Array;
  /** Features of the target rows, [nt, featureWidth]. */
  readonly targetFeatures: Float32Array;
  readonly featureWidth: number;
  /** The model on mixtures of target rows; absent where rows cannot be mixed (categories, tokens). */
  readonly mixtures?: Mixtures | undefined;
}

/** Answers to pairs of target rows that are mixed with unequal weights, by the predictions for the rows of a pair. */
export interface Mixtures {
  /** Both rows are predicted as the same class. */
  readonly intra: MixedRows;
  /** The rows are predicted as two classes. */
  readonly inter: MixedRows;
}

export interface MixedRows {
  /** Logits of the mixtures, [pairs, classes]. */
  readonly logits: Float32Array;
  /** Class that the model predicts for the heavier row of each pair, [pairs]. */
  readonly heavier: Int32Array;
}

export interface Validator {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /** What it may be used for: an alarm tells a broken model, but a higher value is not a better one. */
  readonly use: "selection" | "alarm";
  /** Null where nothing can be said: features that are all zero, rows that cannot be mixed. Never NaN. */
  score(input: ValidatorInput): number | null;
}
