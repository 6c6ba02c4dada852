import { describe, expect, it } from "vitest";
import { regressionMetrics } from "./regression-metrics.ts";
import { regressionScores, regressionSelects } from "./validators/regression.ts";

describe("metrics of numbers", () => {
  it("are those worked out by hand, in the label's unit", () => {
    // Errors of 1, -1, 2 and 0 deviations of 10.
    const found = regressionMetrics([0, 1, 2, 3], [1, 0, 4, 3], { deviation: 10 });
    expect(found.rows).toBe(4);
    expect(found.mae).toBeCloseTo(10, 12);
    expect(found.rmse).toBeCloseTo(10 * Math.sqrt(6 / 4), 12);
    // 6 against (2.25 + .25) * 2 around the mean of 1.5.
    expect(found.r2).toBeCloseTo(1 - 6 / 5, 12);
  });

  it("have no R2 where all labels are one, and refuse another number of rows", () => {
    expect(regressionMetrics([2, 2], [1, 3], { deviation: 1 }).r2).toBeNull();
    expect(() => regressionMetrics([1], [1, 2], { deviation: 1 })).toThrow("as many predictions as labels (1), got 2");
  });
});

describe("scores without target labels", () => {
  const matrix = (values: readonly number[]) => ({ rows: values.length, width: 1, values: Float64Array.from(values) });
  const line = Array.from({ length: 40 }, (_, i) => i / 40);

  it("weigh losses where the target lies: a model that errs there has the higher risk", () => {
    const shifted = { source: matrix(line), target: matrix(line.map((value) => 0.5 + value / 2)), labels: line };
    const right = regressionScores({ ...shifted, predictions: line.map((value) => (value < 0.5 ? value + 1 : value)) });
    const wrong = regressionScores({ ...shifted, predictions: line.map((value) => (value < 0.5 ? value : value + 1)) });
    expect(right["source-risk"]).toBeCloseTo(wrong["source-risk"] ?? 0, 10);
    for (const name of ["iwcv", "dev", "devn"]) expect(right[name], name).toBeLessThan(wrong[name] ?? 0);
  });

  it("give a number for each that may choose", () => {
    const alike = { source: matrix(line), target: matrix(line), labels: line, predictions: line.map((v) => v + 0.1) };
    const scores = regressionScores(alike);
    for (const name of regressionSelects) expect(scores[name], name).toBeCloseTo(0.01, 3);
  });
});
