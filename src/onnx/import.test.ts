/** What an importer must do beyond single operators: roles of constants, sharing, sizes, and the caller's hooks. */
import { describe, expect, test } from "vitest";
import { floatTensor, ints, type ModelSpec, modelBytes, node, tensorProto, value } from "../../test/support/onnx.ts";
import {
  add,
  gradients,
  input,
  mul,
  printGraph,
  printType,
  reduceSum,
  type Tensor,
  topologicalOrder,
  type Var,
} from "../graph/index.ts";
import { evaluate } from "../runtime/reference.ts";
import { featureLayers } from "./features.ts";
import { bfloat16, float16 } from "./import/half.ts";
import { type ImportedModel, importOnnx } from "./import.ts";

const open = (spec: ModelSpec, sizes?: Record<string, number>): Promise<ImportedModel> =>
  importOnnx(modelBytes(spec), { name: "m.onnx", ...(sizes === undefined ? {} : { sizes }) });
const variables = ({ inputs }: ImportedModel): Record<string, Var> =>
  Object.fromEntries(Object.entries(inputs).map(([name, type]) => [name, input(name, type)]));
const ops = (result: Var): string[] => topologicalOrder([result]).map(({ op }) => op);

describe("floats of 16 bits", () => {
  test.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])("half %i is %d", (bits, expected) => expect(float16(bits)).toBe(expected));

  test.each([
    [0x3f80, 1],
    [0xc040, -3],
    [0x0000, 0],
    [0x7f80, Number.POSITIVE_INFINITY],
  ])("bfloat16 %i is %d", (bits, expected) => expect(bfloat16(bits)).toBe(expected));

  test.each([
    ["float16 as bytes", 10, { rawData: new Uint8Array([0x00, 0x3c, 0x00, 0xc0]) }],
    ["float16 as numbers", 10, { int32Data: [0x3c00, 0xc000] }],
    ["bfloat16 as bytes", 16, { rawData: new Uint8Array([0x80, 0x3f, 0x00, 0xc0]) }],
    ["float64 as bytes", 11, { rawData: new Uint8Array(Float64Array.of(1, -2).buffer) }],
    ["float64 as numbers", 11, { doubleData: [1, -2] }],
    ["float32 as numbers", 1, { floatData: [1, -2] }],
  ])("weights of %s become float32", async (_, dataType, data) => {
    const x = value("x", ["N", 2]);
    if (x.type?.value.case === "tensorType") x.type.value.value.elemType = dataType;
    const model = await open({
      inputs: [x],
      outputs: [value("y", ["N", 2])],
      extra: [{ name: "w", dims: [2n], dataType, ...data }],
      nodes: [node("Mul", ["x", "w"], ["h"]), node("Cast", ["h"], ["y"], { to: dataType })],
    });
    expect(model.parameters.get("w")).toEqual({ dtype: "float32", dims: [2], data: Float32Array.of(1, -2) });
    expect(printType(model.inputs.x as never)).toBe("float32[N,2]");
    expect(ops(model.build({ inputs: variables(model), wanted: ["y"] }).y as Var)).toEqual([
      "Input",
      "Constant",
      "Mul",
    ]);
  });
});

