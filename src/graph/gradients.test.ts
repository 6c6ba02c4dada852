import { describe, expect, test } from "vitest";
import { curvedSum, directionalErrors, evaluateReading, numbers } from "../../test/support/operators/gradient-check.ts";
import { instantiate, label, type OperatorCase, operatorCases } from "../../test/support/operators/index.ts";
import {
  add,
  floats,
  type GradientRules,
  globalMaxPool,
  gradientRules,
  gradients,
  greater,
  input,
  isFloat,
  log,
  maxPool,
  mul,
  neg,
  opNames,
  type PoolOptions,
  type Rule,
  reduceMax,
  reduceProd,
  reduceSum,
  relu,
  reshape,
  scalar,
  scaleGradient,
  square,
  stopGradient,
  type Tensor,
  tensorOf,
  type Var,
  where,
} from "./index.ts";

const tolerance = 1e-6;

function floatResults(example: OperatorCase): ReturnType<typeof instantiate> {
  const made = instantiate(example, "float64");
  return { ...made, outputs: made.outputs.filter((result) => isFloat(result.type.dtype)) };
}

/** Cases with a float result, whose operator is not flat. */
const differentiable = operatorCases.filter(
  (example) => gradientRules[example.op] !== "stopped" && floatResults(example).outputs.length > 0,
);

const value = (variable: Var, feeds: Readonly<Record<string, Tensor>>): number[] =>
  numbers(evaluateReading({ variable }, feeds).variable);

describe("gradient check of every operator, in float64 along a random direction", () => {
  test.each(opNames)("%s has a case", (op) => {
    const cases = gradientRules[op] === "stopped" ? operatorCases : differentiable;
    expect(cases.some((example) => example.op === op)).toBe(true);
  });

  test.each(differentiable.map((example) => [label(example), example] as const))("%s", (name, example) => {
    const { inputs, feeds, outputs } = floatResults(example);
    const loss = curvedSum(outputs, name);
    for (const result of directionalErrors(loss, inputs, feeds)) {
      expect(result.error, JSON.stringify(result)).toBeLessThan(tolerance);
    }
    const wrt = inputs.filter((variable) => isFloat(variable.type.dtype));
    const twice = curvedSum(gradients(loss, wrt), `${name}/twice`);
    for (const result of directionalErrors(twice, inputs, feeds)) {
      expect(result.error, `second derivative ${JSON.stringify(result)}`).toBeLessThan(tolerance);
    }
  });

  // The check itself is checked: every rule, made wrong by one part in a thousand, is caught by some case.
  test.each([...new Set(differentiable.map(({ op }) => op))])("a faulty rule for %s is caught", (op) => {
    const right = gradientRules[op];
    if (right === "stopped") throw new Error("unreachable");
    const wrong: Rule = (backward) =>
      right(backward).map((gradient) => (gradient === undefined ? undefined : () => mul(gradient(), 1.001)));
    const rules: GradientRules = { ...gradientRules, [op]: wrong };
    const worst = differentiable
      .filter((example) => example.op === op)
      .flatMap((example) => {
        const { inputs, feeds, outputs } = floatResults(example);
        return directionalErrors(curvedSum(outputs, label(example)), inputs, feeds, rules);
      })
      .reduce((largest, { error }) => Math.max(largest, error), 0);
    expect(worst).toBeGreaterThan(1e-4);
  });

  test("a rule that forgets one input is caught", () => {
    const rules: GradientRules = { ...gradientRules, Mul: ({ g, input }) => [() => mul(g, input(1)), undefined] };
    const x = input("x", { dtype: "float64", shape: [3] });
    const feeds = { x: tensorOf("float64", [3], [0.3, -1, 2]) };
    const [result] = directionalErrors(reduceSum(mul(x, x)), [x], feeds, rules);
    expect(result?.error).toBeGreaterThan(0.1);
  });

  const flat = operatorCases.filter(({ op }) => gradientRules[op] === "stopped" && op !== "StopGradient");
  test.each(flat.map((example) => [label(example), example] as const))("%s is flat where it stops", (name, example) => {
    const { inputs, feeds, outputs } = floatResults(example);
    if (outputs.length === 0) return;
    for (const result of directionalErrors(curvedSum(outputs, name), inputs, feeds)) {
      expect(result.error, JSON.stringify(result)).toBeLessThan(tolerance);
    }
  });
});

