import { describe, expect, test } from "vitest";
import { distance } from "../../../test/support/tensors.ts";
import { random } from "../../random.ts";
import { evaluate } from "../../runtime/reference.ts";
import {
  type ConvOptions,
  conv,
  gradients,
  input,
  maxPool,
  reduceSum,
  sin,
  sizeOf,
  type Tensor,
  tensorOf,
  type Var,
} from "../index.ts";
import { maxPoolOfConvolution } from "./pooled-convolution.ts";

const draw = (dims: readonly number[], seed: string): Tensor => {
  const source = random(seed);
  return tensorOf(
    "float64",
    dims,
    Array.from({ length: sizeOf(dims) }, () => source.normal()),
  );
};

interface Case {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly bias?: boolean;
  readonly options?: ConvOptions;
}

const cases: Readonly<Record<string, Case>> = {
  "the paper's first layer": { x: [2, 3, 12, 12], w: [4, 3, 5, 5] },
  "3x3 with padding, no bias": { x: [2, 2, 6, 8], w: [3, 2, 3, 3], bias: false, options: { pads: [1, 1, 1, 1] } },
  "1x1": { x: [1, 2, 4, 4], w: [3, 2, 1, 1] },
};

describe("max pooling of a convolution in planes", () => {
  test.each(Object.entries(cases))("%s: values and gradients are those of convolution, then pooling", (_, example) => {
    const feeds = { x: draw(example.x, "x"), w: draw(example.w, "w"), b: draw([example.w[0] ?? 1], "b") };
    const [x, w, b] = Object.entries(feeds).map(([name, { dims }]) =>
      input(name, { dtype: "float64", shape: dims }),
    ) as [Var, Var, Var];
    const y = conv(x, w, example.bias === false ? undefined : b, example.options);
    const planes = maxPoolOfConvolution(y);
    if (planes === undefined) throw new Error("expected the formulation to apply");
    const plain = maxPool(y, { kernel: [2, 2], strides: [2, 2] });
    const read = example.bias === false ? [x, w] : [x, w, b];
    const outputs = (pooled: Var): Record<string, Var> => {
      const derived = gradients(reduceSum(sin(pooled)), read);
      return { pooled, ...Object.fromEntries(derived.map((gradient, i) => [`gradient${i}`, gradient])) };
    };
    const { b: bias, ...others } = feeds;
    const fed = example.bias === false ? others : { ...others, b: bias };
    const [found, expected] = [planes, plain].map((pooled) =>
      evaluate({ name: "pool", outputs: outputs(pooled) }, fed),
    );
    for (const name of Object.keys(expected ?? {}))
      expect(distance(found?.[name], expected?.[name]), name).toBeLessThan(1e-12);
  });

  test.each<[string, Case]>([
    ["many channels, where the product is what costs", { x: [2, 16, 12, 12], w: [4, 16, 5, 5] }],
    ["a stride", { x: [2, 1, 11, 11], w: [4, 1, 3, 3], options: { strides: [2, 2] } }],
    ["an even kernel", { x: [2, 1, 7, 7], w: [4, 1, 2, 2] }],
    ["an odd result", { x: [2, 1, 7, 7], w: [4, 1, 3, 3] }],
    ["groups", { x: [2, 2, 6, 6], w: [4, 1, 3, 3], options: { group: 2 } }],
  ])("is not taken for %s", (_, { x, w, options }) => {
    const y = conv(
      input("x", { dtype: "float32", shape: x }),
      input("w", { dtype: "float32", shape: w }),
      undefined,
      options,
    );
    expect(maxPoolOfConvolution(y)).toBeUndefined();
  });
});