describe("roles", () => {
  test("shared weights are one parameter and get one gradient; settings and statistics are none", async () => {
    const model = await open({
      inputs: [value("x", ["N", 3, 4])],
      outputs: [value("y", ["N", 3, 3])],
      initializers: [
        floatTensor("tied", [3, 4]),
        ints("axes", [1]),
        ...["scale", "shift", "mean", "spread"].map((name) => floatTensor(name, [3])),
        tensorProto("epsilon", { dtype: "float32", dims: [], data: Float32Array.of(0.5) }),
        tensorProto("low", { dtype: "float32", dims: [], data: Float32Array.of(-1) }),
      ],
      nodes: [
        node("BatchNormalization", ["x", "scale", "shift", "mean", "same"], ["n"], {}),
        node("Identity", ["spread"], ["same"]),
        node("Mul", ["n", "tied"], ["m"]),
        node("Clip", ["m", "low"], ["c"]),
        node("Transpose", ["tied"], ["turned"], { perm: [1, 0] }),
        node("MatMul", ["c", "turned"], ["p"]),
        node("Add", ["p", "epsilon"], ["y"]),
      ],
    });
    expect([...model.parameters.keys()].sort()).toEqual(["scale", "shift", "tied"]);
    expect([...model.statistics.keys()].sort()).toEqual(["mean", "spread"]);
    expect(model.batchNorms).toEqual([
      {
        name: "n",
        scale: "scale",
        bias: "shift",
        mean: "mean",
        variance: "spread",
        epsilon: expect.closeTo(1e-5, 8),
        momentum: expect.closeTo(0.1, 6),
      },
    ]);

    const tied = input("w", { dtype: "float32", shape: [3, 4] });
    const asked: string[] = [];
    const { y } = model.build({
      inputs: { x: input("x", { dtype: "float32", shape: [2, 3, 4] }) },
      wanted: ["y"],
      parameter: (name) => {
        asked.push(name);
        return name === "tied" ? tied : input(name, { dtype: "float32", shape: [3] });
      },
    });
    expect(new Set(asked)).toEqual(new Set(["scale", "shift", "tied"]));
    const [slope] = gradients(reduceSum(y as Var), [tied], { unreached: "error" });
    expect(printType((slope as Var).type)).toBe("float32[3,4]");
    // One contribution for each use.
    expect((slope as Var).node.op).toBe("Add");
  });

  test("batch normalisations are the caller's where it wants them, statistics too", async () => {
    const model = await open({
      inputs: [value("x", ["N", 3])],
      outputs: [value("y", ["N", 3])],
      initializers: ["s", "b", "m", "v"].map((name) => floatTensor(name, [3])),
      nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])],
    });
    const inputs = variables(model);
    const hooked = model.build({ inputs, wanted: ["y"], batchNorm: (x, { scale }) => mul(x, scale.length) });
    expect(ops(hooked.y as Var)).toEqual(["Input", "Constant", "Mul"]);
    const mean = input("running", { dtype: "float32", shape: [3] });
    const plain = model.build({ inputs, wanted: ["y"], statistic: (name) => (name === "m" ? mean : add(mean, 1)) });
    expect((plain.y as Var).node.inputs[3]).toBe(mean);
  });

  test("frozen weights are the same variable in every build, so that two domains share them", async () => {
    const model = await open({
      inputs: [value("x", ["N", 4])],
      outputs: [value("y", ["N", 3])],
      initializers: [floatTensor("w", [4, 3])],
      nodes: [node("MatMul", ["x", "w"], ["y"])],
    });
    const [a, b] = [1, 2].map((rows) => {
      const x = input(`x${rows}`, { dtype: "float32", shape: [rows, 4] });
      return (model.build({ inputs: { x }, wanted: ["y"] }).y as Var).node.inputs[1];
    });
    expect(a).toBe(b);
  });
});

