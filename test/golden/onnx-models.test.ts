/** Imported models against PyTorch: results, and the gradients of every weight and input. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  floats,
  type Graph,
  gradients,
  input,
  inputsOf,
  mul,
  reduceMean,
  type Tensor,
  type TensorType,
  tensorOf,
  type Var,
} from "../../src/graph/index.ts";
import { type ImportedModel, importOnnx } from "../../src/onnx/import.ts";
import type { Backend, Feeds } from "../../src/runtime/backend.ts";
import { openBackend } from "../../src/runtime/node.ts";
import { referenceBackend } from "../../src/runtime/reference.ts";
import { decodeSafetensors } from "../../src/train/safetensors.ts";
import { norm, relativeError } from "../support/learning.ts";
import { draw, readGolden, uniform } from "./golden.ts";

interface Model {
  readonly name: string;
  readonly opset: number;
  readonly folding: boolean;
  readonly batchNorm: "folded" | "kept" | "training";
  readonly loss: number;
  readonly inputs: Readonly<Record<string, { kind: "float" | "ids" | "mask"; shape: number[] }>>;
  readonly outputs: readonly string[];
}

const { models } = readGolden<{ models: Model[] }>("onnx-models.json");

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`onnx/${name}`, import.meta.url)));

const values = (tensor: Tensor | undefined): number[] =>
  Array.from<number | bigint, number>(tensor?.data ?? [], Number);

/** The twin of `feeds` of the maker. */
function feed(name: string, { kind, shape }: Model["inputs"][string]): Tensor {
  const [rows = 1, length = 1] = shape;
  switch (kind) {
    case "float":
      return tensorOf("float32", shape, values(draw(name, shape)));
    case "ids":
      return tensorOf(
        "int64",
        shape,
        values(draw(name, shape)).map((u) => Math.floor(u * 15 + 15)),
      );
    case "mask":
      return tensorOf(
        "int64",
        shape,
        Array.from({ length: rows * length }, (_, i) => Number(i % length < length - 2 * Math.floor(i / length))),
      );
    default:
      throw new Error(`no inputs of kind ${kind satisfies never}`);
  }
}

/** Weights are inputs, so that they can be differentiated by; sizes are the data's. */
function training(model: Model, imported: ImportedModel): { graph: Graph; feeds: Record<string, Tensor> } {
  const feeds: Record<string, Tensor> = {};
  const inputs: Record<string, Var> = {};
  for (const [name, spec] of Object.entries(model.inputs)) {
    feeds[name] = feed(name, spec);
    inputs[name] = input(name, { dtype: feeds[name].dtype, shape: spec.shape });
  }
  const parameters = new Map<string, Var>();
  for (const [name, tensor] of imported.parameters) {
    feeds[`parameter/${name}`] = tensor;
    parameters.set(name, input(`parameter/${name}`, { dtype: tensor.dtype, shape: tensor.dims }));
  }
  const outputs = imported.build({ inputs, parameter: (name) => parameters.get(name) as Var, wanted: model.outputs });
  const loss = model.outputs
    .map((name) => {
      const y = outputs[name] as Var;
      const shape = y.type.shape as number[];
      const weights = floats(
        shape,
        uniform(
          `weights of ${name}`,
          shape.reduce((a, b) => a * b, 1),
        ),
      );
      return reduceMean(mul(weights, mul(y, y)));
    })
    .reduce(add);
  const results: Record<string, Var> = { loss };
  for (const name of model.outputs) results[`output/${name}`] = outputs[name] as Var;
  const wrt = [...parameters].map(([name, variable]): [string, Var] => [`gradient/${name}`, variable]);
  for (const [name, { kind }] of Object.entries(model.inputs))
    if (kind === "float") wrt.push([`input-gradient/${name}`, inputs[name] as Var]);
  gradients(
    loss,
    wrt.map(([, variable]) => variable),
  ).forEach((gradient, i) => {
    results[wrt[i]?.[0] ?? ""] = gradient;
  });
  const graph = { name: "golden", outputs: results };
  const read = inputsOf(graph);
  return { graph, feeds: Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name))) };
}

