import { expect, test } from "vitest";
import { openBackend } from "#runtime";
import { parts } from "../../dann/classify.ts";
import { makeNetwork } from "../../dann/networks/registry.ts";
import type { DenseRows, SparseRows } from "../../data/dataset.ts";
import { fitPreprocess } from "../../data/preprocess.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { makeMethod } from "../../methods/make.ts";
import { sgd } from "../../optim/sgd.ts";
import { random } from "../../random.ts";
import { evaluate } from "../../runtime/reference.ts";
import { trainingStep } from "../../train/step.ts";
import { type FeatureRows, pickRows, range } from "./feature-rows.ts";
import { rowsLayer } from "./hidden-layer.ts";
import { holdOutLast } from "./hold-out.ts";
import { engineProducts, type Products } from "./products.ts";
import { type ShallowSettings, type ShallowTask, shallowDann, trainerOf } from "./shallow-dann.ts";
import { copyModel, initialModel, predictShallow, type ShallowModel, shallowFeatures } from "./shallow-model.ts";

const width = 12;

/** Word counts: about a third of the words of a row, more of the first ones in class 1, more of the last ones in the target. */
function counts(rows: number, domain: "source" | "target", seed: number): { rows: SparseRows; labels: Int32Array } {
  const chance = random(seed);
  const [offsets, indices, values, labels]: [number[], number[], number[], number[]] = [[0], [], [], []];
  for (let row = 0; row < rows; row++) {
    const label = chance.integer(2);
    labels.push(label);
    for (let word = 0; word < width; word++) {
      const likely = 0.25 + (word < 4 ? 0.35 * label : 0) + (word >= 9 && domain === "target" ? 0.5 : 0);
      if (chance.uniform() >= likely) continue;
      indices.push(word);
      values.push(1 + chance.integer(3));
    }
    offsets.push(indices.length);
  }
  const sparse: SparseRows = {
    kind: "sparse",
    rows,
    width,
    indexBase: 0,
    offsets: Uint32Array.from(offsets),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { rows: sparse, labels: Int32Array.from(labels) };
}

function dense(rows: FeatureRows): DenseRows {
  if (rows.kind === "dense") return rows;
  const values = new Float32Array(rows.rows * rows.width);
  for (let row = 0; row < rows.rows; row++) {
    for (let entry = rows.offsets[row] ?? 0; entry < (rows.offsets[row + 1] ?? 0); entry++)
      values[row * rows.width + (rows.indices[entry] ?? 0)] = rows.values[entry] ?? 0;
  }
  return { kind: "dense", rows: rows.rows, width: rows.width, values };
}

const taskOf = (seed = 1): ShallowTask => ({
  source: counts(60, "source", 10),
  target: counts(50, "target", 11).rows,
  validation: counts(30, "source", 12),
  classes: 2,
  seed,
});
const settings: ShallowSettings = { hidden: 5, lambda: 0.3, rate: 0.1, maxEpochs: 8 };
const numbersOf = (model: ShallowModel): number[] => [
  ...model.weights,
  ...model.bias,
  ...model.classWeights,
  ...model.classBias,
  ...model.domainWeights,
  ...model.domainBias,
];
const largestDifference = (a: ShallowModel, b: ShallowModel): number => {
  const other = numbersOf(b);
  return Math.max(...numbersOf(a).map((value, i) => Math.abs(value - (other[i] ?? Number.NaN))));
};

test("a step is the graph's step on one row of each domain, with lambda 1 and the paper's lambda as domainWeight", () => {
  const { source, target } = taskOf();
  // lambda is a constant of the graph, which holds those in float32: one that float32 has.
  const [row, other, hidden, classes, lambda, rate] = [7, 13, 5, 3, 0.3125, 0.2];
  const label = 2;
  // A few steps first: at the start u is zero, and nothing would reach the hidden layer.
  const model = initialModel(width, hidden, classes, 3);
  const layer = rowsLayer({ source: source.rows, target, validation: target }, model.weights, hidden);
  const trainer = trainerOf(model, layer, { hidden, lambda, rate });
  for (let step = 0; step < 20; step++) trainer.step(step, step % 3, (step * 7) % 50);
  layer.keep();
  const before = { ...copyModel(model), weights: layer.kept().slice() };
  trainer.step(row, label, other);
  layer.keep();
  const after: ShallowModel = { ...model, weights: layer.kept() };

  const rows = dense(pickRows(source.rows, [row]));
  const step = trainingStep({
    network: makeNetwork(
      "shallow",
      { inputShape: [width], classes, rows: { source: 1, target: 1 } },
      { hidden: [hidden] },
    ),
    method: makeMethod({
      name: "dann",
      domainLoss: "sum",
      domainWeight: lambda,
      domainLabelSmoothing: 0,
      labelSmoothing: 0,
    }),
    preprocess: fitPreprocess(rows, undefined, { standardise: "none" }),
    batch: { source: 1, target: 1 },
    optimizer: sgd({ momentum: 0 }),
    partRates: { featureExtractor: 1, labelPredictor: 1, domainClassifier: 1, backbone: 1 },
    gradientClip: undefined,
  });
  const names = {
    weights: [`${parts.featureExtractor}/fc1/weight`, [width, hidden]],
    bias: [`${parts.featureExtractor}/fc1/bias`, [hidden]],
    classWeights: [`${parts.labelPredictor}/logits/weight`, [hidden, classes]],
    classBias: [`${parts.labelPredictor}/logits/bias`, [classes]],
    domainWeights: [`${parts.domainClassifier}/logit/weight`, [hidden, 1]],
    domainBias: [`${parts.domainClassifier}/logit/bias`, [1]],
  } as const;
  const float = (dims: readonly number[], data: ArrayLike<number>): Tensor => ({
    dtype: "float64",
    dims,
    data: Float64Array.from(data),
  });
  const feeds: Record<string, Tensor> = {
    "source/numeric": float([1, width], rows.values),
    "target/numeric": float([1, width], dense(pickRows(target, [other])).values),
    "source/y": { dtype: "int64", dims: [1], data: BigInt64Array.of(BigInt(label)) },
    lambda: float([], [1]),
    rate: float([], [rate]),
  };
  for (const [part, [name, dims]] of Object.entries(names))
    feeds[`state:${name}`] = float(dims, before[part as keyof typeof names]);
  const next = evaluate(step.graph, feeds);
  expect(step.changed.toSorted()).toEqual(
    Object.values(names)
      .map(([name]) => name)
      .toSorted(),
  );
  for (const [part, [name]] of Object.entries(names)) {
    const own = after[part as keyof typeof names];
    const moved = own.map((value, i) => value - (before[part as keyof typeof names][i] ?? 0));
    expect(Math.max(...moved.map(Math.abs)), part).toBeGreaterThan(1e-4);
    Array.from(next[`next:${name}`]?.data ?? [], Number).forEach((value, i) => {
      expect(Math.abs(value - (own[i] ?? Number.NaN)), `${part}[${i}]`).toBeLessThan(1e-14);
    });
  }
});

test("rows and their products, sparse and dense: the same fit", async () => {
  // More rows than are projected at once.
  const task = { ...taskOf(), source: counts(150, "source", 10) };
  const sparse = await shallowDann(task, settings);
  const asDense: ShallowTask = {
    ...task,
    source: { ...task.source, rows: dense(task.source.rows) },
    target: dense(task.target),
    validation: { ...task.validation, rows: dense(task.validation.rows) },
  };
  const all = [asDense.source.rows, asDense.target, asDense.validation.rows].flatMap((rows) =>
    Array.from({ length: rows.rows }, (_, i) => rows.values.subarray(i * width, (i + 1) * width)),
  );
  const values = Float64Array.from(
    all.flatMap((a) => all.map((b) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0))),
  );
  const engine = await engineProducts(await openBackend("auto"));
  const products = { values, engine };
  expect(largestDifference(sparse.model, (await shallowDann(asDense, settings)).model)).toBeLessThan(1e-12);
  const byProducts = await shallowDann({ ...asDense, products }, settings);
  expect(largestDifference(sparse.model, byProducts.model)).toBeLessThan(1e-12);
  expect(byProducts.bestEpoch).toBe(sparse.bestEpoch);
});

