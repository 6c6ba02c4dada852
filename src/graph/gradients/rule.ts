/** What a gradient rule is. */
import type { Attributes, Node, Var } from "../node.ts";
import type { OpName } from "../operators.ts";

/** A node on the way back from the loss. */
export interface Backward {
  readonly node: Node;
  readonly attributes: Attributes;
  /** Gradient of the first output; zeros when the loss does not read it. */
  readonly g: Var;
  /** The first output. */
  readonly y: Var;
  /** Gradient of output `index`; zeros when the loss does not read it. */
  gradient(index: number): Var;
  /** Input `index`, which must be there. */
  input(index: number): Var;
  /** Whether the gradient of input `index` will be asked for, for rules that share work between inputs. */
  needs(index: number): boolean;
}

/**
 * How one input's gradient is computed; called only when it is needed. It may have the shape that the input takes
 * after broadcasting: the walker sums it down. `undefined` stops the gradient at this input.
 */
export type InputGradient = (() => Var) | undefined;

/**
 * Gradient functions for the inputs, in order; inputs beyond the list get none. Rules emit ordinary operators only, so
 * that gradients of gradients work. `stopped` says that the operator is flat or piecewise constant.
 */
export type Rule = "stopped" | ((backward: Backward) => readonly InputGradient[]);

/** The rules of a family, one for every operator: a missing one does not compile. */
export type Rules<Op extends OpName> = Readonly<Record<Op, Rule>>;
