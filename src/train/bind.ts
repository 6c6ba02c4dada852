/** Fixes inputs of a graph: a trained network becomes one that carries its own weights. */
import { internalError } from "../errors.ts";
import { type Graph, topologicalOrder } from "../graph/graph.ts";
import { constant, inputName, makeNode, output, type Var } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";

/** The same graph with constants in the place of the inputs that `values` names. */
export function bindInputs(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const bound = new Map<Var, Var>();
  const after = (variable: Var): Var => bound.get(variable) ?? variable;
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    if (node.op === "Input") {
      const [variable] = node.outputs;
      if (variable === undefined) throw internalError("an input without an output");
      const value = values.get(inputName(variable));
      if (value !== undefined) bound.set(variable, constant(value));
      continue;
    }
    const inputs = node.inputs.map((variable) => (variable === undefined ? undefined : after(variable)));
    if (inputs.every((variable, i) => variable === node.inputs[i])) continue;
    const made = makeNode(node.op, inputs, node.attributes);
    for (const variable of node.outputs) bound.set(variable, output(made, variable.index));
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, variable]) => [name, after(variable)]));
  return { name: graph.name, outputs };
}
