/**
 * An optimiser writes, as a part of the step's graph, the new value of a parameter and of the state it keeps for it
 * (its slots). The learning rate and the step's number are scalar inputs of the graph.
 */
import { internalError } from "../errors.ts";
import { add, div, minimum, mul, reduceSum, scalar, sqrt, square } from "../graph/index.ts";
import type { Var } from "../graph/node.ts";

/** State kept for each parameter, in the parameter's shape. */
export interface OptimizerSlot {
  /** `momentum`, `firstMoment`, ... */
  readonly name: string;
  /** Value of every element before the first step. */
  readonly initial: number;
}

export interface OptimizerRequest {
  readonly value: Var;
  /** Gradient of the loss, in the shape of `value`. */
  readonly gradient: Var;
  readonly slots: Readonly<Record<string, Var>>;
  /** Learning rate of this parameter at this step; scalar. */
  readonly rate: Var;
  /** Number of this step, from 1, as a float32 scalar. */
  readonly step: Var;
  /** Whether weight decay applies: weights yes; biases, scales and shifts no. */
  readonly decay: boolean;
}

export interface OptimizerResult {
  readonly value: Var;
  readonly slots: Readonly<Record<string, Var>>;
}

export interface Optimizer {
  readonly name: string;
  readonly slots: readonly OptimizerSlot[];
  update(request: OptimizerRequest): OptimizerResult;
}

/** A slot that was declared and is therefore there; a missing one is named. */
export function slotOf(slots: Readonly<Record<string, Var>>, name: string): Var {
  const slot = slots[name];
  if (slot === undefined) throw internalError(`the optimiser's slot ${name} was not passed`);
  return slot;
}

/** Norm of all gradients together; undefined where there are none. */
export function globalNorm(gradients: readonly Var[]): Var | undefined {
  const [first, ...rest] = gradients.map((gradient) => reduceSum(square(gradient)));
  return first && sqrt(rest.reduce((sum, term) => add(sum, term), first));
}

/**
 * Scales all gradients by one factor so that their norm together is at most `maxNorm` (Pascanu et al. 2013):
 * min(1, maxNorm / (norm + 1e-6)), the 1e-6 as in PyTorch's `clip_grad_norm_`.
 *
 * @param norm their norm, where it is known already.
 */
export function clipByGlobalNorm(gradients: readonly Var[], maxNorm: number, norm = globalNorm(gradients)): Var[] {
  if (norm === undefined) return [];
  const factor = minimum(scalar(1, norm.type.dtype), div(maxNorm, add(norm, 1e-6)));
  return gradients.map((gradient) => mul(gradient, factor));
}
