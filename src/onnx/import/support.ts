/** Which operators of a file can be imported. */
import { dataError } from "../../errors.ts";
import { builtOperators, importRules } from "./operators/index.ts";
import type { SourceNode } from "./source.ts";

export interface UnsupportedOperator {
  /** With its domain, where that is not the standard's: `com.microsoft.Attention`. */
  readonly operator: string;
  readonly count: number;
  /** The first node of it. */
  readonly place: string;
}

const supported = ({ op, domain }: SourceNode): boolean =>
  domain === "" && (Object.hasOwn(importRules, op) || (builtOperators as readonly string[]).includes(op));

/** The operators that cannot be imported, each once, in order of first use. */
export function unsupportedOperators(nodes: readonly SourceNode[]): readonly UnsupportedOperator[] {
  const found = new Map<string, UnsupportedOperator>();
  for (const node of nodes) {
    if (supported(node)) continue;
    const operator = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
    const before = found.get(operator);
    found.set(
      operator,
      before === undefined ? { operator, count: 1, place: node.place } : { ...before, count: before.count + 1 },
    );
  }
  return [...found.values()];
}

/** One error that lists them all. */
export function refuseUnsupported(nodes: readonly SourceNode[], model: string): void {
  const missing = unsupportedOperators(nodes);
  if (missing.length === 0) return;
  const list = missing.slice(0, 8).map(({ operator, place }) => `${operator} (first at ${place})`);
  const more = missing.length > 8 ? `, and ${missing.length - 8} more` : "";
  const quantised = missing.some(({ operator }) => /Quantize|QLinear|Integer$/.test(operator));
  throw dataError(
    "onnx-operator",
    `${model}: cannot import the ${missing.length === 1 ? "operator" : "operators"} ${list.join(", ")}${more}`,
    quantised
      ? "Quantised models cannot be trained through: export the model in float32."
      : "docs/onnx-operators.md lists what can be imported; name a tensor in front of these as the features.",
  );
}
