/** Whether an imported model can be trained through: which weights a gradient reaches, and what stands in its way. */
import { DannError } from "../errors.ts";
import { gradientRules, gradients, input, isFloat, reduceSum, topologicalOrder, type Var } from "../graph/index.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { ImportedModel } from "./import.ts";

export interface Differentiability {
  /** Weights on the way to the tensor. */
  readonly parameters: readonly string[];
  /** Those of them that no gradient reaches: they lie behind rounding, comparisons or choices of indices. */
  readonly unreached: readonly string[];
  /** Why there is no gradient at all, where there is none. */
  readonly problem: string | undefined;
}

/** A graph of the wanted tensor with its weights as inputs: `parameter:NAME`. */
export interface OpenGraph {
  readonly result: Var;
  readonly inputs: Readonly<Record<string, Var>>;
  readonly parameters: ReadonlyMap<string, Var>;
}

/** Prefix of the inputs that carry weights. */
export const parameterInput = (name: string): string => `parameter:${name}`;

/** Builds a tensor on inputs of these types, with every weight as an input of its own. */
export function openGraph(
  model: ImportedModel,
  wanted: string,
  types: Readonly<Record<string, TensorType>>,
): OpenGraph {
  const inputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, input(name, type)]));
  const parameters = new Map<string, Var>();
  const result = model.build({
    inputs,
    wanted: [wanted],
    parameter: (name) => {
      const tensor = model.parameters.get(name);
      const found =
        parameters.get(name) ??
        input(parameterInput(name), { dtype: tensor?.dtype ?? "float32", shape: tensor?.dims ?? [] });
      parameters.set(name, found);
      return found;
    },
  })[wanted] as Var;
  return { result, inputs, parameters };
}

/** Input types for a batch of `rows`: the first named size of each input is the batch. */
export const batchTypes = (model: ImportedModel, rows: number): Record<string, TensorType> =>
  Object.fromEntries(
    Object.entries(model.inputs).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: shape.map((dim, axis) => (axis === 0 && typeof dim === "string" ? rows : dim)) },
    ]),
  );

export function differentiability(model: ImportedModel, wanted: string): Differentiability {
  const { result, parameters } = openGraph(model, wanted, batchTypes(model, 2));
  const order = topologicalOrder([result]);
  const read = new Set(order.map((node) => node.outputs[0]));
  const used = [...parameters].filter(([, variable]) => read.has(variable));
  // Backwards from the result, through operators that have a gradient.
  const reached = new Set<Var>([result]);
  for (const node of order.toReversed()) {
    if (gradientRules[node.op] === "stopped" || !node.outputs.some((output) => reached.has(output))) continue;
    for (const read of node.inputs) if (read !== undefined && isFloat(read.type.dtype)) reached.add(read);
  }
  return {
    parameters: used.map(([name]) => name),
    unreached: used.filter(([, variable]) => !reached.has(variable)).map(([name]) => name),
    problem: problemOf(
      result,
      used.map(([, variable]) => variable),
    ),
  };
}

function problemOf(result: Var, wrt: readonly Var[]): string | undefined {
  try {
    gradients(reduceSum(result), wrt);
    return undefined;
  } catch (cause) {
    if (cause instanceof DannError) return cause.message;
    throw cause;
  }
}
