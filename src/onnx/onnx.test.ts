import { describe, expect, test } from "vitest";
import { instantiate, operatorCases } from "../../test/support/operators/index.ts";
import {
  add,
  constant,
  floats,
  type Graph,
  input,
  makeNode,
  matmul,
  maxPool,
  mul,
  opNames,
  output,
  relu,
  scaleGradient,
  sizeOf,
  stopGradient,
  tensorOf,
} from "../graph/index.ts";
import { openBackend } from "../runtime/node.ts";
import { evaluate } from "../runtime/reference.ts";
import { encodeModel } from "./encode.ts";
import { readModelInfo } from "./read.ts";

const x = input("x", { dtype: "float32", shape: ["N", 3] });
const model: Graph = {
  name: "model",
  outputs: {
    y: add(matmul(x, floats([3, 2], [1, 2, 3, 4, 5, 6])), 0.5),
    same: x,
    half: mul(scaleGradient(x, -2), 0.5),
  },
};

describe("writing", () => {
  test("inputs, outputs, metadata and versions can be read back", () => {
    const metadata = { "dann.classes": '["a","b"]', empty: "", umlaut: "grün" };
    const info = readModelInfo(encodeModel(model, { metadata, producer: "test" }));
    expect(info).toMatchObject({ producer: "test", opset: 18, metadata });
    expect(info.inputs).toEqual({ x: { dtype: "float32", shape: ["N", 3] } });
    expect(Object.keys(info.outputs)).toEqual(["y", "same", "half"]);
    expect(info.outputs.y).toEqual({ dtype: "float32", shape: ["N", 2] });
    expect(info.operators).toEqual({ MatMul: 1, Add: 1, Mul: 1, Identity: 1 });
  });

  test("markers of the gradient vanish: only standard operators are written", () => {
    const marked = { name: "marked", outputs: { y: stopGradient(scaleGradient(relu(x), 3)), z: stopGradient(x) } };
    expect(readModelInfo(encodeModel(marked)).operators).toEqual({ Relu: 1, Identity: 1 });
  });

  test("outputs that nobody reads are left out, those that are read stay", async () => {
    const image = input("image", { dtype: "float32", shape: [1, 1, 2, 2] });
    const pool = makeNode("MaxPool", [image], { kernel_shape: [2, 2] });
    const places = { name: "places", outputs: { places: output(pool, 1) } };
    const backend = await openBackend("cpu");
    const found = await (await backend.compile(places)).run({ image: tensorOf("float32", [1, 1, 2, 2], [1, 2, 9, 4]) });
    expect(found.places).toEqual(tensorOf("int64", [1, 1, 1, 1], [2]));
    // One output name in the file, so that the engine may take its kernel without places.
    const text = new TextDecoder("latin1").decode(
      encodeModel({ name: "max", outputs: { y: maxPool(image, { kernel: [2, 2] }) } }),
    );
    expect(text).not.toContain("MaxPool_1_1");
  });

  test("the same graph gives the same bytes", () => {
    const build = (): Uint8Array => {
      const a = input("a", { dtype: "float32", shape: [2] });
      return encodeModel({ name: "g", outputs: { y: relu(add(a, 1)) } }, { metadata: { k: "v" } });
    };
    expect(build()).toEqual(build());
  });

  test("names that clash are refused", () => {
    const twice = add(input("a", { dtype: "float32", shape: [] }), input("a", { dtype: "float32", shape: [] }));
    expect(() => encodeModel({ name: "g", outputs: { y: twice } })).toThrow(/two inputs are named "a"/);
  });

  test("every operator is written by some case", () => {
    const written = new Set(
      operatorCases.flatMap((example) => {
        const { outputs } = instantiate(example, "float32");
        const graph = { name: "case", outputs: Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])) };
        return Object.keys(readModelInfo(encodeModel(graph)).operators);
      }),
    );
    const markers = ["Input", "Constant", "StopGradient", "ScaleGradient"];
    expect(opNames.filter((op) => !written.has(op) && !markers.includes(op))).toEqual([]);
  });

  test("constants of every element type arrive bit for bit", async () => {
    const outputs = Object.fromEntries(
      (["float32", "float64", "int32", "int64", "uint8", "bool"] as const).map((dtype) => [
        dtype,
        constant(tensorOf(dtype, [3], [0, 1, 1])),
      ]),
    );
    const backend = await openBackend("cpu");
    const found = await (await backend.compile({ name: "constants", outputs })).run({});
    for (const [dtype, tensor] of Object.entries(found))
      expect(tensor).toEqual(tensorOf(dtype as "float32", [3], [0, 1, 1]));
  });

  test("a view into a larger buffer is written, not the buffer", async () => {
    const data = Float32Array.of(9, 9, 1, 2, 9).subarray(2, 4);
    const outputs = { y: constant({ dtype: "float32", dims: [2], data }) };
    const backend = await openBackend("cpu");
    expect((await (await backend.compile({ name: "view", outputs })).run({})).y?.data).toEqual(Float32Array.of(1, 2));
  });
});

describe("a saved model", () => {
  test.each(["cpu", "wasm"] as const)("runs on %s and gives what the graph gives", async (device) => {
    const backend = await openBackend(device);
    const executable = await backend.load(encodeModel(model));
    const feeds = { x: tensorOf("float32", [2, 3], [1, -2, 3, -4, 5, -6]) };
    const [found, expected] = [await executable.run(feeds), evaluate(model, feeds)];
    for (const name of Object.keys(model.outputs)) {
      expect(found[name]?.dims).toEqual(expected[name]?.dims);
      expect(Array.from(found[name]?.data ?? [], Number)).toEqual(Array.from(expected[name]?.data ?? [], Number));
      expect(found[name]?.data).toHaveLength(sizeOf(expected[name]?.dims ?? []));
    }
    await expect(executable.run({ x: tensorOf("float32", [3], [1, 2, 3]) })).rejects.toThrow(
      /^input "x": expected float32\[N,3\], got float32\[3\]$/,
    );
    await executable.dispose();
  });
});

describe("reading", () => {
  test.each([
    ["no bytes", new Uint8Array()],
    ["text", new TextEncoder().encode("not a model at all, by no means")],
    ["a cut file", encodeModel(model).slice(0, 60)],
  ])("%s is refused with the file's name", (_, bytes) => {
    expect(() => readModelInfo(bytes, "m.onnx")).toThrow(/^m\.onnx: expected an ONNX model/);
    expect(() => readModelInfo(bytes, "m.onnx")).toThrow(
      expect.objectContaining({ kind: "data", code: "onnx-malformed" }) as Error,
    );
  });
});
