import { describe, expect, test } from "vitest";
import { curvedSum, evaluateReading, numbers } from "../../test/support/operators/gradient-check.ts";
import { instantiate, label, operatorCases } from "../../test/support/operators/index.ts";
import {
  add,
  concat,
  constant,
  div,
  expand,
  fullLike,
  type Graph,
  gradients,
  identity,
  input,
  isFloat,
  mul,
  neg,
  optimise,
  printGraph,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  scaleGradient,
  slice,
  square,
  stopGradient,
  sub,
  tensorOf,
  topologicalOrder,
  transpose,
  type Var,
} from "./index.ts";

const x = input("x", { dtype: "float32", shape: [2, 3] });
const graph = (result: Var): Graph => ({ name: "test", outputs: { result } });
const count = (result: Graph): number => topologicalOrder(Object.values(result.outputs)).length;
const resultOf = (variable: Var): Var => optimise(graph(variable)).outputs.result as Var;

describe("optimise", () => {
  test.each(operatorCases.map((example) => [label(example), example] as const))(
    "%s: the same numbers, result and gradients",
    (name, example) => {
      const { inputs, feeds, outputs } = instantiate(example, "float64");
      const named = Object.fromEntries(outputs.map((variable, index) => [`result${index}`, variable]));
      const results = outputs.filter((variable) => isFloat(variable.type.dtype));
      const wrt = inputs.filter((variable) => isFloat(variable.type.dtype));
      const derived = results.length === 0 ? [] : gradients(curvedSum(results, name), wrt);
      const whole: Graph = {
        name: "case",
        outputs: { ...named, ...Object.fromEntries(derived.map((variable, index) => [`gradient${index}`, variable])) },
      };
      const small = optimise(whole);
      expect(count(small)).toBeLessThanOrEqual(count(whole));
      const [before, after] = [evaluateReading(whole.outputs, feeds), evaluateReading(small.outputs, feeds)];
      for (const [key, tensor] of Object.entries(before)) {
        expect(after[key]?.dims).toEqual(tensor.dims);
        numbers(after[key]).forEach((item, index) => {
          expect(item).toBeCloseTo(numbers(tensor)[index] ?? Number.NaN, 12);
        });
      }
      expect(printGraph(optimise(small))).toBe(printGraph(small));
    },
  );

  test("equal nodes become one, whatever the order of commuting operands", () => {
    const y = square(x);
    const twice = sub(mul(relu(x), y), mul(square(x), relu(x)));
    expect(count(optimise(graph(twice)))).toBe(5);
  });

  test("equal constants become one, different ones do not", () => {
    const [one, same, other] = [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 4],
    ].map((values) => constant(tensorOf("float32", [3], values))) as [Var, Var, Var];
    expect(count(optimise(graph(concat([add(x, one), add(x, same)], 0))))).toBe(4);
    expect(count(optimise(graph(concat([add(x, one), add(x, other)], 0))))).toBe(6);
  });

  test("zero and minus zero are different constants", () => {
    const [plus, minus] = [0, -0].map((value) => constant(tensorOf("float32", [], [value]))) as [Var, Var];
    expect(count(optimise(graph(add(div(1, plus), div(1, minus)))))).toBe(6);
  });

  test.each<[string, Var]>([
    ["identity", identity(x)],
    ["gradient markers", scaleGradient(stopGradient(x), -1)],
    ["one times x", mul(1, x)],
    ["x plus zeros", add(x, fullLike(x, 0))],
    ["x minus 0", sub(x, 0)],
    ["x over 1", div(x, 1)],
    ["neg neg", neg(neg(x))],
    ["reshape there and back", reshape(reshape(x, [6]), [2, 3])],
    ["transpose there and back", transpose(transpose(x, [1, 0]), [1, 0])],
    ["the whole slice", slice(x, { axis: 0, start: 0, end: 2 })],
    ["expand to its own shape", expand(x, [2, 3])],
  ])("%s is x", (_, variable) => {
    expect(resultOf(variable)).toBe(x);
  });

  test.each<[string, Var]>([
    ["x times zeros keeps NaN", mul(x, fullLike(x, 0))],
    ["0 - x", sub(0, x)],
    ["a factor that changes the shape", mul(reduceSum(x), fullLike(x, 1))],
    ["a reversed slice", slice(x, { axis: 0, start: -1, end: -9, step: -1 })],
  ])("%s stays", (_, variable) => {
    expect(resultOf(variable).node.op).toBe(variable.node.op);
  });

  test("what an operator broadcasts by itself is not expanded first", () => {
    // The gradient of a mean: a scalar, not a tensor of equal elements.
    const [gradient] = gradients(reduceMean(square(x)), [x]);
    const ops = topologicalOrder([resultOf(gradient as Var)]).map((node) => node.op);
    expect(ops).not.toContain("Expand");
  });

  test("an Expand that alone gives the result its shape stays", () => {
    const row = expand(reduceSum(x, { axes: [0] }), [4, 3]);
    const result = resultOf(add(row, reduceSum(x, { axes: [0] })));
    expect(result.type.shape).toEqual([4, 3]);
    expect(topologicalOrder([result]).map((node) => node.op)).toContain("Expand");
  });
});

test("printGraph is readable and stable", () => {
  const weights = constant(tensorOf("float32", [3], [1, 2, 3]));
  const loss = reduceSum(relu(mul(x, weights)), { axes: [1] });
  expect(printGraph({ name: "step", outputs: { loss } })).toBe(
    [
      "graph step",
      "  x: float32[2,3]",
      "  %1 = Constant() {value=[1,2,3]}: float32[3]",
      "  %2 = Mul(x, %1): float32[2,3]",
      "  %3 = Relu(%2): float32[2,3]",
      "  %4 = Constant() {value=[1]}: int64[1]",
      "  %5 = ReduceSum(%3, %4) {keepdims=0}: float32[2]",
      "  return loss = %5",
      "",
    ].join("\n"),
  );
});