describe("the walker", () => {
  const x = input("x", { dtype: "float64", shape: [2, 3] });
  const feeds = { x: tensorOf("float64", [2, 3], [1, -2, 3, 0.5, -0.1, 4]) };

  test("a missing rule is an error that names the operator, never a zero", () => {
    const { Sigmoid: _, ...rules } = gradientRules;
    const node = add(x, 1);
    const { Add: __, ...withoutAdd } = gradientRules;
    expect(() => gradients(reduceSum(node), [x], { rules: withoutAdd })).toThrow(/^Add has no gradient rule$/);
    // Operators that no gradient passes need none.
    expect(() => gradients(reduceSum(node), [x], { rules })).not.toThrow();
  });

  test("a rule that gives the wrong shape or type is an error that names the operator", () => {
    const rules: GradientRules = { ...gradientRules, Neg: ({ g }) => [() => reshape(g, [-1])] };
    expect(() => gradients(reduceSum(neg(x)), [x], { rules })).toThrow(/internal: the gradient rule of Neg gave/);
  });

  test("the loss must be a scalar of floats", () => {
    expect(() => gradients(x, [x])).toThrow("gradients: expected a scalar loss, got float64[2,3]");
    const count = input("count", { dtype: "int64", shape: [] });
    expect(() => gradients(count, [x])).toThrow("expected a scalar loss");
    expect(() => gradients(reduceSum(x), [count])).toThrow("expected floats to differentiate by, got int64[]");
  });

  test("contributions add up, and a variable used once and twice gets both", () => {
    const [gradient] = gradients(reduceSum(add(mul(x, x), mul(x, 3))), [x]);
    expect(value(gradient as Var, feeds)).toEqual([5, -1, 9, 4, 2.8, 11]);
  });

  test("results in the middle can be differentiated by, and what is before them still gets its own", () => {
    const middle = square(x);
    const [atMiddle, atX] = gradients(reduceSum(mul(middle, 2)), [middle, x]);
    expect(value(atMiddle as Var, feeds)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(value(atX as Var, feeds)).toEqual([4, -8, 12, 2, -0.4, 16]);
  });

  test("the loss by itself is one", () => {
    const loss = reduceSum(x);
    expect(value(gradients(loss, [loss])[0] as Var, {})).toEqual([1]);
  });

  test("unreached variables get zeros of their shape, or an error when asked", () => {
    const other = input("other", { dtype: "float64", shape: [2] });
    expect(value(gradients(reduceSum(x), [other])[0] as Var, {})).toEqual([0, 0]);
    expect(() => gradients(reduceSum(x), [other], { unreached: "error" })).toThrow(
      "the loss does not depend on input other float64[2]",
    );
  });

  test("stopGradient blocks, on one path only", () => {
    const [gradient] = gradients(reduceSum(mul(x, stopGradient(x))), [x]);
    expect(value(gradient as Var, feeds)).toEqual([1, -2, 3, 0.5, -0.1, 4]);
  });

  test("scaleGradient is the identity forwards and a factor backwards; the factor gets none", () => {
    const lambda = input("lambda", { dtype: "float64", shape: [] });
    const reversed = scaleGradient(x, neg(lambda));
    const given = { ...feeds, lambda: tensorOf("float64", [], [0.25]) };
    expect(value(reversed, given)).toEqual([1, -2, 3, 0.5, -0.1, 4]);
    const [gradient, atLambda] = gradients(reduceSum(mul(reversed, 2)), [x, lambda]);
    expect(value(gradient as Var, given)).toEqual(Array(6).fill(-0.5));
    expect(value(atLambda as Var, given)).toEqual([0]);
  });

  test("a value that was not chosen may be infinite", () => {
    const safe = where(greater(x, 0), log(where(greater(x, 0), x, 1)), 0);
    const [gradient] = gradients(reduceSum(safe), [x]);
    expect(value(gradient as Var, feeds)).toEqual([1, 0, 1 / 3, 2, 0, 0.25]);
  });

  test("gradients of gradients of gradients", () => {
    let held = reduceSum(mul(square(square(x)), 1));
    for (let order = 0; order < 3; order++) held = reduceSum(gradients(held, [x])[0] as Var);
    // The third derivative of x^4 is 24 x; the sum of the Hessian's rows of a separable function is its diagonal.
    expect(value(held, feeds)[0]).toBeCloseTo(24 * 6.4, 9);
  });
});

describe("ties and kinks", () => {
  const tied = input("x", { dtype: "float64", shape: [1, 1, 4, 4] });
  const same = { x: tensorOf("float64", [1, 1, 4, 4], Array(16).fill(0.5)) };
  const poolings: readonly PoolOptions[] = [
    { kernel: [2, 2], strides: [2, 2] },
    { kernel: [3, 3], strides: [1, 1] },
    { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  ];

  test.each(poolings)("equal maxima together get each window's gradient once: %o", (options) => {
    const pooled = maxPool(tied, options);
    const windows = Number(pooled.type.shape[2]) * Number(pooled.type.shape[3]);
    const [gradient] = gradients(reduceSum(pooled), [tied]);
    const total = value(gradient as Var, same).reduce((sum, item) => sum + item, 0);
    expect(total).toBeCloseTo(windows, 12);
  });

  test("equal maxima of a reduction share in equal parts", () => {
    const x = input("x", { dtype: "float64", shape: [4] });
    const feeds = { x: tensorOf("float64", [4], [1, 3, 3, 2]) };
    expect(value(gradients(reduceMax(x), [x])[0] as Var, feeds)).toEqual([0, 0.5, 0.5, 0]);
    const [gradient] = gradients(reduceSum(globalMaxPool(tied)), [tied]);
    expect(value(gradient as Var, same)).toEqual(Array(16).fill(1 / 16));
  });

  test("relu is flat at zero, and for the smallest normal float32 above it the slope is one", () => {
    const x = input("x", { dtype: "float64", shape: [4] });
    const feeds = { x: tensorOf("float64", [4], [-1, 0, 1.2e-38, 1]) };
    expect(value(gradients(reduceSum(relu(x)), [x])[0] as Var, feeds)).toEqual([0, 0, 1, 1]);
  });

  test.each([
    [
      [2, 0, 3],
      [0, 6, 0],
    ],
    [
      [0, 0, 3],
      [0, 0, 0],
    ],
    [
      [2, 1, 3],
      [3, 6, 2],
    ],
  ])("product of %o", (values, expected) => {
    const x = input("x", { dtype: "float64", shape: [3] });
    const [gradient] = gradients(reduceProd(x), [x]);
    expect(value(gradient as Var, { x: tensorOf("float64", [3], values) }).map(Math.abs)).toEqual(expected);
  });
});

test("constants of the graph's own type: a float32 graph stays float32", () => {
  const x = input("x", { dtype: "float32", shape: [2] });
  const loss = reduceSum(mul(relu(add(x, floats([2], [1, 2]))), scalar(3)));
  expect(gradients(loss, [x])[0]?.type).toEqual({ dtype: "float32", shape: [2] });
});