test("seeded: equal seeds the same bits, others not; a start is used and not changed", async () => {
  const first = await shallowDann(taskOf(1), settings);
  expect(largestDifference(first.model, (await shallowDann(taskOf(1), settings)).model)).toBe(0);
  expect(largestDifference(first.model, (await shallowDann(taskOf(2), settings)).model)).toBeGreaterThan(0.01);
  const start = copyModel(first.model);
  const second = await shallowDann({ ...taskOf(1), start: first.model }, { ...settings, rate: 1e-9, maxEpochs: 1 });
  expect(largestDifference(first.model, start)).toBe(0);
  expect(largestDifference(first.model, second.model)).toBeLessThan(1e-6);
});

test("the observer and no regressor at all give the same classifier; the adversary another, less telling of the domain", async () => {
  const [none, observer, adversary] = [
    (await shallowDann(taskOf(), { ...settings, lambda: 0, domainRegressor: "none" })).model,
    (await shallowDann(taskOf(), { ...settings, domainRegressor: "observer" })).model,
    (await shallowDann(taskOf(), { ...settings, lambda: 1, maxEpochs: 60 })).model,
  ];
  expect(observer.weights).toEqual(none.weights);
  expect(observer.classWeights).toEqual(none.classWeights);
  expect(none.domainWeights.every((value) => value === 0)).toBe(true);
  expect(observer.domainWeights.some((value) => value !== 0)).toBe(true);
  const { source, target } = taskOf();
  const apart = (model: ShallowModel): number => {
    const mean = (rows: FeatureRows): number[] => {
      const { values } = shallowFeatures(model, rows);
      return Array.from(
        { length: 5 },
        (_, k) => values.reduce((sum, value, i) => sum + (i % 5 === k ? value : 0), 0) / rows.rows,
      );
    };
    const [a, b] = [mean(source.rows), mean(target)];
    return Math.hypot(...a.map((value, k) => value - (b[k] ?? 0)));
  };
  expect(apart(adversary)).toBeLessThan(
    0.7 *
      apart((await shallowDann(taskOf(), { ...settings, lambda: 0, domainRegressor: "none", maxEpochs: 60 })).model),
  );
});

