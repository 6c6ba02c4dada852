import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import type { Domain } from "../domain.ts";
import { constant, input, type Tensor, type Var } from "../graph/index.ts";
import { createStore, type Store } from "../nn/scope.ts";
import { blocksOf } from "../onnx/blocks.ts";
import { type ImportedModel, importOnnx } from "../onnx/import.ts";
import { random } from "../random.ts";
import { type BackboneOptions, backbone } from "./backbone.ts";

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/golden/onnx/${name}.onnx`));
const features = "/Flatten_output_0";
let resnet: ImportedModel;
let images: Tensor;
beforeAll(async () => {
  resnet = await importOnnx(file("resnet"), { wanted: [features] });
  const chance = random("images");
  images = {
    dtype: "float32",
    dims: [4, 3, 32, 32],
    data: Float32Array.from({ length: 4 * 3 * 1024 }, () => chance.normal()),
  };
});

/** What the layer gives for the images, with every state at its initial value, and the store it filled. */
async function run(
  options: Partial<BackboneOptions>,
  domain: Domain = "target",
): Promise<{ values: Float32Array; store: Store }> {
  const store = createStore();
  const x = input("image", { dtype: "float32", shape: ["N", 3, 32, 32] });
  const layer = backbone({ model: resnet, features, ...options });
  const y = layer.apply(x, store.scope({ kind: "inference", domain }).child(layer.name));
  return { values: await valuesOf(y, store), store };
}

async function valuesOf(y: Var, store: Store): Promise<Float32Array> {
  const backend = await openBackend("auto");
  const executable = await backend.compile({ name: "backbone", outputs: { y } });
  const feeds: Record<string, Tensor> = { image: images };
  for (const { name, type, initialise } of store.states())
    feeds[`state:${name}`] = { dtype: "float32", dims: type.shape, data: initialise(random(0)) };
  const out = (await executable.run(feeds)).y;
  await executable.dispose();
  if (out?.dtype !== "float32") throw new Error("no features");
  return out.data;
}

const names = (store: Store): string[] => store.states().map(({ name }) => name);

test("frozen: no state, and the file's own numbers", async () => {
  const { values, store } = await run({});
  expect(names(store)).toEqual([]);
  const x = input("image", { dtype: "float32", shape: ["N", 3, 32, 32] });
  const own = resnet.build({ inputs: { image: x }, wanted: [features] })[features] as Var;
  expect(values).toEqual(await valuesOf(own, createStore()));
  expect(values).toHaveLength(4 * 16);
});

describe("trained from the file's weights and statistics on", () => {
  test.each(["none", "perDomain", "perDomainStats", "joint", "source"] as const)("batch norm %s", async (regime) => {
    const frozen = (await run({})).values;
    for (const domain of ["source", "target"] as const) {
      const { values, store } = await run({ train: "all", batchNorm: regime }, domain);
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (frozen[i] ?? 0))), 0);
      expect(worst).toBeLessThan(1e-5);
      const statistics = store.states().filter(({ kind }) => kind === "statistic");
      expect(statistics).toHaveLength(regime === "none" ? 0 : 2 * resnet.batchNorms.length);
      expect(names(store).some((name) => name.includes(`/${domain}/scale`))).toBe(regime === "perDomain");
    }
  });

  test("only the last blocks are", async () => {
    const blocks = blocksOf(resnet);
    expect(blocks.length).toBeGreaterThan(1);
    const last = blocks.at(-1)?.parameters ?? [];
    const { store } = await run({ train: 1, batchNorm: "none" });
    expect(names(store)).toHaveLength(last.length);
    const all = await run({ train: blocks.length, batchNorm: "none" });
    expect(names(all.store)).toHaveLength(resnet.parameters.size);
  });
});

test.each([0, 1.5, 99])("%s blocks are refused", (train) => {
  expect(() => backbone({ model: resnet, features, train })).toThrow(
    /expected to train none, all, or the last 1 to \d+ blocks/,
  );
});

test("a model of tokens is refused where rows are no tokens", async () => {
  const bert = await importOnnx(file("bert"));
  expect(() => backbone({ model: bert, features: bert.outputs[0] ?? "" })).toThrow(
    "expected a model with one input of floats, or of images uint8 [N,H,W,C], or an encoder of text (input_ids, attention_mask), got",
  );
});

test("maps are averaged over space", async () => {
  const maps = resnet.layers.filter(({ type }) => type.shape.length === 4).at(-1)?.name ?? "";
  const model = await importOnnx(file("resnet"), { wanted: [maps] });
  const layer = backbone({ model, features: maps });
  const x = constant({ dtype: "float32", dims: [2, 3, 32, 32], data: new Float32Array(2 * 3 * 1024) });
  expect(layer.apply(x, createStore().scope({ kind: "inference", domain: "source" })).type.shape).toHaveLength(2);
});
