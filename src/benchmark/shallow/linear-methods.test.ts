/** Linear baselines: covariate shift with a model that cannot be right everywhere, the choice of C, and the rows looked at. */
import { describe, expect, test } from "vitest";
import type { DenseRows } from "../../data/dataset.ts";
import { random } from "../../random.ts";
import { domainWeights } from "./domain-weights.ts";
import type { LabelledRows } from "./feature-rows.ts";
import { predictLinear } from "./linear.ts";
import { chooseLinear, type LinearTask, linearMethods } from "./linear-methods.ts";

/**
 * Shimodaira (2000), section 2: y = -x + x^3 + noise, x from N(.5, .5^2) in the source and from N(0, .3^2) in the target,
 * and a straight line for a model. Classes are the signs of y: in the source they are nearly symmetric about .5, so no
 * threshold says much; in the target one at 0 is right.
 */
function places(rows: number, seed: number): { source: LabelledRows; target: LabelledRows } {
  const chance = random(seed).split("shimodaira");
  const place = (mean: number, deviation: number): LabelledRows => {
    const x = Float32Array.from({ length: rows }, () => mean + deviation * chance.normal());
    const labels = Array.from(x, (value) => (value ** 3 - value + 0.1 * chance.normal() > 0 ? 1 : 0));
    return { rows: { kind: "dense", rows, width: 1, values: x }, labels };
  };
  return { source: place(0.5, 0.5), target: place(0, 0.3) };
}

const costs = [0.01, 0.1, 1, 10];
const settings = { classes: 2, costs, mostRows: 5000, progress: async () => {} };
const right = (predicted: ArrayLike<number>, { labels }: LabelledRows): number =>
  Array.from(predicted).filter((label, row) => label === labels[row]).length / labels.length;

describe.each([0, 1, 2, 3, 4])("covariate shift, seed %d", (seed) => {
  const { source, target } = places(300, seed);
  const task: LinearTask = { ...settings, source, target: target.rows, seed };

  test("importance weights win where the model is wrong", async () => {
    const accuracy = async (name: keyof typeof linearMethods): Promise<number> =>
      right(predictLinear((await chooseLinear(linearMethods[name], task)).model, target.rows), target);
    const [plain, machine, weighted] = [
      await accuracy("logistic-regression"),
      await accuracy("linear-svm"),
      await accuracy("iw-logistic-regression"),
    ];
    expect(weighted).toBeGreaterThan(plain + 0.1);
    expect(weighted).toBeGreaterThan(machine + 0.1);
    expect(weighted).toBeGreaterThan(0.7);
  });

  test("weights are the ratio of the densities, as far as it is a straight line", () => {
    const { values, overlap, effectiveRows } = domainWeights(source.rows, target.rows, costs, seed);
    expect(values.reduce((sum, weight) => sum + weight, 0) / 300).toBeCloseTo(1, 9);
    expect(overlap).toBeGreaterThan(0.5);
    expect(effectiveRows).toBeGreaterThan(50);
    expect(effectiveRows).toBeLessThan(250);
    const x = [...source.rows.values];
    const at = (pick: (value: number) => boolean): number => {
      const some = x.flatMap((value, row) => (pick(value) ? [values[row] ?? 0] : []));
      return some.reduce((sum, weight) => sum + weight, 0) / some.length;
    };
    expect(at((value) => value < 0.2)).toBeGreaterThan(3 * at((value) => value > 0.8));
  });
});

test("without a shift weights are all but equal", () => {
  const { source } = places(300, 7);
  const other = places(300, 8).source;
  expect(domainWeights(source.rows, other.rows, costs, 0).effectiveRows).toBeGreaterThan(285);
});

test("C is the one with the fewest errors on held-out source rows, and all rows train then", async () => {
  const chance = random(3);
  // One column tells the classes, twenty say nothing: a large C learns them by heart.
  const labels = Array.from({ length: 60 }, (_, i) => i % 2);
  const values = Float32Array.from(
    labels.flatMap((label) => [3 * label + chance.normal(), ...Array.from({ length: 20 }, () => 3 * chance.normal())]),
  );
  const rows: DenseRows = { kind: "dense", rows: 60, width: 21, values };
  const shares: number[] = [];
  const task = {
    ...{ ...settings, source: { rows, labels }, target: rows, seed: 1 },
    progress: async (share: number) => void shares.push(share),
  };
  const { cost, risk, weights } = await chooseLinear(linearMethods["logistic-regression"], task);
  expect(shares).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  expect(weights).toBeUndefined();
  expect(costs).toContain(cost);
  for (const other of costs) {
    const alone = await chooseLinear(linearMethods["logistic-regression"], { ...task, costs: [other] });
    expect(alone.risk).toBeGreaterThanOrEqual(risk);
    // Of equals the first.
    if (other < cost) expect(alone.risk).toBeGreaterThan(risk);
    if (other === cost) {
      const { model } = await chooseLinear(linearMethods["logistic-regression"], task);
      expect(alone.model).toEqual(model);
      expect(model.fits[0]?.dual).toHaveLength(60);
    }
  }
});

test("of many rows some are looked at, by the seed", async () => {
  const { source, target } = places(400, 1);
  const task = { ...settings, source, target: target.rows, seed: 1 };
  const method = linearMethods["iw-logistic-regression"];
  const [few, again, other] = [
    await chooseLinear(method, { ...task, mostRows: 100 }),
    await chooseLinear(method, { ...task, mostRows: 100 }),
    await chooseLinear(method, { ...task, mostRows: 100, seed: 2 }),
  ];
  expect(few.model.fits[0]?.dual).toHaveLength(100);
  expect(few.weights?.values).toHaveLength(100);
  expect(again.model).toEqual(few.model);
  expect(other.model.fits[0]?.bias).not.toBe(few.model.fits[0]?.bias);
});

test("several classes, one against the rest", async () => {
  const chance = random(4);
  const labels = Array.from({ length: 150 }, (_, i) => i % 3);
  const centres = [
    [0, 4],
    [4, 0],
    [-4, -4],
  ];
  const values = Float32Array.from(labels.flatMap((label) => (centres[label] ?? []).map((c) => c + chance.normal())));
  const rows: DenseRows = { kind: "dense", rows: 150, width: 2, values };
  const source = { rows, labels };
  for (const method of Object.values(linearMethods)) {
    const { model } = await chooseLinear(method, { ...settings, classes: 3, source, target: rows, seed: 0 });
    expect(right(predictLinear(model, rows), source)).toBeGreaterThan(0.97);
  }
});
