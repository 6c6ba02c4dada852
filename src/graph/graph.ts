/** A graph is its named outputs; inputs and nodes are what they reach. */
import { inputName, type Node, type Var } from "./node.ts";

export interface Graph {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Var>>;
}

/** Every node that the outputs reach, each after the nodes it reads, in an order that depends on the graph alone. */
export function topologicalOrder(outputs: Iterable<Var>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: deep graphs (many layers, long chains of updates) must not exhaust the call stack.
  const stack: { node: Node; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const variable of outputs) {
    enter(variable.node);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next < top.node.inputs.length) {
        const read = top.node.inputs[top.next++];
        if (read !== undefined) enter(read.node);
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** The inputs that a graph reads, by name, in topological order. */
export function inputsOf(graph: Graph): Map<string, Var> {
  const found = new Map<string, Var>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const variable = node.outputs[0];
    if (node.op === "Input" && variable !== undefined) found.set(inputName(variable), variable);
  }
  return found;
}
