import { describe, expect, test } from "vitest";
import { distance } from "../../test/support/tensors.ts";
import {
  add,
  batchNormalizationInference,
  type ConvOptions,
  constant,
  conv,
  type Graph,
  gemm,
  input,
  mul,
  relu,
  reshape,
  sizeOf,
  type Tensor,
  tensorOf,
  topologicalOrder,
  type Var,
} from "../graph/index.ts";
import type { Fetches } from "./backend.ts";
import { fuse } from "./fuse.ts";
import { openBackend } from "./node.ts";
import { evaluate } from "./reference.ts";

const matrix = (name: string, rows: number, columns: number): Var =>
  input(name, { dtype: "float32", shape: [rows, columns] });
const [x, d, v] = [matrix("x", 4, 3), matrix("d", 4, 2), matrix("v", 3, 2)];
const product = gemm(x, d, undefined, { transA: true });
const operators = (graph: Graph): string[] =>
  topologicalOrder(Object.values(graph.outputs))
    .map(({ op }) => op)
    .filter((op) => op !== "Input" && op !== "Constant");
const fill = (rows: number, columns: number, from: number): ReturnType<typeof tensorOf> =>
  tensorOf(
    "float32",
    [rows, columns],
    Array.from({ length: rows * columns }, (_, i) => Math.sin(from + i)),
  );
const feeds = { x: fill(4, 3, 1), d: fill(4, 2, 2), v: fill(3, 2, 3) };

describe("convolutions over the batch", () => {
  const draw = (dims: readonly number[], from: number): Tensor =>
    tensorOf(
      "float32",
      dims,
      Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(from + 12.9898 * i)),
    );
  const build = (
    x: readonly number[],
    w: readonly number[],
    options: ConvOptions,
    biased: boolean,
  ): [Graph, Fetches] => {
    const fed = { x: draw(x, 1), w: draw(w, 2), ...(biased && { b: draw([w[0] ?? 1], 3) }) };
    const [vx, vw, vb] = Object.entries(fed).map(([name, { dims }]) => input(name, { dtype: "float32", shape: dims }));
    return [{ name: "conv", outputs: { y: relu(conv(vx as Var, vw as Var, vb, options)) } }, fed];
  };
  const rankOfConv = (graph: Graph): number | undefined =>
    topologicalOrder(Object.values(graph.outputs)).find(({ op }) => op === "Conv")?.inputs[0]?.type.shape.length;

  test.each<[string, readonly number[], readonly number[], ConvOptions, boolean]>([
    ["plain", [3, 2, 4, 5], [4, 2, 3, 3], {}, true],
    ["no bias, padded", [2, 5, 2, 2], [3, 5, 3, 3], { pads: [1, 1, 1, 1] }, false],
    ["all options", [3, 2, 7, 8], [3, 2, 2, 3], { strides: [2, 3], pads: [1, 2, 0, 1], dilations: [2, 1] }, true],
    ["signals", [3, 2, 9], [4, 2, 3], { strides: [2], pads: [2, 1] }, true],
  ])("%s: the same numbers on both engines", async (_, x, w, options, biased) => {
    const [graph, feeds] = build(x, w, options, biased);
    expect(rankOfConv(fuse(graph))).toBe(x.length + 1);
    const expected = evaluate(graph, feeds).y;
    expect(distance(evaluate(fuse(graph), feeds).y, expected)).toBeLessThan(1e-6);
    for (const device of ["cpu", "wasm"] as const) {
      const executable = await (await openBackend(device)).compile(graph);
      expect(distance((await executable.run(feeds)).y, expected), device).toBeLessThan(1e-5);
    }
  });

  test.each<[string, readonly number[], readonly number[], ConvOptions]>([
    ["many places", [3, 2, 10, 10], [4, 2, 3, 3], {}],
    ["one row", [1, 2, 4, 4], [4, 2, 3, 3], {}],
    ["groups", [3, 2, 4, 4], [4, 1, 3, 3], { group: 2 }],
    ["three axes", [3, 2, 2, 2, 2], [4, 2, 2, 2, 2], {}],
  ])("%s stay as they are", (_, x, w, options) => {
    expect(rankOfConv(fuse(build(x, w, options, true)[0]))).toBe(x.length);
  });

  test("fixed weights are left to the engine unless an image has hardly any places", () => {
    const weights = constant(draw([4, 2, 3, 3], 1));
    const of = (size: number): Var => input("x", { dtype: "float32", shape: [3, 2, size, size] });
    const rank = (result: Var): number | undefined => rankOfConv(fuse({ name: "fixed", outputs: { result } }));
    expect(rank(conv(of(5), weights))).toBe(4);
    expect(rank(conv(of(2), weights, undefined, { pads: [1, 1, 1, 1] }))).toBe(5);
  });

  test("a batch of any size, with fixed weights and batch normalisation as an imported network has them", async () => {
    const x = input("x", { dtype: "float32", shape: ["N", 2, 4, 4] });
    const vector = (from: number): Var => constant(tensorOf("float32", [3], [from, from + 0.5, from + 1]));
    const y = conv(x, constant(draw([3, 2, 3, 3], 1)), undefined, { strides: [2, 2], pads: [1, 1, 1, 1] });
    const normed = batchNormalizationInference(y, vector(1), vector(-1), vector(0.1), vector(0.5), 1e-5);
    const graph = { name: "any", outputs: { y: relu(normed) } };
    expect(rankOfConv(fuse(graph))).toBe(5);
    for (const device of ["cpu", "wasm"] as const) {
      const executable = await (await openBackend(device)).compile(graph);
      for (const rows of [1, 3]) {
        const feeds = { x: draw([rows, 2, 4, 4], 2) };
        expect(distance((await executable.run(feeds)).y, evaluate(graph, feeds).y), device).toBeLessThan(1e-5);
      }
    }
  });

  test("neighbours that read one image exchange its axes once", () => {
    const [x, v, w] = ["x", "v", "w"].map((name) => input(name, { dtype: "float32", shape: [2, 2, 2, 2] }));
    const outputs = { a: conv(x as Var, v as Var), b: conv(x as Var, w as Var) };
    expect(operators(fuse({ name: "two", outputs })).filter((op) => op === "Transpose")).toHaveLength(3);
  });
});

