import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDims,
  ceilDivide,
  divideDims,
  floorDivide,
  isNonNegative,
  minDims,
  multiplyDims,
  productOf,
  subtractDims,
} from "./dims.ts";
import type { Dim } from "./tensor.ts";

/** What a size is once its names have values. */
function resolve(dim: Dim, values: Readonly<Record<string, number>>): number {
  const names = Object.keys(values);
  const formula = String(dim).replaceAll(/\b(floor|ceil|min)\b/g, "Math.$1");
  return Number(new Function(...names, `return ${formula}`)(...names.map((name) => values[name])));
}

const operations = [addDims, subtractDims, multiplyDims] as const;
type Expression = { dim: Dim; value: (values: Readonly<Record<string, number>>) => number };

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.integer({ min: 0, max: 9 }).map((n): Expression => ({ dim: n, value: () => n })),
  fc
    .constantFrom("N", "H", "W")
    .map((name): Expression => ({ dim: name, value: (values) => values[name] ?? Number.NaN })),
);

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .tuple(fc.constantFrom(...operations), tie("expression"), tie("expression"))
      .map(([operation, a, b]): Expression => {
        const apply = operation as (a: Dim, b: Dim) => Dim;
        return {
          dim: apply(a.dim, b.dim),
          value: (values) => Number(apply(a.value(values), b.value(values))),
        };
      }),
  ),
}));

const assignment = fc.record({
  N: fc.integer({ min: 1, max: 20 }),
  H: fc.integer({ min: 1, max: 20 }),
  W: fc.integer({ min: 1, max: 20 }),
});

describe("arithmetic on sizes", () => {
  test("the text of a size means its value, whatever the names stand for", () => {
    fc.assert(
      fc.property(expression, assignment, ({ dim, value }, values) => {
        expect(resolve(dim, values) + 0).toBe(value(values) + 0);
      }),
    );
  });

  test("equal polynomials have equal texts", () => {
    fc.assert(
      fc.property(expression, expression, ({ dim: a }, { dim: b }) => {
        expect(addDims(a, b)).toBe(addDims(b, a));
        expect(multiplyDims(a, b)).toBe(multiplyDims(b, a));
        expect(subtractDims(addDims(a, b), b)).toBe(addDims(a, 0));
        expect(multiplyDims(addDims(a, b), 2)).toBe(addDims(multiplyDims(a, 2), multiplyDims(2, b)));
      }),
    );
  });

  test("rounded quotients mean what they say, and can be added to", () => {
    fc.assert(
      fc.property(expression, fc.integer({ min: 1, max: 5 }), assignment, ({ dim, value }, divisor, values) => {
        expect(resolve(addDims(floorDivide(dim, divisor), 1), values)).toBe(Math.floor(value(values) / divisor) + 1);
        expect(resolve(ceilDivide(dim, divisor), values) + 0).toBe(Math.ceil(value(values) / divisor) + 0);
      }),
    );
  });

  test("the smaller of two sizes", () => {
    fc.assert(
      fc.property(expression, expression, assignment, (a, b, values) => {
        expect(resolve(minDims(a.dim, b.dim), values) + 0).toBe(Math.min(a.value(values), b.value(values)) + 0);
      }),
    );
  });

  test("exact division", () => {
    expect(divideDims(800, 16)).toBe(50);
    expect(divideDims(801, 16)).toBeUndefined();
    expect(divideDims("800*N", 800)).toBe("N");
    expect(divideDims(productOf(["N", 3, "H", "W"]), productOf(["H", "W"]))).toBe("3*N");
    expect(divideDims("N+64", 64)).toBeUndefined();
    expect(divideDims("2*N+64", 2)).toBe("N+32");
    expect(divideDims("N", "H")).toBeUndefined();
  });

  test("a named size is at least 1", () => {
    expect(isNonNegative("N-1")).toBe(true);
    expect(isNonNegative("N-2")).toBe(false);
    expect(isNonNegative("N-H")).toBe(false);
    expect(minDims("N+64", 64)).toBe(64);
  });
});
