/** Linear classifiers and importance weights against numpy, on made-up rows. `make_linear.py` is the maker. */
import { describe, expect, test } from "vitest";
import { domainWeights } from "../../src/benchmark/shallow/domain-weights.ts";
import { fitLinear, type LinearFit } from "../../src/benchmark/shallow/linear.ts";
import type { DenseRows } from "../../src/data/dataset.ts";
import { readGolden, uniform } from "./golden.ts";

interface Solution {
  weights: number[];
  bias: number;
  primal: number;
}
interface Case {
  name: string;
  rows: number;
  width: number;
  cost: number;
  domainCost: number;
  offset: number;
  weights: number[];
  overlap: number;
  clipped: number;
  logistic: Solution;
  hinge: Solution;
  weighted: Solution;
}
const { cases } = readGolden<{ cases: Case[] }>("linear.json");

const made = (name: string, rows: number, width: number, offset: number): DenseRows => ({
  ...{ kind: "dense", rows, width },
  values: Float32Array.from(uniform(name, rows * width), (u) => offset + 2 * u),
});

describe.each(cases)("$name", (golden) => {
  const { name, rows, width, cost, domainCost, offset } = golden;
  const source = made(`${name} source`, rows, width, 0);
  const target = made(`${name} target`, rows - 10, width, offset);
  const noise = uniform(`${name} noise`, rows);
  const positive = Array.from({ length: rows }, (_, i) => {
    const [a = 0, b = 0] = source.values.subarray(i * width, i * width + 2);
    return a - 0.5 * b + (noise[i] ?? 0) > 0;
  });
  const near = (fit: LinearFit, { weights, bias, primal }: Solution): void => {
    expect(fit.primal / primal).toBeCloseTo(1, 7);
    const largest = Math.max(...weights.map(Math.abs));
    weights.forEach((w, j) => {
      expect(Math.abs(w - (fit.weights[j] ?? Number.NaN))).toBeLessThan(1e-3 * largest);
    });
    expect(Math.abs(bias - fit.bias)).toBeLessThan(1e-3 * largest);
  };
  const exact = { cost, tolerance: 1e-9, maxPasses: 200_000 };

  test("logistic regression", () =>
    near(fitLinear(source, positive, { loss: "logistic", ...exact }, 0), golden.logistic));

  test("linear support vector machine", () =>
    near(fitLinear(source, positive, { loss: "hinge", ...exact }, 0), golden.hinge));

  test("logistic regression with importance weights", () => {
    const { weights } = golden;
    near(fitLinear(source, positive, { loss: "logistic", ...exact, weights }, 0), golden.weighted);
  });

  test("importance weights of the source's rows", () => {
    const found = domainWeights(source, target, [domainCost], 0);
    // The domain classifier stops at a duality gap of a thousandth.
    golden.weights.forEach((weight, row) => {
      expect(Math.abs(weight - (found.values[row] ?? Number.NaN))).toBeLessThan(0.06 * Math.max(1, weight));
    });
    expect(found.overlap / golden.overlap).toBeCloseTo(1, 1);
    expect(found.clipped).toBe(golden.clipped);
  });
});
