/**
 * Rewrites for the sake of the engine's kernels, done on the way into it: the graph that others see stays as written.
 *
 * momentum * v + x^T d, the momentum of a fully connected layer, is one product that starts from momentum * v instead of
 * zero: Gemm's third operand. It saves two passes over the weights (measured on 5000x100, one thread: 0.3 of 4.5 ms).
 */
import { type Graph, topologicalOrder } from "../graph/graph.ts";
import { constantValue, makeNode, type Node, output, type Var } from "../graph/node.ts";
import { printType } from "../graph/tensor.ts";

/** The same graph with fewer passes over memory; floats may round differently in the last place. */
export function fuse(graph: Graph): Graph {
  const order = topologicalOrder(Object.values(graph.outputs));
  const reads = countReads(graph, order);
  const replaced = new Map<Var, Var>();
  const now = (variable: Var | undefined): Var | undefined => variable && (replaced.get(variable) ?? variable);
  for (const node of order) {
    const fused = node.op === "Add" ? gemmOf(node, reads) : undefined;
    const { op, inputs, attributes } = fused ?? node;
    const current = inputs.map(now);
    if (fused === undefined && current.every((variable, index) => variable === inputs[index])) continue;
    const made = makeNode(op, current, attributes);
    for (const variable of node.outputs) replaced.set(variable, output(made, variable.index));
  }
  const outputs = Object.entries(graph.outputs).map(([name, variable]) => [name, replaced.get(variable) ?? variable]);
  return { name: graph.name, outputs: Object.fromEntries(outputs) as Record<string, Var> };
}

/** How often each value is read, by nodes and as an output. */
function countReads(graph: Graph, order: readonly Node[]): ReadonlyMap<Var, number> {
  const reads = new Map<Var, number>();
  const read = [...order.flatMap(({ inputs }) => inputs), ...Object.values(graph.outputs)];
  for (const variable of read) if (variable !== undefined) reads.set(variable, (reads.get(variable) ?? 0) + 1);
  return reads;
}

/** a b + c v as Gemm(a, b, v; beta = c), when nobody else reads the product. */
function gemmOf({ inputs: [left, right] }: Node, reads: ReadonlyMap<Var, number>): Omit<Node, "outputs"> | undefined {
  for (const [product, scaled] of [
    [left, right],
    [right, left],
  ]) {
    if (product?.node.op !== "Gemm" || product.node.inputs[2] !== undefined || reads.get(product) !== 1) continue;
    const start = scaledBy(scaled);
    if (start === undefined || printType(start.value.type) !== printType(product.type)) continue;
    const { inputs, attributes } = product.node;
    return {
      op: "Gemm",
      inputs: [inputs[0], inputs[1], start.value],
      attributes: { ...attributes, beta: start.factor },
    };
  }
  return undefined;
}

/** Takes apart a value times a constant number. */
function scaledBy(variable: Var | undefined): { value: Var; factor: number } | undefined {
  if (variable?.node.op !== "Mul") return undefined;
  const [a, b] = variable.node.inputs;
  for (const [value, other] of [
    [a, b],
    [b, a],
  ]) {
    const factor = other && constantValue(other);
    if (value !== undefined && factor?.data.length === 1) return { value, factor: Number(factor.data[0]) };
  }
  return undefined;
}
