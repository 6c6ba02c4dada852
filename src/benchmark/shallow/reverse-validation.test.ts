import { expect, test } from "vitest";
import { openBackend } from "#runtime";
import type { DenseRows } from "../../data/dataset.ts";
import { accuracy } from "../../evaluate/metrics.ts";
import { random } from "../../random.ts";
import type { FeatureRows, LabelledRows } from "./feature-rows.ts";
import {
  dannSettings,
  linearLearner,
  networkSettings,
  paperCosts,
  paperGrid,
  paperRates,
  runPair,
  shallowLearner,
  smallGrid,
} from "./jmlr-protocol.ts";
import { engineProducts, type RowProducts } from "./products.ts";
import {
  type Learner,
  type LearnerTask,
  type Pair,
  reverseValidation,
  selectByReverseValidation,
} from "./reverse-validation.ts";

/** Two classes apart along the first column; the target lies `shift` further along the second. */
function domain(rows: number, shift: number, seed: number): LabelledRows & { readonly rows: DenseRows } {
  const chance = random(seed);
  const labels = Array.from({ length: rows }, () => chance.integer(2));
  const values = Float32Array.from(
    labels.flatMap((label) => [4 * label - 2 + chance.normal(), chance.normal() + shift]),
  );
  return { rows: { kind: "dense", rows, width: 2, values }, labels };
}

const scoring = domain(100, 1, 9);
const pair: Pair = { source: domain(60, 0, 1), target: domain(40, 1, 2).rows, classes: 2 };

/** Notes its tasks and answers with fixed functions of a row's first value, one a fit. */
function scripted(answers: readonly ((value: number) => number)[]): {
  learner: Learner<number>;
  tasks: LearnerTask<number>[];
} {
  const tasks: LearnerTask<number>[] = [];
  const learner: Learner<number> = {
    learn: (task) => tasks.push(task) - 1,
    predict: (model, rows: FeatureRows) =>
      Int32Array.from({ length: rows.rows }, (_, row) => answers[model]?.(rows.values[row * rows.width] ?? 0) ?? -1),
  };
  return { learner, tasks };
}

const valuesOf = (rows: FeatureRows | undefined): number[] => Array.from(rows?.values ?? []);

test("the reverse problem is made of the target's rows with eta's labels, starts at eta, and is judged on S_V", async () => {
  const right = (value: number): number => (value > 0 ? 1 : 0);
  const { learner, tasks } = scripted([right, (value) => 1 - right(value)]);
  const { model, risk, sourceRisk } = await reverseValidation(learner, pair, 3);
  expect([model, tasks.length]).toEqual([0, 2]);
  const [forward, reverse] = tasks;
  const { values } = pair.source.rows;
  expect(valuesOf(forward?.source.rows)).toEqual(Array.from(values.subarray(0, 108)));
  expect(valuesOf(forward?.validation.rows)).toEqual(Array.from(values.subarray(108)));
  expect(valuesOf(forward?.target)).toEqual(Array.from(pair.target.values.subarray(0, 72)));
  expect(forward?.start).toBeUndefined();
  expect(valuesOf(reverse?.source.rows)).toEqual(Array.from(pair.target.values.subarray(0, 72)));
  expect(valuesOf(reverse?.validation.rows)).toEqual(Array.from(pair.target.values.subarray(72)));
  expect(valuesOf(reverse?.target)).toEqual(Array.from(values.subarray(0, 108)));
  expect(reverse?.start).toBe(0);
  const labelled = [...Array.from(reverse?.source.labels ?? []), ...Array.from(reverse?.validation.labels ?? [])];
  expect(labelled).toEqual(Array.from({ length: 40 }, (_, row) => right(pair.target.values[2 * row] ?? 0)));
  // eta is right on all held-out rows but those beyond the middle; eta_r says the opposite.
  expect(risk).toBeCloseTo(1 - sourceRisk, 12);
  expect(sourceRisk).toBeLessThan(0.4);
});

test("a model that names one class is judged by naming it, and not learned from", async () => {
  const { learner, tasks } = scripted([() => 1]);
  const zeros = Array.from(pair.source.labels)
    .slice(54)
    .filter((label) => label === 0).length;
  expect((await reverseValidation(learner, pair, 0)).risk).toBeCloseTo(zeros / 6, 12);
  expect(tasks.length).toBe(1);
});

