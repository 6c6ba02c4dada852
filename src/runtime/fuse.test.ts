import { describe, expect, test } from "vitest";
import { distance } from "../../test/support/tensors.ts";
import { add, type Graph, gemm, input, mul, tensorOf, topologicalOrder, type Var } from "../graph/index.ts";
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
