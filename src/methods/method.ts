/** The one seam between alignment methods and everything else: a method turns a batch of each domain into an objective. */
import type { Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";

/** The three parts of the paper's figure. */
export interface Network {
  readonly name: string;
  /** G_f: inputs to features. */
  readonly featureExtractor: Layer;
  /** G_y: features to class logits. */
  readonly labelPredictor: Layer;
  /** G_d: features to one domain logit. */
  readonly domainClassifier: Layer;
}

/** Source rows with labels; preprocessed inputs inside the step's graph. */
export interface SourceBatch {
  readonly domain: "source";
  /** [Ns, ...] */
  readonly x: Var;
  /** int64 [Ns], class indices. */
  readonly y: Var;
}

/** Target rows: there is no `y`, so a target label cannot reach training. */
export interface TargetBatch {
  readonly domain: "target";
  /** [Nt, ...] */
  readonly x: Var;
}

export interface MethodContext {
  readonly scope: Scope;
  readonly network: Network;
  readonly source: SourceBatch;
  /** Absent for methods that do not read the target. */
  readonly target: TargetBatch | undefined;
  /** Scalar graph input: the schedule's lambda at this step. */
  readonly lambda: Var;
}

/** A scalar to minimise and its named parts, all scalars, for the log. */
export interface Objective {
  readonly loss: Var;
  readonly terms: Readonly<Record<string, Var>>;
}

export interface Method {
  readonly name: string;
  /** Whether training reads target rows. */
  readonly readsTarget: boolean;
  objective(context: MethodContext): Objective;
}