test("learns: the source's classes, and stops by the validation risk with the best epoch's weights", async () => {
  const task = taskOf();
  const fit = await shallowDann(task, { ...settings, lambda: 0.1, rate: 0.02, maxEpochs: 200 });
  const predicted = predictShallow(fit.model, task.validation.rows);
  const wrong = predicted.filter((value, i) => value !== task.validation.labels[i]).length / 30;
  expect(wrong).toBe(fit.validationRisk);
  expect(fit.validationRisk).toBeLessThan(0.35);
  // Half as long again as the best epoch took, and with a worse one never before epoch 30.
  expect(fit.bestEpoch).toBeGreaterThan(30);
  expect(fit.epochs).toBe(Math.floor(1.5 * (fit.bestEpoch - 1)) + 2);
  const hasty = await shallowDann(taskOf(3), { ...settings, lambda: 0.1, rate: 0.005, maxEpochs: 200 });
  expect([hasty.bestEpoch, hasty.epochs]).toEqual([2, 32]);
});

test("the last tenth is held out", () => {
  const all = counts(40, "source", 1);
  const { train, held } = holdOutLast(all);
  expect([train.rows.rows, held.rows.rows]).toEqual([36, 4]);
  expect(Array.from(held.labels)).toEqual(Array.from(all.labels.subarray(36)));
  expect(dense(held.rows).values).toEqual(dense(pickRows(all.rows, range(36, 40))).values);
  const sorted = { ...all, labels: Array.from({ length: 40 }, (_, i) => (i < 36 ? 0 : 1)) };
  expect(() => holdOutLast(sorted)).toThrow(
    "expected the last tenth to hold the classes of the rest, got class 1 alone",
  );
});

test.each([
  [{ lambda: 0 }, {}, "expected a lambda above 0, got 0"],
  [{ lambda: 1, domainRegressor: "none" }, {}, "expected a lambda of 0 without a domain regressor, got 1"],
  [{ hidden: 0 }, {}, "expected at least 1 hidden unit, got 0"],
  [{ rate: Number.NaN }, {}, "expected a learning rate above 0, got NaN"],
  [{ maxEpochs: 0 }, {}, "expected at least 1 epoch, got 0"],
  [{ rate: 1e308 }, {}, "weights are no numbers after"],
  [{}, { classes: 1 }, "expected class indices below 1, got 1"],
  [{}, { products: { values: new Float64Array(4), engine: {} as Products } }, "expected products of 140 rows, got 4"],
  [
    {},
    { start: initialModel(width, 4, 2, 0) },
    "expected a start of 12 features, 5 units and 2 classes, got 12, 4 and 2",
  ],
  [{}, { target: { ...counts(9, "target", 1).rows, width: 13 } }, "expected rows of equal width, got 12, 13, 12"],
] as const)("refuses %j %#", async (changed, task, message) => {
  await expect(shallowDann({ ...taskOf(), ...task }, { ...settings, ...changed })).rejects.toThrow(message);
});
