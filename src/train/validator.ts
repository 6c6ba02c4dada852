/**
 * A validator scores a model without target labels, so that an epoch or a setting can be chosen honestly. Training is
 * handed validators; it knows none of them. There is no field for a target label, so none can leak into a choice.
 */

export interface ValidatorInput {
  readonly classes: number;
  /** Logits of held-out source rows, [ns, classes] row-major. */
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
}

export interface Validator {
  readonly name: string;
  readonly higherIsBetter: boolean;
  score(input: ValidatorInput): number;
}
