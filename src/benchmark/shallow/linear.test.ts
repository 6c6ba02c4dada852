import { describe, expect, test } from "vitest";
import type { DenseRows } from "../../data/dataset.ts";
import { random } from "../../random.ts";
import { fitLinear, type LinearFit, type LinearLoss, linearClassifier, predictLinear } from "./linear.ts";

function cloud(rows: number, width: number, seed: number): { rows: DenseRows; positive: boolean[] } {
  const chance = random(seed);
  const positive = Array.from({ length: rows }, () => chance.uniform() < 0.4);
  const values = Float32Array.from(
    { length: rows * width },
    (_, i) => chance.normal() + (i % width === 0 && positive[Math.floor(i / width)] ? 1.5 : 0),
  );
  return { rows: { kind: "dense", rows, width, values }, positive };
}

/** Primal, dual and their gradient written out again from the definitions. */
function recompute({ rows, positive }: ReturnType<typeof cloud>, fit: LinearFit, loss: LinearLoss, cost: number) {
  const { width } = rows;
  const w = [...fit.weights, fit.bias];
  const x = Array.from({ length: rows.rows }, (_, i) => [...rows.values.subarray(i * width, (i + 1) * width), 1]);
  const y = positive.map((each) => (each ? 1 : -1));
  const margins = x.map((row, i) => (y[i] ?? 0) * row.reduce((sum, value, j) => sum + value * (w[j] ?? 0), 0));
  const half = w.reduce((sum, value) => sum + value * value, 0) / 2;
  const losses = margins.map((m) => (loss === "hinge" ? Math.max(0, 1 - m) : Math.log(1 + Math.exp(-m))));
  const fromDual = w.map((_, j) =>
    x.reduce((sum, row, i) => sum + (fit.dual[i] ?? 0) * (y[i] ?? 0) * (row[j] ?? 0), 0),
  );
  return { x, y, w, margins, primal: half + cost * losses.reduce((a, b) => a + b, 0), fromDual };
}

describe.each(["hinge", "logistic"] as const)("%s", (loss) => {
  test.each([1e-3, 0.1, 10])("meets the conditions of optimality at C = %d", (cost) => {
    const data = cloud(120, 4, 5);
    const fit = fitLinear(data.rows, data.positive, { loss, cost, tolerance: 1e-8, maxPasses: 100_000 }, 0);
    const { x, y, w, margins, primal, fromDual } = recompute(data, fit, loss, cost);
    expect(fit.converged).toBe(true);
    expect(fit.primal).toBeCloseTo(primal, 8);
    expect(fit.gap).toBeGreaterThan(-1e-9);
    w.forEach((value, j) => {
      expect(value).toBeCloseTo(fromDual[j] ?? Number.NaN, 8);
    });
    const slack = 0.02;
    fit.dual.forEach((a, i) => {
      const m = margins[i] ?? Number.NaN;
      expect(a).toBeGreaterThanOrEqual(0);
      expect(a).toBeLessThanOrEqual(cost);
      if (loss === "logistic") expect(Math.abs(a / cost - 1 / (1 + Math.exp(m)))).toBeLessThan(slack);
      else if (m > 1 + slack) expect(a).toBeLessThan(slack * cost);
      else if (m < 1 - slack) expect(a).toBeGreaterThan((1 - slack) * cost);
    });
    if (loss === "logistic") {
      // Stationary in the primal: w - C sum y x sigma(-m) = 0.
      w.forEach((value, j) => {
        const pull = x.reduce(
          (sum, row, i) => sum + ((y[i] ?? 0) * (row[j] ?? 0)) / (1 + Math.exp(margins[i] ?? 0)),
          0,
        );
        expect(Math.abs(value - cost * pull)).toBeLessThan(2e-3 * Math.max(1, cost));
      });
    }
  });

  test("no direction lowers the primal", () => {
    const data = cloud(80, 3, 8);
    const fit = fitLinear(data.rows, data.positive, { loss, cost: 0.5, tolerance: 1e-9, maxPasses: 100_000 }, 0);
    const chance = random(2);
    for (let trial = 0; trial < 50; trial++) {
      const moved = {
        ...fit,
        weights: fit.weights.map((w) => w + 0.05 * chance.normal()),
        bias: fit.bias + 0.05 * chance.normal(),
      };
      expect(recompute(data, moved, loss, 0.5).primal).toBeGreaterThan(fit.primal - 1e-6);
    }
  });

  test("another order of rows, the same solution; the end by passes is told", () => {
    const data = cloud(100, 3, 9);
    const [a, b] = [0, 1].map((seed) =>
      fitLinear(data.rows, data.positive, { loss, cost: 1, tolerance: 1e-9, maxPasses: 100_000 }, seed),
    );
    a?.weights.forEach((w, j) => {
      expect(w).toBeCloseTo(b?.weights[j] ?? Number.NaN, 3);
    });
    const short = fitLinear(data.rows, data.positive, { loss, cost: 100, tolerance: 1e-9, maxPasses: 3 }, 0);
    expect([short.converged, short.passes]).toEqual([false, 3]);
  });
});