async function run(backend: Backend, graph: Graph, feeds: Feeds): Promise<Readonly<Record<string, Tensor>>> {
  const executable = await backend.compile(graph);
  const found = await executable.run(feeds);
  await executable.dispose();
  return found;
}

/** Everything that PyTorch computed is there and within a thousandth, as is everything of ours. */
function compare(model: Model, found: Readonly<Record<string, Tensor>>): void {
  const { tensors } = decodeSafetensors(file(`${model.name}.safetensors`), model.name);
  const golden = tensors;
  expect(
    Object.keys(found)
      .filter((name) => name !== "loss")
      .sort(),
  ).toEqual([...golden.keys()].sort());
  const largest = Math.max(
    ...[...golden].flatMap(([name, t]) => (name.startsWith("output/") ? [] : [norm(values(t))])),
  );
  for (const [name, expected] of golden) {
    const scale = Math.max(norm(values(expected)), name.startsWith("output/") ? 0 : 1e-3 * largest);
    expect(found[name]?.dims, name).toEqual(expected.dims);
    expect(relativeError(values(found[name]), values(expected), scale), name).toBeLessThan(1e-3);
  }
  expect(relativeError(values(found.loss), [model.loss], Math.abs(model.loss))).toBeLessThan(1e-3);
}

describe.each(models)("$name (opset $opset, folding $folding, batch norm $batchNorm)", (model) => {
  let imported: ImportedModel;
  beforeAll(async () => {
    imported = await importOnnx(file(`${model.name}.onnx`), { name: model.name });
  });

  test("runs and differentiates as in PyTorch", async () => {
    const { graph, feeds } = training(model, imported);
    compare(model, await run(await openBackend("cpu"), graph, feeds));
  });

  test("with a named batch, at two sizes", async () => {
    const inputs = Object.fromEntries(
      Object.entries(imported.inputs).map(([name, type]: [string, TensorType]) => [name, input(name, type)]),
    );
    expect(Object.values(imported.inputs).map(({ shape }) => shape[0])).toEqual(Object.keys(inputs).map(() => "N"));
    const graph = { name: "named", outputs: imported.build({ inputs, wanted: model.outputs }) };
    const executable = await (await openBackend("cpu")).compile(graph);
    const { tensors } = decodeSafetensors(file(`${model.name}.safetensors`), model.name);
    const all = Object.fromEntries(Object.entries(model.inputs).map(([name, spec]) => [name, feed(name, spec)]));
    const first = Object.fromEntries(
      Object.entries(all).map(([name, tensor]) => {
        const size = tensor.data.length / (tensor.dims[0] ?? 1);
        return [name, { ...tensor, dims: tensor.dims.with(0, 1), data: tensor.data.slice(0, size) } as Tensor];
      }),
    );
    for (const [feeds, rows] of [
      [all, undefined],
      [first, 1],
    ] as const) {
      const found = await executable.run(feeds);
      for (const name of model.outputs) {
        const expected = values(tensors.get(`output/${name}`));
        const kept = rows === undefined ? expected : expected.slice(0, values(found[name]).length);
        expect(relativeError(values(found[name]), kept, norm(kept)), name).toBeLessThan(1e-3);
      }
    }
    await executable.dispose();
  });
});

describe("other engines give the same", () => {
  test.each(["resnet", "vit", "bert", "dilated"])("%s in WebAssembly", async (name) => {
    const model = models.find((each) => each.name === name) as Model;
    const { graph, feeds } = training(model, await importOnnx(file(`${name}.onnx`), { name }));
    compare(model, await run(await openBackend("wasm"), graph, feeds));
  });

  test.each(["bert-tied", "dilated", "shufflenet"])("%s in the reference", async (name) => {
    const model = models.find((each) => each.name === name) as Model;
    const { graph, feeds } = training(model, await importOnnx(file(`${name}.onnx`), { name }));
    compare(model, await run(referenceBackend(), graph, feeds));
  });
});
