/**
 * Every operator that is imported, in the operator sets in which it differs: the file run by the engine as it stands
 * against our graph of it, by the engine and by the reference; and the gradients of the graph against finite differences.
 */
import { describe, expect, test } from "vitest";
import { modelBytes, value } from "../../test/support/onnx.ts";
import type { Operand } from "../../test/support/onnx-cases/case.ts";
import { onnxCases as cases } from "../../test/support/onnx-cases/index.ts";
import { curvedSum, directionalErrors } from "../../test/support/operators/gradient-check.ts";
import { distance } from "../../test/support/tensors.ts";
import { type DType, input, inputsOf, isFloat, isStatic, type Tensor, tensorOf, type Var } from "../graph/index.ts";
import { sizeOf } from "../graph/tensor.ts";
import { random } from "../random.ts";
import { openBackend } from "../runtime/node.ts";
import { evaluate } from "../runtime/reference.ts";
import { importedOperators } from "./import/operators/index.ts";
import { importOnnx } from "./import.ts";

const feedOf = (name: string, { dims, dtype = "float32", values }: Operand): Tensor => {
  const source = random(`operator/${name}`);
  const drawn = Array.from({ length: sizeOf(dims) }, () => {
    const normal = source.normal();
    return normal + Math.sign(normal) * 0.05;
  });
  return tensorOf(dtype, dims, values ?? drawn);
};

describe.each(cases.map((each) => [`${each.op} ${each.opset}: ${each.what}`, each] as const))("%s", (label, each) => {
  const feeds = Object.fromEntries(Object.entries(each.inputs).map(([name, operand]) => [name, feedOf(name, operand)]));
  const bytes = modelBytes({
    ...each.spec,
    opset: each.opset,
    inputs: Object.entries(feeds).map(([name, { dims, dtype }]) => value(name, dims, dtype)),
    // Results without a shape: the engine works it out.
    outputs: Object.entries(each.outputs).map(([name, dtype]) => withoutShape(name, dtype)),
  });

  test("as the engine runs the file", async () => {
    const model = await importOnnx(bytes, { name: label });
    const inputs = Object.fromEntries(Object.entries(model.inputs).map(([name, type]) => [name, input(name, type)]));
    const outputs = model.build({ inputs, wanted: Object.keys(each.outputs) });
    const graph = { name: "imported", outputs };
    const read = inputsOf(graph);
    const fed = Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name)));
    const backend = await openBackend("cpu");
    const [file, ours] = [await backend.load(bytes), await backend.compile(graph)];
    const expected = await file.run(feeds);
    const [found, exact] = [await ours.run(fed), evaluate(graph, fed)];
    for (const [name, dtype] of Object.entries(each.outputs)) {
      expect(outputs[name]?.type.dtype, name).toBe(dtype);
      expect(distance(found[name], expected[name]), name).toBeLessThan(1e-4);
      expect(distance(exact[name], expected[name]), name).toBeLessThan(1e-4);
    }
    await file.dispose();
    await ours.dispose();
  });

  test.runIf(each.slopes)("gradients fit finite differences", async () => {
    const model = await importOnnx(bytes, { name: label });
    const parameters = [...model.parameters];
    const double = { ...feeds };
    const variables = Object.fromEntries(Object.entries(model.inputs).map(([name, type]) => [name, input(name, type)]));
    const weights = new Map(
      parameters.map(([name, { dims }]) => [name, input(`weight ${name}`, { dtype: "float32", shape: dims })]),
    );
    for (const [name, tensor] of parameters) double[`weight ${name}`] = tensor;
    const outputs = model.build({
      inputs: variables,
      parameter: (name) => weights.get(name) as Var,
      wanted: Object.keys(each.outputs),
    });
    const results = Object.values(outputs).filter(({ type }) => isFloat(type.dtype) && isStatic(type.shape));
    for (const { input: name, error } of directionalErrors(
      curvedSum(results, label),
      [...Object.values(variables), ...weights.values()],
      double,
    )) {
      expect(error, name).toBeLessThan(1e-4);
    }
  });
});

function withoutShape(name: string, dtype: DType): ReturnType<typeof value> {
  const info = value(name, [], dtype);
  if (info.type?.value.case === "tensorType") delete info.type.value.value.shape;
  return info;
}

test("every operator that is imported has a case", () => {
  const tested = new Set(cases.map(({ op }) => op));
  expect(importedOperators.filter((op) => !tested.has(op))).toEqual([]);
});