describe("sizes", () => {
  /** [N, T, 4] -> [N * T, 4] -> [N, T, 4], with the shape written as exporters do. */
  const reshaping: ModelSpec = {
    inputs: [value("x", ["N", "T", 4])],
    outputs: [value("y", ["N", "T", 4])],
    initializers: [
      ints("first", [0], []),
      ints("axis", [0]),
      ints("rest", [-1, 4]),
      ints("four", [4]),
      floatTensor("w", [4, 4]),
    ],
    nodes: [
      node("Reshape", ["x", "rest"], ["flat"]),
      node("MatMul", ["flat", "w"], ["h"]),
      node("Shape", ["x"], ["shape"]),
      node("Gather", ["shape", "first"], ["n"]),
      node("Unsqueeze", ["n", "axis"], ["n1"]),
      node("Constant", [], ["minus"], { value_ints: [-1] }),
      node("Concat", ["n1", "minus", "four"], ["back"], { axis: 0 }),
      node("Reshape", ["h", "back"], ["y"]),
    ],
  };

  test("named ones stay named, without shape arithmetic in the graph", async () => {
    const model = await open(reshaping, { T: 5 });
    const { y } = model.build({ inputs: variables(model), wanted: ["y"] });
    expect(printType((y as Var).type)).toBe("float32[N,5,4]");
    expect(ops(y as Var).filter((op) => !["Input", "Constant", "Reshape", "MatMul"].includes(op))).toEqual([]);
  });

  test("several named sizes at once are read off the inputs", async () => {
    const model = await open(reshaping);
    const { y } = model.build({ inputs: variables(model), wanted: ["y"] });
    expect(printType((y as Var).type)).toBe("float32[N,T,4]");
    const feeds: Record<string, Tensor> = {
      x: { dtype: "float32", dims: [2, 3, 4], data: Float32Array.from({ length: 24 }, (_, i) => i) },
    };
    expect(evaluate({ name: "y", outputs: { y: y as Var } }, feeds).y?.dims).toEqual([2, 3, 4]);
  });

  test("a number can stand for the batch", async () => {
    const model = await open(reshaping);
    const x = input("x", { dtype: "float32", shape: [6, 5, 4] });
    const { y } = model.build({ inputs: { x }, wanted: ["y"] });
    expect(printType((y as Var).type)).toBe("float32[6,5,4]");
    expect(printGraph({ name: "g", outputs: { y: y as Var } })).not.toContain("Shape(");
  });

  test("a file with a fixed batch takes another, unless its arithmetic has it written in", async () => {
    const fixed = (nodes: ModelSpec["nodes"], shape: readonly number[]): ModelSpec => ({
      inputs: [value("x", [1, 2, 3])],
      outputs: [value("y", [1, 6])],
      initializers: [ints("shape", shape)],
      nodes,
    });
    const x = input("x", { dtype: "float32", shape: ["N", 2, 3] });
    const flexible = await open(fixed([node("Flatten", ["x"], ["y"])], []));
    expect(printType((flexible.build({ inputs: { x }, wanted: ["y"] }).y as Var).type)).toBe("float32[N,6]");
    const stiff = await open(fixed([node("Reshape", ["x", "shape"], ["y"], {}, "stiff")], [1, 6]));
    expect(() => stiff.build({ inputs: { x }, wanted: ["y"] })).toThrow(/node "stiff" .* expected 6\*N elements/);
  });

  test("inputs of another type or rank, unknown inputs and unknown tensors are refused", async () => {
    const model = await open(reshaping);
    const of = (shape: (string | number)[], dtype: "float32" | "int64" = "float32"): Var =>
      input("x", { dtype, shape });
    const build = (x: Var, wanted = "y") => model.build({ inputs: { x }, wanted: [wanted] });
    expect(() => build(of(["N", 4]))).toThrow(/input "x": expected float32\[N,T,4\], got float32\[N,4\]/);
    expect(() => build(of(["N", "T", 4], "int64"))).toThrow(/got int64/);
    expect(() => build(of(["N", "T", 4]), "z")).toThrow(/no tensor is named "z"/);
    expect(() => model.build({ inputs: { z: of([1]) }, wanted: ["y"] })).toThrow(/expected the inputs x, got "z"/);
    expect(() => model.build({ inputs: {}, wanted: ["y"] })).toThrow(/reads "x", which is not given/);
  });
});

describe("layers", () => {
  const mlp: ModelSpec = {
    inputs: [value("x", ["N", 4])],
    outputs: [value("probabilities", ["N", 3])],
    initializers: [floatTensor("w", [4, 5]), floatTensor("v", [5, 3]), floatTensor("b", [3])],
    nodes: [
      node("MatMul", ["x", "w"], ["h"]),
      node("Relu", ["h"], ["a"]),
      node("MatMul", ["a", "v"], ["z"]),
      node("Add", ["z", "b"], ["logits"]),
      node("Softmax", ["logits"], ["probabilities"]),
    ],
  };

  test("in order, with their weights, and any of them can be built", async () => {
    const model = await open(mlp);
    expect(model.layers.map(({ name, parameters }) => [name, parameters])).toEqual([
      ["h", ["w"]],
      ["a", []],
      ["z", ["v"]],
      ["logits", ["b"]],
      ["probabilities", []],
    ]);
    const x = input("x", { dtype: "float32", shape: [1, 4] });
    const { a } = model.build({ inputs: { x }, wanted: ["a"] });
    expect(ops(a as Var)).toEqual(["Input", "Constant", "MatMul", "Relu"]);
    const feeds: Record<string, Tensor> = { x: { dtype: "float32", dims: [1, 4], data: Float32Array.of(1, 2, 3, 4) } };
    expect(evaluate({ name: "a", outputs: { a: a as Var } }, feeds).a?.dims).toEqual([1, 5]);
  });

  test("without pooling the classifier's operand is the default", async () => {
    const { chosen } = featureLayers(await open(mlp));
    expect(chosen).toMatchObject({ name: "a", shape: [5] });
    expect(chosen?.why).toContain("what the classifier reads");
  });

  test("what leads to other outputs is not looked at", async () => {
    const spec = {
      ...mlp,
      nodes: [...mlp.nodes, node("TopK", ["a", "k"], ["t", "i"])],
      outputs: [...mlp.outputs, value("t", [1])],
    };
    const bytes = modelBytes({ ...spec, initializers: [...(mlp.initializers ?? []), ints("k", [1])] });
    await expect(importOnnx(bytes)).rejects.toThrow(/cannot import the operator TopK/);
    expect((await importOnnx(bytes, { wanted: ["probabilities"] })).layers).toHaveLength(5);
  });
});
