/**
 * A layer is a named function from a variable to a variable that asks its scope for parameters. Applied twice in the
 * same scope it uses the same parameters, so one definition serves training and inference, source and target.
 */
import type { Domain } from "../domain.ts";
import type { Var } from "../graph/node.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { Random } from "../random.ts";

/** Rows of a training batch that belong to one domain, in order. */
export interface Segment {
  readonly domain: Domain;
  readonly rows: number;
}

/** How a network is being used: on a mixed training batch, or on rows of one domain with running statistics. */
export type Mode =
  | { readonly kind: "training"; readonly segments: readonly Segment[] }
  | { readonly kind: "inference"; readonly domain: Domain };

/** Fills a new parameter. Initialisers are named after their papers (`nn/initialisers.ts`). */
export type Initialiser = (dims: readonly number[], random: Random) => Float32Array;

/** Random numbers that a layer needs at every step (dropout masks): drawn by the host from the run's seed. */
export interface NoiseSpec {
  readonly kind: "bernoulli" | "normal" | "uniform";
  /** Probability of a one, for `bernoulli`; values are float32. */
  readonly probability?: number;
  readonly shape: readonly number[];
}

export interface Scope {
  readonly mode: Mode;
  /** A scope for a part, its names prefixed with `name/`. */
  child(name: string): Scope;
  /** A trained parameter. Initial values depend on the run's seed and the full name only. */
  parameter(name: string, dims: readonly number[], initialiser: Initialiser, options?: ParameterOptions): Var;
  /**
   * State that is not trained but carried: running statistics, averages of weights, fixed random matrices. Every value
   * starts as `initial`, as in the array, or as drawn.
   */
  statistic(name: string, dims: readonly number[], initial: number | Float32Array | Initialiser): Var;
  /** The value that the statistic takes after this step. Ignored in inference. */
  updateStatistic(name: string, value: Var): void;
  /** A fresh draw at every step; training only. */
  noise(name: string, spec: NoiseSpec): Var;
}

export interface ParameterOptions {
  /** Whether weight decay applies; default true for weights, layers pass false for biases and scales. */
  readonly decay?: boolean;
}

export interface Layer {
  /** What it is called in a parameter's path and in `describe`: `conv1`, `relu`. */
  readonly name: string;
  /** One line for people: `conv 5x5x32`. */
  readonly description: string;
  /** Whether a row's output depends on the other rows of its batch (batch normalisation in training). */
  readonly mixesRows: boolean;
  apply(x: Var, scope: Scope): Var;
}

/** A parameter or statistic that a built network carries. */
export interface StateSpec {
  /** Full path, such as `featureExtractor/conv1/weight`. */
  readonly name: string;
  readonly type: TensorType & { readonly shape: readonly number[] };
  readonly kind: "parameter" | "statistic";
  readonly decay: boolean;
  readonly initialise: (random: Random) => Float32Array;
}
