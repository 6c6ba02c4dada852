/**
 * What a method is to the registry. Every method minimises the label loss on the source; a row says what it adds to
 * that, and a name like `cdan+e+mcc` is several rows together: one base that aligns the domains, and additive terms.
 * Refinements alone have no source: they go on from a trained model.
 */
import type { z } from "zod";
import type { BothDomains } from "../dann/both-domains.ts";
import type { RowWeights } from "../dann/energy.ts";
import type { Var } from "../graph/node.ts";
import type { Method, MethodContext, Objective, PseudoLabelling, SourceBatch, TargetBatch, Update } from "./method.ts";

/** Options by key, each with its default: the schema of what a row reads from the configuration's `method`. */
export type OptionSchemas = Readonly<Record<string, z.ZodDefault<z.ZodType>>>;

export type OptionValues<S extends OptionSchemas> = { readonly [K in keyof S]: z.output<S[K]> };

/** Class logits of a batch of each domain, by one predictor; the target's are made when they are asked for. */
export interface ClassLogits {
  readonly source: Var;
  readonly target: () => Var;
}

/** Batches of both domains, gone through G_f and G_y once for all that a combination minimises. */
export interface Pass extends Omit<MethodContext, "source">, Omit<BothDomains, "source" | "target"> {
  readonly source: SourceBatch & BothDomains["source"];
  /** All rows of the target; those that have labels, where there are any, are the last. */
  readonly target: TargetBatch & BothDomains["target"];
  /** How rows count in the domain loss; undefined: all the same. */
  readonly rowWeights: () => RowWeights | undefined;
  /** How much each source row counts by its class, [Ns], 1 in the mean over all rows; undefined: all the same. */
  readonly classWeights: Var | undefined;
  /**
   * Mean loss of G_y's outputs with the labels there are (`supervision.ts`), and its parts: cross-entropy of logits, smoothed
   * and weighted as configured; of a regression the squared error of numbers [N, 1].
   */
  readonly labelLoss: (outputs: ClassLogits) => LabelObjective;
}

/** The label loss: all of it, and what of it the log has by itself. */
export interface LabelObjective extends Objective {
  readonly terms: { readonly labelLoss: Var; readonly targetLabelLoss?: Var };
}

/** A batch of the target alone, gone through G_f and G_y. */
export interface TargetPass extends Omit<MethodContext, "source" | "target"> {
  readonly target: TargetBatch & {
    /** [Nt, F] */
    readonly features: Var;
    /** [Nt, classes] */
    readonly logits: Var;
  };
}

/** One update of a step that has several, as a row writes it. */
export interface PassUpdate {
  readonly moves: Update["moves"];
  readonly loss: (pass: Pass) => Var;
}

/** What one row adds to the label loss. */
export interface Ingredient {
  /** What is added, and its parts for the log, under names that no other row uses. */
  readonly objective?: (pass: Pass) => Objective;
  /** How rows count in the domain loss of the base. */
  readonly rowWeights?: (pass: Pass) => RowWeights;
  /** Which parameters the objective moves; default all. */
  readonly moves?: Update["moves"];
  /** Updates before and after the objective's own. Running statistics and the log are the objective's. */
  readonly before?: readonly PassUpdate[];
  readonly after?: readonly PassUpdate[];
  /** The share of the steps that minimise the label loss alone, before all else. */
  readonly warmUp?: { readonly share: number };
  /** Whether the label loss is a part of the objective after that; default true. It is reported in any case. */
  readonly learnsLabels?: boolean;
  /** Of a refinement: all that is minimised. */
  readonly refine?: (pass: TargetPass) => Objective;
  /** What the target's rows are taken for, as `target.pseudoLabels` of a batch. */
  readonly pseudoLabels?: PseudoLabelling;
  /** `frozen`: the source keeps the network of the first phase, a frozen copy. */
  readonly sourceNetwork?: Method["sourceNetwork"];
  /** When frozen copies of the network are made anew. */
  readonly copies?: Method["copies"];
}

/** What a row may be combined with. */
export type Role =
  /** Aligns the domains: one in a run. */
  | {
      readonly kind: "base";
      /** Terms that are a part of it already. */
      readonly contains?: readonly string[];
      /** Why no term can be added, where none can. */
      readonly noTerms?: string;
      /** Whether G_d tells the domains by the features alone, so that a model can give a domain's probability. */
      readonly tellsDomains?: boolean;
    }
  /** Is added to a base. `alone`: also to the label loss without any. */
  | {
      readonly kind: "term";
      readonly alone: boolean;
      /** Bases that it can be added to. */
      readonly bases: "all" | readonly string[];
      /** Why no others; part of the refusal. */
      readonly because?: string;
    }
  /** Goes on from a trained model with rows of the target alone: there is no label loss, and nothing is combined with it. */
  | { readonly kind: "refinement" };

/** What says how hard a method aligns the domains: lambda, or an option of its own, the factor of what it adds. */
export type Strength = { readonly kind: "lambda" } | { readonly kind: "option"; readonly option: string };

export interface MethodRow<S extends OptionSchemas = OptionSchemas> {
  /** Lower case, as `--method` takes it. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** Where it was proposed. */
  readonly source: string;
  readonly role: Role;
  /** Why it has a meaning for classes alone; default: it takes labels that are numbers as well. */
  readonly needsClasses?: string;
  /** Default: nothing says how hard it aligns. */
  readonly strength?: Strength;
  /** Whether it trains G_d, the network's domain classifier; default: it has none, or one of its own. */
  readonly trainsDomainClassifier?: true;
  /** What of it makes predictions on the target more decided by itself, right or wrong, as in `mcc minimises ...`. */
  readonly sharpens?: string;
  /** Of a refinement: the smoothing of labels with which the model that it begins with should have been trained. */
  readonly smoothedStart?: number;
  /** Its terms that are no losses, which only tell how training goes: shares, accuracies, a norm that is to grow. */
  readonly measures?: readonly string[];
  /** Options that it reads. A key of several rows is one schema, and means the same in all. */
  readonly options: S;
  ingredient(options: OptionValues<S>): Ingredient;
}