test.each(["hinge", "logistic"] as const)("%s by products of rows: the same solution", (loss) => {
  const { rows, positive } = cloud(60, 4, 3);
  const x = Array.from({ length: 60 }, (_, i) => rows.values.subarray(4 * i, 4 * i + 4));
  const products = Float64Array.from(
    x.flatMap((a) => x.map((b) => a.reduce((sum, value, j) => sum + value * (b[j] ?? 0), 0))),
  );
  const settings = { loss, cost: 0.7, tolerance: 1e-6 };
  const [byRows, byProducts] = [settings, { ...settings, products }].map((each) => fitLinear(rows, positive, each, 0));
  expect(byProducts?.passes).toBe(byRows?.passes);
  expect(byProducts?.bias).toBeCloseTo(byRows?.bias ?? Number.NaN, 9);
  expect(byProducts?.primal).toBeCloseTo(byRows?.primal ?? Number.NaN, 9);
  byRows?.weights.forEach((w, j) => {
    expect(byProducts?.weights[j]).toBeCloseTo(w, 9);
  });
});

test.each(["hinge", "logistic"] as const)("%s: a weight is so many rows", (loss) => {
  const { rows, positive } = cloud(40, 3, 6);
  const weights = Array.from({ length: 40 }, (_, i) => i % 3);
  const many = weights.flatMap((weight, row) => new Array<number>(weight).fill(row));
  const repeated: DenseRows = {
    ...{ kind: "dense", rows: many.length, width: 3 },
    values: Float32Array.from(many.flatMap((row) => [...rows.values.subarray(3 * row, 3 * row + 3)])),
  };
  const settings = { loss, cost: 0.7, tolerance: 1e-9, maxPasses: 100_000 };
  const weighted = fitLinear(rows, positive, { ...settings, weights }, 0);
  const written = fitLinear(
    repeated,
    many.map((row) => positive[row] ?? false),
    settings,
    0,
  );
  expect(weighted.primal).toBeCloseTo(written.primal, 6);
  weighted.weights.forEach((w, j) => {
    expect(w).toBeCloseTo(written.weights[j] ?? Number.NaN, 3);
  });
  const plain = fitLinear(rows, positive, settings, 0);
  expect(Math.abs(plain.bias - weighted.bias)).toBeGreaterThan(0.01);
});

test("three classes, one against the rest", () => {
  const chance = random(4);
  const labels = Array.from({ length: 150 }, () => chance.integer(3));
  const centres = [
    [0, 4],
    [4, 0],
    [-4, -4],
  ];
  const values = Float32Array.from(labels.flatMap((label) => (centres[label] ?? []).map((c) => c + chance.normal())));
  const rows: DenseRows = { kind: "dense", rows: 150, width: 2, values };
  const model = linearClassifier({ rows, labels }, 3, { loss: "hinge", cost: 1 }, 0);
  expect(model.fits.length).toBe(3);
  expect(predictLinear(model, rows).filter((p, i) => p !== labels[i]).length).toBeLessThan(4);
});

test.each([
  [{ cost: 0 }, "expected a cost C above 0, got 0"],
  [{ cost: 1, tolerance: 0 }, "expected a tolerance above 0, got 0"],
  [{ cost: 1, maxPasses: 0.5 }, "expected at least 1 pass, got 0.5"],
  [{ cost: 1, weights: [1, 2] }, "expected 5 weights, got 2"],
  [{ cost: 1, weights: [1, 1, -1, 1, 1] }, "expected weights of 0 or more, got -1"],
  [{ cost: 1, products: new Float64Array(4) }, "expected products of 5 rows, got 4"],
])("refuses %j", (changed, message) => {
  const { rows, positive } = cloud(5, 2, 1);
  expect(() => fitLinear(rows, positive, { loss: "hinge", ...changed }, 0)).toThrow(message);
});

test("refuses labels that do not fit and values that are no numbers", () => {
  const { rows } = cloud(5, 2, 1);
  expect(() => fitLinear(rows, [true], { loss: "hinge", cost: 1 }, 0)).toThrow("expected 5 labels, got 1");
  expect(() =>
    fitLinear({ ...rows, values: rows.values.fill(Number.NaN) }, rows.values, { loss: "hinge", cost: 1 }, 0),
  ).toThrow("expected");
});
