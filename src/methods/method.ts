/** The one seam between alignment methods and everything else: a method turns a batch of each domain into an objective. */
import type { Var } from "../graph/node.ts";
import type { Layer, Scope } from "../nn/layer.ts";

/** The three parts of the paper's figure. */
export interface Network {
  readonly name: string;
  /** G_f: inputs to features. */
  readonly featureExtractor: Layer;
  /** G_y: features to class logits, or of a regression to one number. */
  readonly labelPredictor: Layer;
  /** G_d: features to one domain logit; to S + 1 of them where it tells S sources apart. */
  readonly domainClassifier: Layer;
}

/** Source rows with labels; preprocessed inputs inside the step's graph. */
export interface SourceBatch {
  readonly domain: "source";
  /** [Ns, ...] */
  readonly x: Var;
  /** int64 [Ns], class indices; of a regression float32 [Ns], standardised numbers. */
  readonly y: Var;
  /** int64 [Ns], which of several sources each row is from; absent where the domain classifier sees one source. */
  readonly of?: Var | undefined;
}

/** Target rows: there is no `y`, so a target label cannot reach training. */
export interface TargetBatch {
  readonly domain: "target";
  /** [Nt, ...] */
  readonly x: Var;
  /** int64 [Nt], what the method itself takes these rows for (`Method.pseudoLabels`); absent where it says nothing. */
  readonly pseudoLabels?: Var | undefined;
}

/**
 * Target rows whose labels were given for training. A batch of its own: rows that are adapted to have no `y`, and labels
 * that score are of another type, which nothing here takes.
 */
export interface LabelledTargetBatch {
  readonly domain: "target";
  /** [Nl, ...] */
  readonly x: Var;
  /** int64 [Nl], class indices. */
  readonly y: Var;
  /** Factor of their label loss beside the source's. */
  readonly weight: number;
}

/** What the network makes of all rows of the target between two steps; arrays are row-major. */
export interface TargetSeen {
  readonly rows: number;
  readonly classes: number;
  /** [rows, classes] */
  readonly logits: Float32Array;
  /** [rows, featureWidth] */
  readonly features: Float32Array;
  readonly featureWidth: number;
}

/** Classes that a method gives to the target's rows, before the first step and again every so many passes over them. */
export interface PseudoLabelling {
  readonly every: number;
  /** Class index of each row. */
  readonly label: (seen: TargetSeen) => Int32Array;
}

/** What the network makes of all rows that train, between two steps; arrays are row-major. */
export interface BothSeen {
  readonly classes: number;
  readonly source: {
    /** [rows, classes] */
    readonly logits: Float32Array;
    /** Class index of each row. */
    readonly labels: Int32Array;
    /** Share of each class in the batches: that in the rows, unless batches are balanced. */
    readonly drawn: readonly number[];
  };
  /** Its logits [rows, classes]. */
  readonly target: { readonly logits: Float32Array };
}

/** Weights of the source's classes, estimated anew every so many passes over the larger domain. */
export interface ClassWeighting {
  readonly every: number;
  /** The next weights, from those so far. */
  readonly weigh: (seen: BothSeen, before: Float32Array) => readonly number[];
}

export interface MethodContext {
  readonly scope: Scope;
  readonly network: Network;
  /** Absent for refinements. */
  readonly source: SourceBatch | undefined;
  /** Absent for methods that do not read the target. */
  readonly target: TargetBatch | undefined;
  /** Absent where no labels of the target were given for training. */
  readonly labelledTarget?: LabelledTargetBatch | undefined;
  /** Scalar graph input: the schedule's lambda at this step. */
  readonly lambda: Var;
}

/** A scalar to minimise and its named parts, all scalars, for the log. */
export interface Objective {
  readonly loss: Var;
  readonly terms: Readonly<Record<string, Var>>;
}

/** One update of a step that has several: what it minimises, and which parameters it moves. */
export interface Update {
  /** Whether it moves the parameter of this path, such as `domainClassifier/fc1/weight`. */
  readonly moves: (parameter: string) => boolean;
  /** A scalar to minimise. The context's network has the values that the update before has left. */
  readonly loss: (context: MethodContext) => Var;
}

/** What is minimised in the first steps, by all parameters, before a method's own turn comes. */
export interface WarmUp {
  /** Of all steps. */
  readonly share: number;
  readonly objective: (context: MethodContext) => Objective;
}

/**
 * What one step minimises: nearly always one objective, of all parameters at once. A method that takes turns on a
 * batch has updates before or after it; each goes forward and back through the network by itself.
 */
export interface Method {
  readonly name: string;
  /** Whether training reads source rows; a refinement of a trained model does not. */
  readonly readsSource: boolean;
  /** Whether training reads target rows. */
  readonly readsTarget: boolean;
  /** Whether it trains the domain classifier to tell the domains by the features alone. */
  readonly tellsDomains: boolean;
  /** What the source's labels are; default `classes`. */
  readonly labels?: "classes" | "numbers" | undefined;
  objective(context: MethodContext): Objective;
  /** Which parameters the objective moves; default all. */
  readonly moves?: Update["moves"] | undefined;
  readonly before?: readonly Update[] | undefined;
  readonly after?: readonly Update[] | undefined;
  readonly warmUp?: WarmUp | undefined;
  /** Of methods that take target rows for a class: how. */
  readonly pseudoLabels?: PseudoLabelling | undefined;
  /** Of methods that weigh the source's classes: how. */
  readonly classWeights?: ClassWeighting | undefined;
  /** `frozen`: rows of the source go through a frozen copy of the network, from which the target's parts. */
  readonly sourceNetwork?: "frozen" | undefined;
  /** Of methods that apply frozen copies (`nn/frozen-copy.ts`): passes over the target after which they are made anew. */
  readonly copies?: { readonly every: number } | undefined;
}
