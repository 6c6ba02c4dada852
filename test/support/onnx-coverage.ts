/** What can be imported, as a page: made from the rules of the importer, the gradient rules, and the cases of the tests. */
import { gradientRules, input, isFloat, type Node, type OpName, topologicalOrder } from "../../src/graph/index.ts";
import { importedOperators } from "../../src/onnx/import/operators/index.ts";
import { newestOpset, oldestOpset } from "../../src/onnx/import/source.ts";
import { importOnnx } from "../../src/onnx/import.ts";
import { modelBytes, value } from "./onnx.ts";
import type { Case } from "./onnx-cases/case.ts";
import { onnxCases } from "./onnx-cases/index.ts";
import { operatorCases } from "./operators/index.ts";

/** Our operators that a case of the standard's operator becomes, in order of first use. */
async function usedBy({ spec, opset, inputs, outputs }: Case): Promise<OpName[]> {
  const bytes = modelBytes({
    ...spec,
    opset,
    inputs: Object.entries(inputs).map(([name, { dims, dtype = "float32" }]) => value(name, dims, dtype)),
    outputs: Object.entries(outputs).map(([name, dtype]) => value(name, [], dtype)),
  });
  const reads = (spec.nodes.at(-1)?.input ?? []).filter((name) => name !== "");
  const model = await importOnnx(bytes, { wanted: [...Object.keys(outputs), ...reads] });
  const given = Object.fromEntries(Object.entries(model.inputs).map(([name, type]) => [name, input(name, type)]));
  const built = model.build({ inputs: given, wanted: model.outputs });
  const nodes = (names: readonly string[]): readonly Node[] =>
    topologicalOrder(names.flatMap((name) => built[name] ?? []));
  const before = new Set(nodes(reads));
  const own = nodes(Object.keys(outputs)).filter((node) => !before.has(node));
  return [...new Set(own.map(({ op }) => op))].filter((op) => op !== "Input" && op !== "Constant");
}

/** The page `docs/onnx-operators.md`. */
export async function coveragePage(): Promise<string> {
  const covered = new Set(operatorCases.map(({ op }) => op));
  const rows: string[] = [];
  for (const operator of importedOperators) {
    const ops = new Set<OpName>();
    const opsets = new Set<number>();
    let slopes = false;
    for (const each of onnxCases) {
      if (each.op !== operator) continue;
      opsets.add(each.opset);
      slopes ||= each.slopes && Object.values(each.outputs).some(isFloat);
      for (const op of await usedBy(each)) ops.add(op);
    }
    const own = [...ops];
    const forward = own.length === 0 ? "nothing, worked out beforehand" : own.join(", ");
    const engines = own.every((op) => covered.has(op)) ? "cpu, wasm, reference" : "";
    rows.push(
      `| ${operator} | ${[...opsets].sort((a, b) => a - b).join(", ")} | ${forward} | ${slopes ? gradientOf(own) : "none, by definition"} | ${engines} |`,
    );
  }
  return `${head}\n${rows.join("\n")}\n`;
}

/** Whether a gradient goes through all of them. */
function gradientOf(ops: readonly OpName[]): string {
  const stopped = ops.filter((op) => gradientRules[op] === "stopped" && op !== "StopGradient");
  if (stopped.length > 0 && stopped.length === ops.length) return "none, by definition";
  return stopped.length === 0 ? "yes" : `yes; none through ${stopped.join(", ")}`;
}

const head = `# ONNX operators that can be imported

Made from the code by \`npx tsx --conditions=dann-source scripts/make-onnx-operators.ts\`; a test holds it current.

Models of operator set ${oldestOpset} to ${newestOpset} are read by \`dann inspect\`; anything that is not here (loops, sequences, quantised weights,
other domains) is refused by name. The operators are said with those of opset 18, so that every one of them runs,
and is differentiated, on each engine.

- **sets**: operator sets in which tests compare it with ONNX Runtime's own reading of the file
- **becomes**: operators of the graph, over all its forms; arithmetic on shapes and constants is worked out beforehand
- **gradient**: compared with finite differences in float64; "none" where the result is whole numbers or truths, or flat
- **engines**: those on which its operators, and their gradients, are compared with the float64 reference

| operator | sets | becomes | gradient | engines |
| --- | --- | --- | --- | --- |`;