test("the lowest risk is chosen; of equal ones the lower source risk, then the first", async () => {
  const right = (value: number): number => (value > 0 ? 1 : 0);
  const wrong = (value: number): number => 1 - right(value);
  const learners = { bad: [right, wrong], good: [right, right], same: [right, right], lying: [wrong, right] };
  const names = ["bad", "lying", "good", "same"] as const;
  const shares: number[] = [];
  const progress = async (share: number): Promise<void> => void shares.push(share);
  const learnerOf = (name: keyof typeof learners): Learner<number> => scripted(learners[name]).learner;
  const { chosen, tried } = await selectByReverseValidation(names, learnerOf, pair, { seed: 0, progress });
  expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  expect(chosen.setting).toBe("good");
  expect(tried.map(({ setting }) => setting)).toEqual(names);
  await expect(selectByReverseValidation([], () => scripted([]).learner, pair, { seed: 0 })).rejects.toThrow(
    "expected at least 1 setting",
  );
  const stop = (): Promise<void> => Promise.reject(new Error("stopped"));
  await expect(selectByReverseValidation(names, learnerOf, pair, { seed: 0, progress: stop })).rejects.toThrow(
    "stopped",
  );
});

/** Of all rows of the pair with each other, the source's first. */
const productsOfPair = async (): Promise<RowProducts> => {
  const all = [pair.source.rows, pair.target].flatMap((rows) =>
    Array.from({ length: rows.rows }, (_, i) => rows.values.subarray(2 * i, 2 * i + 2)),
  );
  const values = Float32Array.from(
    all.flatMap((a) => all.map((b) => (a[0] ?? 0) * (b[0] ?? 0) + (a[1] ?? 0) * (b[1] ?? 0))),
  );
  return { values, engine: await engineProducts(await openBackend("auto")) };
};

test("the shallow DANN by rows and by products of rows, on a pair's grid: the same choice and classes", async () => {
  const products = await productsOfPair();
  const settings = dannSettings({ lambdas: [0.1, 1], hidden: [3] }, 0.05).map((each) => ({ ...each, maxEpochs: 20 }));
  const request = { settings, learnerOf: shallowLearner, scored: scoring.rows, seed: 1 };
  const byRows = await runPair({ ...request, pair });
  const byProducts = await runPair({ ...request, pair: { ...pair, products } });
  expect(byProducts).toEqual(byRows);
  expect(accuracy(scoring.labels, byRows.predicted)).toBeGreaterThan(0.9);
  expect(byRows.tried.length).toBe(2);
});

test("a linear classifier goes through the same protocol, by rows and by products", async () => {
  const request = {
    scored: scoring.rows,
    settings: paperCosts,
    learnerOf: (cost: number) => linearLearner("hinge", cost),
    seed: 0,
  };
  const byRows = await runPair({ ...request, pair });
  expect(await runPair({ ...request, pair: { ...pair, products: await productsOfPair() } })).toEqual(byRows);
  expect(accuracy(scoring.labels, byRows.predicted)).toBeGreaterThan(0.9);
  expect(byRows.tried.length).toBe(10);
});

test("the grids are the paper's", () => {
  expect(paperGrid.lambdas.map((lambda) => Number(lambda.toPrecision(3)))).toEqual([
    0.01, 0.0178, 0.0316, 0.0562, 0.1, 0.178, 0.316, 0.562, 1,
  ]);
  expect(dannSettings(paperGrid, paperRates.counts).length).toBe(18);
  expect(networkSettings(paperGrid, paperRates.counts)).toEqual([
    { hidden: 50, lambda: 0, rate: 1e-3, domainRegressor: "none" },
    { hidden: 100, lambda: 0, rate: 1e-3, domainRegressor: "none" },
  ]);
  expect(dannSettings(smallGrid, paperRates.msda).length).toBe(5);
  expect([paperCosts[0], paperCosts.length]).toEqual([1e-5, 10]);
  expect(paperCosts[9]).toBeCloseTo(1, 12);
});
