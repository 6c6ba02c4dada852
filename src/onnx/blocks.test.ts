import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf } from "./blocks.ts";
import { featureLayers } from "./features.ts";
import { importOnnx } from "./import.ts";

async function blocks(name: string): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(`test/golden/onnx/${name}.onnx`));
  const features = featureLayers(await importOnnx(bytes)).chosen?.name ?? "";
  return blocksOf(await importOnnx(bytes, { wanted: [features] })).map(({ parameters }) => parameters.join(" "));
}

test("residual networks: the stem and each residual block", async () => {
  const [stem, first, second, ...others] = await blocks("resnet");
  expect(stem).toBe("stem.0.0.weight stem.0.1.weight stem.0.1.bias");
  expect(first).toMatch(/^blocks\.0\.a\.0\.weight .*blocks\.0\.b\.1\.bias$/);
  expect(second).toContain("blocks.1.skip.0.weight");
  expect(others).toEqual([]);
});

test("transformers: attention and perceptron of each layer, whose weights are read through a transposition", async () => {
  const found = await blocks("vit");
  const of = (part: string): number[] => [...found.keys()].filter((i) => found[i]?.includes(part));
  expect(of("blocks.0.attention.qkv.weight")).toEqual(of("blocks.0.attention.out.weight"));
  expect(of("blocks.0.up.weight")).toEqual(of("blocks.0.down.weight"));
  expect(of("blocks.0.up.weight")).not.toEqual(of("blocks.0.attention.qkv.weight"));
  expect(of("norm.weight")).toEqual([found.length - 1]);
});

test("every weight that leads to the features is in a block", async () => {
  for (const name of ["resnet", "vit", "swin", "convnext", "efficientnet", "dilated"]) {
    const bytes = new Uint8Array(readFileSync(`test/golden/onnx/${name}.onnx`));
    const features = featureLayers(await importOnnx(bytes)).chosen?.name ?? "";
    const model = await importOnnx(bytes, { wanted: [features] });
    const held = new Set(blocksOf(model).flatMap(({ parameters }) => parameters));
    expect(
      [...model.parameters.keys()].filter((weight) => !held.has(weight)),
      name,
    ).toEqual([]);
  }
});
