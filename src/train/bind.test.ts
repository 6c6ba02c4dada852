import { expect, it } from "vitest";
import { inputsOf } from "../graph/graph.ts";
import { add, mul } from "../graph/index.ts";
import { input } from "../graph/node.ts";
import { evaluate } from "../runtime/reference.ts";
import { bindInputs } from "./bind.ts";

const x = input("x", { dtype: "float32", shape: ["N", 2] });
const w = input("w", { dtype: "float32", shape: [2] });
const b = input("b", { dtype: "float32", shape: [2] });
const graph = { name: "affine", outputs: { y: add(mul(x, w), b), w, same: x } };
const floats = (...values: number[]): { dtype: "float32"; dims: [number]; data: Float32Array } => ({
  dtype: "float32",
  dims: [values.length],
  data: Float32Array.from(values),
});
const row = { dtype: "float32", dims: [1, 2], data: Float32Array.of(1, 2) } as const;

it("puts constants in the place of inputs, outputs included, and leaves the rest", () => {
  const bound = bindInputs(graph, new Map([["w", floats(3, 4)]]));
  expect([...inputsOf(bound).keys()]).toEqual(["x", "b"]);
  const out = evaluate(bound, { x: row, b: floats(10, 20) });
  expect([...(out.y?.data ?? [])]).toEqual([13, 28]);
  expect([...(out.w?.data ?? [])]).toEqual([3, 4]);
  expect(bound.outputs.same).toBe(x);
  expect([...inputsOf(graph).keys()]).toEqual(["x", "w", "b"]);
});
