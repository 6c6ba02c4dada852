/** The check of `dann inspect --check` passes sound rules and fails every one that is off by a hundredth. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type GradientRules, gradientRules, mul, type OpName } from "../graph/index.ts";
import { importOnnx } from "../onnx/import.ts";
import { checkGradient } from "./gradient-check.ts";

const model = async (name: string): ReturnType<typeof importOnnx> =>
  importOnnx(new Uint8Array(readFileSync(new URL(`../../test/golden/onnx/${name}.onnx`, import.meta.url))), { name });

/** The rules with those of one operator times 1.01. */
function wrong(op: OpName): GradientRules {
  const rule = gradientRules[op];
  if (rule === "stopped") throw new Error(`${op} has no rule`);
  return {
    ...gradientRules,
    [op]: (backward: Parameters<typeof rule>[0]) =>
      rule(backward).map((gradient) => (gradient === undefined ? undefined : () => mul(gradient(), 1.01))),
  };
}

describe.each([
  ["dilated", "logits", ["Conv", "LeakyRelu", "BatchNormalization", "Slice", "ReduceMax", "PRelu"]],
  ["bert", "sentence", ["MatMul", "Softmax", "Erf", "Gather", "Tanh"]],
] as const)("%s", (name, wanted, ops) => {
  test("sound rules pass", async () => {
    const { error, ok, gradient } = checkGradient(await model(name), wanted);
    expect(ok).toBe(true);
    expect(error).toBeLessThan(1e-6);
    expect(Math.abs(gradient)).toBeGreaterThan(1e-6);
  });

  test.each(ops)("a wrong rule of %s is noticed", async (op) => {
    const imported = await model(name);
    const found = [0, 1, 2].map((seed) => checkGradient(imported, wanted, { seed, rules: wrong(op) }));
    expect(found.some(({ ok }) => !ok)).toBe(true);
  });
});

test("too much work is refused", async () => {
  const bytes = readFileSync(new URL("../../test/golden/onnx/resnet.onnx", import.meta.url));
  const large = await importOnnx(new Uint8Array(bytes), { name: "large" });
  const layers = large.layers.map((layer) => ({ ...layer, type: { ...layer.type, shape: [2, 1e9] } }));
  expect(() => checkGradient({ ...large, layers }, "logits")).toThrow(
    /expected at most 300000000 multiplications in a batch of 2, got \d+/,
  );
});
