/**
 * Makes a graph smaller without changing what it computes: one pass in topological order that simplifies each node
 * and merges it with an equal one that came before. Nodes that no output reads disappear because a graph is what its
 * outputs reach. To be used after differentiation: the gradient markers are taken out.
 */
import { type Graph, topologicalOrder } from "./graph.ts";
import { type Attribute, makeNode, type Node, type Var } from "./node.ts";
import type { OpName } from "./operators.ts";
import { simplify } from "./simplifications.ts";
import type { Tensor } from "./tensor.ts";

/** The same outputs from fewer nodes. */
export function optimise(graph: Graph): Graph {
  const replacement = new Map<Var, Var>();
  const known = new Map<string, Node>();
  const identifiers = new Identifiers();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const inputs = node.inputs.map((read) => (read === undefined ? undefined : (replacement.get(read) ?? read)));
    const changed = inputs.some((read, index) => read !== node.inputs[index]);
    const rebuilt = changed ? makeNode(node.op, inputs, node.attributes) : node;
    const simple = simplest(rebuilt);
    const merged = merge(simple === undefined ? rebuilt : simple.node, known, identifiers);
    node.outputs.forEach((old, index) => {
      const now = merged.outputs[simple === undefined ? index : simple.index];
      if (now !== undefined && now !== old) replacement.set(old, now);
    });
  }
  const outputs = Object.entries(graph.outputs).map(([name, variable]) => [
    name,
    replacement.get(variable) ?? variable,
  ]);
  return { name: graph.name, outputs: Object.fromEntries(outputs) as Record<string, Var> };
}

/** The last of the rewrites that a node allows, one after the other; undefined when there is none. */
function simplest(node: Node): Var | undefined {
  let found: Var | undefined;
  for (let next = simplify(node); next !== undefined && next.node !== found?.node; next = simplify(next.node)) {
    found = next;
    // Only a result's first output can be rewritten further.
    if (next.index !== 0) break;
  }
  return found;
}

/** An earlier node that computes the same, or this one. */
function merge(made: Node, known: Map<string, Node>, identifiers: Identifiers): Node {
  // Rewrites make constants (shapes) of their own.
  const inputs = made.inputs.map((read) =>
    read?.node.op === "Constant" ? merge(read.node, known, identifiers).outputs[0] : read,
  );
  const same = inputs.every((read, index) => read === made.inputs[index]);
  const node = same ? made : makeNode(made.op, inputs, made.attributes);
  const key = keyOf(node, identifiers);
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, node);
  return node;
}

const commutative: ReadonlySet<OpName> = new Set<OpName>(["Add", "Mul", "And", "Or", "Equal"]);

/** Equal for nodes that compute the same from the same inputs. */
function keyOf(node: Node, identifiers: Identifiers): string {
  const inputs = node.inputs.map((read) => (read === undefined ? "" : `${identifiers.of(read.node)}.${read.index}`));
  if (commutative.has(node.op)) inputs.sort();
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => `${name}=${attributeKey(value, identifiers)}`)
    .sort();
  return [node.op, ...inputs, "|", ...attributes].join(" ");
}

/** Constants of more elements are compared by identity: hashing them costs more than it saves. */
const comparedElements = 1024;

function attributeKey(value: Attribute, identifiers: Identifiers): string {
  if (typeof value !== "object" || !("data" in value)) return JSON.stringify(value);
  const { dtype, dims, data } = value satisfies Tensor;
  if (data.length > comparedElements) return `#${identifiers.of(value)}`;
  const elements = Array.from<number | bigint, string>(data, (item) => (Object.is(item, -0) ? "-0" : String(item)));
  return `${dtype}[${dims.join(",")}]${elements.join(",")}`;
}

/** A number for each object, in order of appearance. */
class Identifiers {
  readonly #numbers = new Map<object, number>();

  of(item: object): number {
    const found = this.#numbers.get(item);
    if (found !== undefined) return found;
    this.#numbers.set(item, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
