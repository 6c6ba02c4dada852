/**
 * Behaviour: where source-only fails, the adversary must help, and only a sound adversary does. Each fault is planted
 * in a network of its own, so the code under test stays as it is.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "#runtime";
import { moonsTask } from "../src/benchmark/moons.ts";
import { concat, logSoftmax, neg, scaleGradient, slice } from "../src/graph/index.ts";
import type { Var } from "../src/graph/node.ts";
import type { Layer, Scope } from "../src/nn/layer.ts";
import type { Backend } from "../src/runtime/backend.ts";
import { fit as startFit, trained } from "../src/train/fit.ts";
import { networkOf, type TrainJob } from "../src/train/job.ts";
import { createPredictor } from "../src/train/predictor.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("auto");
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Accuracy on the target after the last step. */
async function targetAccuracy(
  seed: number,
  method: string,
  change = (job: TrainJob): TrainJob => job,
): Promise<number> {
  const { job: plain, targetLabels } = moonsTask(seed, method);
  const job = change(plain);
  if (job.target === undefined) return expect.unreachable();
  const { state, network, apart } = await trained(startFit(job, { backend }));
  const { preprocess, classes, target } = job;
  const predictor = createPredictor({ network, preprocess, classes, apart, backend, threads: 1 });
  const { logits } = await predictor.predict(state, target, "target");
  await predictor.dispose();
  return mean(
    [...targetLabels].map((label, i) => (Number((logits[2 * i + 1] ?? 0) > (logits[2 * i] ?? 0)) === label ? 1 : 0)),
  );
}

const over = async (seeds: readonly number[], ...rest: [string, ((job: TrainJob) => TrainJob)?]): Promise<number[]> => {
  const accuracies: number[] = [];
  for (const seed of seeds) accuracies.push(await targetAccuracy(seed, ...rest));
  return accuracies;
};

describe("moons, turned by 35 degrees, seeds 0 to 4, last step", () => {
  const seeds = [0, 1, 2, 3, 4];
  let sourceOnly: number[];
  let dann: number[];
  beforeAll(async () => {
    sourceOnly = await over(seeds, "source-only");
    dann = await over(seeds, "dann");
  }, 120_000);

  const seen = (): string => `source-only ${sourceOnly}; dann ${dann}`;
  it("plain DANN is at .93 or better in the mean", () => expect(mean(dann), seen()).toBeGreaterThanOrEqual(0.93));
  it("and at least .08 above source-only", () =>
    expect(mean(dann) - mean(sourceOnly), seen()).toBeGreaterThanOrEqual(0.08));

  /** The gain of these seeds with a fault in the network's domain classifier, or in the job. */
  const faultySeeds = [0, 1];
  const gain = async (change: (job: TrainJob) => TrainJob): Promise<number> =>
    mean(await over(faultySeeds, "dann", change)) - mean(faultySeeds.map((seed) => sourceOnly[seed] ?? 0));

  it.each<[string, (job: TrainJob) => TrainJob]>([
    ["lambda = 0", (job) => ({ ...job, config: { ...job.config, lambda: { name: "constant", value: 0 } } })],
    // A second reversal undoes the first: G_f helps the domain classifier.
    ["the wrong sign", withDomainClassifier((classify, x) => classify(scaleGradient(x, -1)))],
    ["a softmax over one logit", withDomainClassifier((classify, x) => logSoftmax(classify(x), -1))],
    ["swapped domain labels on the source's side", withDomainClassifier(negatedForSource)],
  ])("loses the gain with %s", async (_, change) => expect(await gain(change)).toBeLessThan(0.04), 120_000);
});

describe("moons, turned by 35 degrees, seeds 0 and 1, last step", () => {
  it("VADA is at .99 or better, where plain DANN is not", async () => {
    const accuracies = await over([0, 1], "vada");
    expect(Math.min(...accuracies), String(accuracies)).toBeGreaterThanOrEqual(0.99);
  }, 240_000);
});

type Classify = (x: Var) => Var;

/** The job with something else in the place of its domain classifier. */
function withDomainClassifier(replace: (classify: Classify, x: Var, scope: Scope) => Var): (job: TrainJob) => TrainJob {
  return (job) => {
    const network = networkOf(job);
    const { domainClassifier } = network;
    const faulty: Layer = {
      ...domainClassifier,
      apply: (x, scope) => replace((features) => domainClassifier.apply(features, scope), x, scope),
    };
    return { ...job, network: { ...network, domainClassifier: faulty } };
  };
}

/** softplus(-z) is the loss of z with the other label. */
function negatedForSource(classify: Classify, x: Var, { mode }: Scope): Var {
  const logits = classify(x);
  const rows = mode.kind === "training" ? (mode.segments[0]?.rows ?? 0) : 0;
  return concat([neg(slice(logits, { axis: 0, start: 0, end: rows })), slice(logits, { axis: 0, start: rows })], 0);
}
