/**
 * Reverse-mode differentiation, graph in, graph out: one walk from the loss to what it is differentiated by, over a
 * table of rules (`gradients/`). The walker alone knows about accumulation, broadcasting and unreached inputs.
 */
import { internalError, usageError } from "../errors.ts";
import { broadcastRules } from "./gradients/broadcasting.ts";
import { layoutRules } from "./gradients/layout.ts";
import { linearRules } from "./gradients/linear.ts";
import { normalisationRules } from "./gradients/normalisation.ts";
import { reductionRules } from "./gradients/reductions.ts";
import type { Backward, Rule } from "./gradients/rule.ts";
import { selectionRules } from "./gradients/selection.ts";
import { sourceRules } from "./gradients/sources.ts";
import { sumTo } from "./gradients/sums.ts";
import { unaryRules } from "./gradients/unary.ts";
import { windowRules } from "./gradients/windows.ts";
import { topologicalOrder } from "./graph.ts";
import type { Node, Var } from "./node.ts";
import type { OpName } from "./operators.ts";
import { fullLike } from "./ops/constants.ts";
import { add } from "./ops/elementwise.ts";
import { isFloat, printType } from "./tensor.ts";

export type { Rule } from "./gradients/rule.ts";

export type GradientRules = Readonly<Partial<Record<OpName, Rule>>>;

/** The rule of every operator. */
export const gradientRules: Readonly<Record<OpName, Rule>> = {
  ...unaryRules,
  ...broadcastRules,
  ...linearRules,
  ...windowRules,
  ...reductionRules,
  ...layoutRules,
  ...selectionRules,
  ...normalisationRules,
  ...sourceRules,
};

export interface GradientOptions {
  /** What a variable gets that the loss does not depend on: zeros of its shape (default), or an error. */
  readonly unreached?: "zeros" | "error";
  /** Default: `gradientRules`. Tests put in faulty or incomplete tables. */
  readonly rules?: GradientRules;
}

/** The gradients of a scalar with respect to variables, inputs or not, in their order. */
export function gradients(loss: Var, wrt: readonly Var[], options: GradientOptions = {}): Var[] {
  const { unreached = "zeros", rules = gradientRules } = options;
  if (loss.type.shape.length !== 0 || !isFloat(loss.type.dtype)) {
    throw usageError("gradient", `gradients: expected a scalar loss, got ${printType(loss.type)}`);
  }
  for (const variable of wrt) {
    if (!isFloat(variable.type.dtype)) {
      throw usageError("gradient", `gradients: expected floats to differentiate by, got ${printType(variable.type)}`);
    }
  }
  const order = topologicalOrder([loss]);
  const relevant = reachable(order, wrt, rules);
  const found = new Map<Var, Var>();
  if (relevant.has(loss)) found.set(loss, fullLike(loss, 1));
  for (const node of order.toReversed()) {
    if (!node.outputs.some((variable) => found.has(variable))) continue;
    if (!node.inputs.some((variable) => variable !== undefined && relevant.has(variable))) continue;
    propagate(node, ruleOf(node.op, rules), relevant, found);
  }
  return wrt.map((variable) => {
    const gradient = found.get(variable);
    if (gradient !== undefined) return gradient;
    if (unreached === "zeros") return fullLike(variable, 0);
    throw usageError("gradient", `gradients: the loss does not depend on ${describe(variable)}`);
  });
}

/** Variables through which a gradient can pass to one of `wrt`. */
function reachable(order: readonly Node[], wrt: readonly Var[], rules: GradientRules): ReadonlySet<Var> {
  const relevant = new Set(wrt);
  for (const node of order) {
    if (!node.inputs.some((variable) => variable !== undefined && relevant.has(variable))) continue;
    if (rules[node.op] === "stopped") continue;
    for (const variable of node.outputs) if (isFloat(variable.type.dtype)) relevant.add(variable);
  }
  return relevant;
}

function ruleOf(op: OpName, rules: GradientRules): Exclude<Rule, "stopped"> {
  const rule = rules[op];
  if (rule === undefined) {
    throw usageError(
      "gradient-rule",
      `${op} has no gradient rule`,
      `Put stopGradient around what comes out of ${op}, or train only what comes after it.`,
    );
  }
  return rule === "stopped" ? () => [] : rule;
}

/** Applies a rule and adds what it gives to the gradients of the node's inputs. */
function propagate(node: Node, rule: Exclude<Rule, "stopped">, relevant: ReadonlySet<Var>, found: Map<Var, Var>): void {
  const output = (index: number): Var => {
    const variable = node.outputs[index];
    if (variable === undefined) throw internalError(`the gradient rule of ${node.op} reads output ${index}`);
    return variable;
  };
  const needs = (index: number): boolean => {
    const variable = node.inputs[index];
    return variable !== undefined && relevant.has(variable);
  };
  const gradient = (index: number): Var => found.get(output(index)) ?? fullLike(output(index), 0);
  const backward: Backward = {
    node,
    attributes: node.attributes,
    get g() {
      return gradient(0);
    },
    y: output(0),
    gradient,
    needs,
    input: (index) => {
      const variable = node.inputs[index];
      if (variable === undefined) throw internalError(`the gradient rule of ${node.op} reads input ${index}`);
      return variable;
    },
  };
  rule(backward).forEach((inputGradient, index) => {
    const variable = node.inputs[index];
    if (inputGradient === undefined || variable === undefined || !relevant.has(variable)) return;
    const contribution = sumTo(inputGradient(), variable);
    if (printType(contribution.type) !== printType(variable.type))
      throw internalError(
        `the gradient rule of ${node.op} gave ${printType(contribution.type)} for ${printType(variable.type)}`,
      );
    const before = found.get(variable);
    found.set(variable, before === undefined ? contribution : add(before, contribution));
  });
}

function describe(variable: Var): string {
  const { node } = variable;
  const name = node.op === "Input" ? `input ${String(node.attributes.name)}` : `a result of ${node.op}`;
  return `${name} ${printType(variable.type)}`;
}