describe("fusing for the engine", () => {
  test.each([
    ["momentum first", add(mul(v, 0.9), product)],
    ["product first", add(product, mul(0.9, v))],
  ])("a product added to a scaled value becomes one Gemm: %s", async (_, sum) => {
    const graph = { name: "momentum", outputs: { y: mul(sum, 2) } };
    expect(operators(fuse(graph))).toEqual(["Gemm", "Mul"]);
    const expected = evaluate(graph, feeds).y;
    expect(distance(evaluate(fuse(graph), feeds).y, expected)).toBeLessThan(1e-7);
    const backend = await openBackend("cpu");
    expect(distance((await (await backend.compile(graph)).run(feeds)).y, expected)).toBeLessThan(1e-6);
  });

  test("also when the product comes in the shape of a kernel", async () => {
    const kernel = input("k", { dtype: "float32", shape: [3, 2, 1] });
    const sum = add(mul(kernel, 0.9), reshape(product, [3, 2, 1]));
    const graph = { name: "momentum", outputs: { y: mul(sum, 2) } };
    expect(operators(fuse(graph)).toSorted()).toEqual(["Gemm", "Mul", "Reshape", "Reshape"]);
    const fed = { x: feeds.x, d: feeds.d, k: tensorOf("float32", [3, 2, 1], [1, 2, 3, 4, 5, 6]) };
    const expected = evaluate(graph, fed).y;
    expect(distance(evaluate(fuse(graph), fed).y, expected)).toBeLessThan(1e-7);
    const backend = await openBackend("cpu");
    expect(distance((await (await backend.compile(graph)).run(fed)).y, expected)).toBeLessThan(1e-6);
  });

  test("a product that others read, a bias that broadcasts and a computed factor stay as they are", () => {
    const row = matrix("row", 1, 2);
    const factor = input("factor", { dtype: "float32", shape: [] });
    for (const outputs of [
      { y: add(mul(v, 0.9), product), product },
      { y: add(mul(row, 0.9), product) },
      { y: add(mul(v, factor), product) },
      { y: add(v, product) },
    ]) {
      expect(operators(fuse({ name: "no", outputs }))).toContain("Add");
    }
  });
});
