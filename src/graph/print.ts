/** A graph as text, the same for the same graph: for people, and for tests that notice when a graph changes. */
import { type Graph, topologicalOrder } from "./graph.ts";
import { type Attribute, inputName, type Node, type Var } from "./node.ts";
import { printType } from "./tensor.ts";

/**
 * One line a node in the order of computation, numbered; inputs go by their names.
 *
 *     graph step
 *       x: float32[N,3]
 *       %1 = Relu(x): float32[N,3]
 *       return loss = %1
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Var, string>();
  const lines = [`graph ${graph.name}`];
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const [first] = node.outputs;
    if (node.op === "Input" && first !== undefined) {
      names.set(first, inputName(first));
      lines.push(`${inputName(first)}: ${printType(first.type)}`);
      continue;
    }
    for (const variable of node.outputs) names.set(variable, `%${names.size}`);
    lines.push(printNode(node, names));
  }
  for (const [name, variable] of Object.entries(graph.outputs)) lines.push(`return ${name} = ${names.get(variable)}`);
  return `${lines.join("\n  ")}\n`;
}

function printNode(node: Node, names: ReadonlyMap<Var, string>): string {
  const inputs = node.inputs.map((read) => (read === undefined ? "_" : names.get(read)));
  const attributes = Object.entries(node.attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${printAttribute(value)}`);
  const results = node.outputs.map((variable) => names.get(variable)).join(", ");
  const types = node.outputs.map((variable) => printType(variable.type)).join(", ");
  const settings = attributes.length === 0 ? "" : ` {${attributes.join(" ")}}`;
  return `${results} = ${node.op}(${inputs.join(", ")})${settings}: ${types}`;
}

/** Elements of a constant that are printed before it is cut short. */
const shown = 8;

function printAttribute(value: Attribute): string {
  if (typeof value !== "object" || !("data" in value)) return JSON.stringify(value);
  const elements = Array.from<number | bigint, string>(value.data.slice(0, shown), String);
  return `[${elements.join(",")}${value.data.length > shown ? ",..." : ""}]`;
}
