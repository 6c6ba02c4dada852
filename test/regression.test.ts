/**
 * Behaviour of a regression: where source-only fails the adversary must help, and only a sound adversary does. And the
 * library's `adapt` from numbers to numbers, the model file in both engines.
 */
import { adapt, loadModel } from "dann";
import { beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { withoutLabels } from "../src/data/labels.ts";
import { mul, scaleGradient } from "../src/graph/index.ts";
import type { Var } from "../src/graph/node.ts";
import type { MethodConfig } from "../src/methods/config.ts";
import type { Layer } from "../src/nn/layer.ts";
import type { Backend } from "../src/runtime/backend.ts";
import { fit as startFit, trained } from "../src/train/fit.ts";
import { networkOf, type TrainJob } from "../src/train/job.ts";
import { createPredictor } from "../src/train/predictor.ts";
import { regressionTask, shiftedDatasets, shiftedNumbers } from "./support/shifted-regression.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("auto");
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

type Change = (job: TrainJob) => TrainJob;

/** Errors on the target after the last step, a seed each. */
async function errors(seeds: readonly number[], method: string, change: Change = (job) => job): Promise<number[]> {
  const found: number[] = [];
  for (const seed of seeds) {
    const { job: plain, targetError } = regressionTask(seed, method);
    const job = change(plain);
    if (job.target === undefined) return expect.unreachable();
    const { state, network, apart } = await trained(startFit(job, { backend }));
    const { preprocess, classes, task } = job;
    const predictor = createPredictor({ network, preprocess, classes, task, apart, backend, threads: 1 });
    found.push(targetError((await predictor.predict(state, job.target, "target")).logits));
    await predictor.dispose();
  }
  return found;
}

describe("inputs turned by 25 degrees and moved, seeds 0 to 4, last step", () => {
  const seeds = [0, 1, 2, 3, 4];
  let sourceOnly: number[];
  let dann: number[];
  beforeAll(async () => {
    sourceOnly = await errors(seeds, "source-only");
    dann = await errors(seeds, "dann");
  }, 240_000);

  const seen = (): string => `source-only ${sourceOnly}; dann ${dann}`;
  it("DANN's error is at most .8 of source-only's in the mean", () =>
    expect(mean(dann) / mean(sourceOnly), seen()).toBeLessThanOrEqual(0.8));
  it("and lower on every seed", () => {
    for (const [i, error] of dann.entries()) expect(error, seen()).toBeLessThan(sourceOnly[i] ?? 0);
  });

  const faultySeeds = [0, 1];
  it.each<[string, Change]>([
    ["lambda = 0", (job) => ({ ...job, config: { ...job.config, lambda: { name: "constant", value: 0 } } })],
    ["the wrong sign", withDomainClassifier((classify, x) => classify(scaleGradient(x, -1)))],
    ["a domain logit that is constant", withDomainClassifier((classify, x) => mul(classify(x), 0))],
  ])(
    "loses the gain with %s",
    async (_, change) => {
      const faulty = await errors(faultySeeds, "dann", change);
      const ratio = mean(faulty) / mean(faultySeeds.map((seed) => sourceOnly[seed] ?? 0));
      expect(ratio, `${faulty}; ${seen()}`).toBeGreaterThan(0.9);
    },
    120_000,
  );
});

type Classify = (x: Var) => Var;

/** The job with something else in the place of its domain classifier. */
function withDomainClassifier(replace: (classify: Classify, x: Var) => Var): Change {
  return (job) => {
    const network = networkOf(job);
    const { domainClassifier } = network;
    const faulty: Layer = {
      ...domainClassifier,
      apply: (x, scope) => replace((features) => domainClassifier.apply(features, scope), x),
    };
    return { ...job, network: { ...network, domainClassifier: faulty } };
  };
}

describe("adapt of numbers", () => {
  it("answers in the label's unit, the same in the file, natively and in WebAssembly", async () => {
    const { source, target } = shiftedDatasets(0, 120);
    const run = await adapt({
      task: "regression",
      source,
      target,
      train: { steps: 120 },
      evaluate: { evaluations: 2 },
    });
    const result = await run.done;
    expect(result.task).toMatchObject({ kind: "regression", classes: [] });
    expect(result.task.labels?.mean).toBeCloseTo(50, -1);
    expect(result.notApplicable).toEqual(["calibration", "prediction-collapse", "label-shift"]);
    const chosen = result.models[result.chosen];
    expect(chosen?.metrics).toEqual({ source: null, target: null });
    expect(chosen?.calibration).toBeUndefined();
    expect(Object.keys(chosen?.validators ?? {})).toEqual(["source-risk", "iwcv", "dev", "devn", "rankme"]);

    const { value, labels, logits } = await run.predict(target);
    expect(labels).toEqual([]);
    expect(logits.length).toBe(0);
    const truth = shiftedNumbers(0, 120).target.y;
    const squares = Array.from(value ?? [], (one, i) => (one - (truth[i] ?? 0)) ** 2);
    expect(Math.sqrt(mean(squares))).toBeCloseTo(chosen?.errors?.target?.rmse ?? 0, 3);

    const model = await run.model();
    const [native, wasm] = await Promise.all([loadModel(model), loadModel(model, { device: "wasm" })]);
    expect(native.task).toEqual({ kind: "regression", scale: result.task.labels });
    const [a, b] = [(await native.predict(target)).value, (await wasm.predict(target)).value];
    expect(a).toEqual(value);
    const difference = Math.max(...Array.from(a ?? [], (one, i) => Math.abs(one - (b?.[i] ?? Number.NaN)) / 100));
    expect(difference).toBeLessThan(1e-4);
    await Promise.all([native.dispose(), wasm.dispose()]);
  });

  it("Huber's loss hears less of labels that are far off", async () => {
    const { source, target } = shiftedDatasets(2, 120);
    // Every twelfth label is far off.
    const wild = { ...source, labels: (source.labels ?? []).map((label, i) => (i % 12 === 0 ? "400" : label)) };
    const errorOf = async (method: MethodConfig): Promise<number> => {
      const run = await adapt({
        ...{ task: "regression", thread: "same", source: wild, target, method, evaluate: { evaluations: 1 } },
        train: { steps: 300, seed: 100 },
      });
      return (await run.done).models[0]?.errors?.target?.mae ?? Number.NaN;
    };
    const [squared, huber] = [
      await errorOf({ name: "source-only" }),
      await errorOf({ name: "source-only", regressionLoss: "huber", huberDelta: 0.1 }),
    ];
    expect(huber, `squared ${squared}`).toBeLessThan(0.8 * squared);
  });

  it("never lets labels of the target decide anything", async () => {
    const { source, target } = shiftedDatasets(1, 80);
    const others = { ...target, labels: (target.labels ?? []).map((_, i) => String(i)) };
    const models = [];
    for (const one of [target, others, withoutLabels(target)]) {
      const run = await adapt({ task: "regression", thread: "same", source, target: one, train: { steps: 40 } });
      const { chosen, verdict } = await run.done;
      models.push({ chosen, verdict, model: Buffer.from(await run.model()).toString("base64") });
    }
    expect(models[1]).toEqual(models[0]);
    expect(models[2]).toEqual(models[0]);
  });

  it.each([
    ["a method of classes", { method: "cdan" }, "method-task"],
    ["a validator of classes", { evaluate: { select: "mixval" } }, "select-task"],
    ["classes in equal shares", { train: { steps: 10, sourceSampling: "balanced" } }, "source-sampling"],
  ] as const)("%s is refused", async (_, options, code) => {
    const { source, target } = shiftedDatasets(2, 40);
    const running = adapt({
      task: "regression",
      thread: "same",
      source,
      target,
      train: { steps: 10 },
      ...options,
    }).then((run) => run.done);
    await expect(running).rejects.toMatchObject({ kind: "usage", code });
  });

  it("a validator of numbers is refused for classes", async () => {
    const { source, target } = shiftedDatasets(2, 40);
    const classes = { ...source, labels: (source.labels ?? []).map((_, i) => (i % 2 === 0 ? "a" : "b")) };
    const run = await adapt({
      thread: "same",
      source: classes,
      target: withoutLabels(target),
      train: { steps: 10 },
      evaluate: { select: "source-risk" },
    });
    await expect(run.done).rejects.toMatchObject({ kind: "usage", code: "select-task" });
  });
});

describe("adapt of two classes by one logit", () => {
  it("has two columns of probabilities, calibrated and scored as any classes", async () => {
    const { source, target } = shiftedDatasets(3, 120);
    const cut = (labels: readonly (string | undefined)[] = []): string[] =>
      labels.map((label) => (Number(label) > 50 ? "high" : "low"));
    const run = await adapt({
      ...{ task: "binary", thread: "same", train: { steps: 120 }, evaluate: { evaluations: 2 } },
      source: { ...source, labels: cut(source.labels) },
      target: { ...target, labels: cut(target.labels) },
    });
    const { task, models, chosen } = await run.done;
    expect(task).toMatchObject({ kind: "binary", classes: ["high", "low"] });
    expect(models[chosen]?.metrics.source?.accuracy).toBeGreaterThan(0.7);
    expect(models[chosen]?.calibration?.temperature).toBeGreaterThan(0);
    const { logits, probabilities } = await run.predict(target);
    for (let row = 0; row < 120; row++) {
      expect(logits[2 * row]).toBeCloseTo(0, 12);
      expect((probabilities[2 * row] ?? 0) + (probabilities[2 * row + 1] ?? 0)).toBeCloseTo(1, 6);
    }
  });
});
