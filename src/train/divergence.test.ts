import { describe, expect, it } from "vitest";
import { DannError } from "../errors.ts";
import { checkFinite, checkNorm, watchTerms } from "./divergence.ts";

const terms = (values: Record<string, number>): Map<string, Float32Array> =>
  new Map(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));

const errorOf = (act: () => void): DannError => {
  try {
    act();
  } catch (error) {
    if (error instanceof DannError) return error;
  }
  throw new Error("expected a DannError");
};

describe("watchTerms", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("stops at %s with the step, the term and a remedy", (value) => {
    const { check } = watchTerms();
    check(1, terms({ labelLoss: 2.3, domainLoss: 0.7 }), 0);
    const error = errorOf(() => check(2, terms({ labelLoss: 2.3, domainLoss: value }), 0));
    expect(error.kind).toBe("run");
    expect(error.code).toBe("diverged");
    expect(error.message).toBe(`training diverged: domainLoss became ${value} at step 2`);
    expect(error.remedy).toMatch(/lambda/);
  });

  it("stops at a loss that is absurd and far above where it began", () => {
    const { check } = watchTerms();
    check(1, terms({ labelLoss: 2.3 }), 0);
    check(2, terms({ labelLoss: 500 }), 0);
    expect(errorOf(() => check(3, terms({ labelLoss: 2e5 }), 0)).message).toMatch(
      /grew from 2.30 to 2.00e\+5 at step 3/,
    );
  });

  it("goes on from where the run began, not from where it was resumed", () => {
    const first = watchTerms();
    first.check(1, terms({ labelLoss: 2.3 }), 0);
    expect(first.began()).toEqual({ labelLoss: expect.closeTo(2.3) });
    const resumed = watchTerms(first.began());
    resumed.check(100, terms({ labelLoss: 90 }), 0);
    expect(errorOf(() => resumed.check(101, terms({ labelLoss: 2e4 }), 0)).code).toBe("diverged");
  });

  it("lets unscaled inputs begin high and come down", () => {
    const { check } = watchTerms();
    for (const [i, loss] of [9e4, 2e5, 8e4, 100].entries())
      expect(() => check(i + 1, terms({ labelLoss: loss }), 0)).not.toThrow();
  });
});

describe("checkNorm", () => {
  it("stops at a gradient of no finite length, and lets any other be clipped", () => {
    expect(() => checkNorm(3, 1e30)).not.toThrow();
    expect(errorOf(() => checkNorm(3, Number.POSITIVE_INFINITY)).message).toBe(
      "training diverged: the gradient's norm became Infinity at step 3",
    );
    expect(errorOf(() => checkNorm(3, Number.NaN)).code).toBe("diverged");
  });
});

describe("checkFinite", () => {
  const state = (values: number[]): Map<string, { dims: number[]; data: Float32Array }> =>
    new Map([
      ["a/weight", { dims: [2], data: Float32Array.of(3e38, 3e38) }],
      ["b/weight", { dims: [values.length], data: Float32Array.from(values) }],
    ]);

  it("accepts the largest finite values", () => expect(() => checkFinite(5, state([3e38, 3e38]))).not.toThrow());
  it.each([[[1, Number.NaN]], [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]]])(
    "names what holds %s",
    (values) => {
      expect(errorOf(() => checkFinite(5, state(values))).message).toMatch(/b\/weight is not finite after step 5/);
    },
  );
});
