/**
 * Behaviour: where the classes have other shares in the target, or some are not there, an adversary puts rows of one class
 * onto another, and class weights keep it from that. Designed on the seeds 100 to 104, judged on 0 to 4.
 */
import { type AdaptEvent, type AdaptResult, adapt, blobs, type Dataset, type TrainEvent } from "dann";
import { beforeAll, describe, expect, test } from "vitest";
import { openBackend } from "#runtime";
import { encodeRows } from "../src/data/encode.ts";
import { fitPreprocess } from "../src/data/preprocess.ts";
import { selectDataset } from "../src/data/select.ts";
import { methodConfig } from "../src/methods/config.ts";
import type { MethodOptions } from "../src/methods/registry.ts";
import type { Backend } from "../src/runtime/backend.ts";
import { trainConfig } from "../src/train/config.ts";
import { fit as startFit } from "../src/train/fit.ts";
import type { TrainJob } from "../src/train/job.ts";
import { createPredictor } from "../src/train/predictor.ts";

interface Case {
  readonly title: string;
  readonly classes: number;
  /** The first of them are frequent in the target. */
  readonly frequent: number;
  /** Whether a row of this class is in the target. */
  readonly kept: (label: number, row: number) => boolean;
  readonly classWeights: NonNullable<MethodOptions["classWeights"]>;
  readonly spread: number;
}

/** 600 rows of blobs in eight dimensions; the target's are moved. */
const cases: readonly Case[] = [
  {
    title: "three classes, thirds of the source, shares of 9 : 1 : 1 in the target",
    ...{ classes: 3, frequent: 1, spread: 3, classWeights: "label-shift" },
    kept: (label, row) => label === 0 || row % 9 === 0,
  },
  {
    title: "six classes, three of them in the target",
    ...{ classes: 6, frequent: 3, spread: 3.5, classWeights: "partial" },
    kept: (label) => label < 3,
  },
];

type EpochOf = Extract<AdaptEvent, { readonly type: "epoch" }>;

const seeds = [0, 1, 2, 3, 4];
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const classesOf = ({ labels = [] }: Dataset): Int32Array => Int32Array.from(labels, Number);

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend("auto");
});

interface Outcome {
  /** On the target, after the last step. */
  readonly accuracy: number;
  /** Class weights in the end. */
  readonly weights: readonly number[];
}

async function train(one: Case, seed: number, method: { readonly name: string } & MethodOptions): Promise<Outcome> {
  const { classes, spread } = one;
  const { source, target: all } = blobs({ rows: 600, classes, width: 8, spread, shift: 2, seed });
  const target = selectDataset(
    all,
    [...classesOf(all).keys()].filter((row) => one.kept(classesOf(all)[row] ?? 0, row)),
  );
  const preprocess = fitPreprocess(source.rows, target.rows, { standardise: "source" });
  const encoded = encodeRows(target.rows, preprocess);
  const job: TrainJob = {
    network: { name: "mlp", options: { hidden: [32, 32], domainHidden: [32] } },
    ...{ method: methodConfig.parse(method), classes, preprocess, target: encoded },
    source: encodeRows(source.rows, preprocess),
    labels: classesOf(source),
    config: trainConfig.parse({
      steps: 600,
      optimizer: { name: "adam" },
      rate: { name: "cosine", from: 1e-3 },
      lambda: { name: "paper" },
      ...{ seed, logEvery: 600, checkpointEvery: 600 },
    }),
  };
  const training = startFit(job, { backend });
  const events: TrainEvent[] = [];
  for await (const event of training) events.push(event);
  const { state, network, apart } = await training.result;
  const predictor = createPredictor({ network, preprocess, classes, apart, backend, threads: 1 });
  const { logits } = await predictor.predict(state, encoded, "target");
  await predictor.dispose();
  const right = [...classesOf(target)].filter((label, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own)) === label;
  });
  const told = events.flatMap((event) => (event.type === "class-weights" ? [event.weights] : []));
  return { accuracy: right.length / target.rows.rows, weights: told.at(-1) ?? [] };
}

describe.each(cases)("$title", (one) => {
  const found: Record<string, Outcome[]> = {};
  beforeAll(async () => {
    for (const seed of seeds)
      for (const [row, method] of Object.entries({
        "source-only": { name: "source-only" },
        dann: { name: "dann" },
        weighted: { name: "dann", classWeights: one.classWeights },
      }))
        found[row] = [...(found[row] ?? []), await train(one, seed, method)];
  }, 240_000);
  const accuracies = (row: string): number[] => (found[row] ?? []).map(({ accuracy }) => accuracy);
  const seen = (): string =>
    Object.keys(found)
      .map((row) => `${row} ${accuracies(row).map((value) => value.toFixed(3))}`)
      .join("; ");

  test("plain DANN loses against source-only", () =>
    expect(mean(accuracies("dann")), seen()).toBeLessThan(mean(accuracies("source-only")) - 0.04));
  test("with class weights it does not", () =>
    expect(mean(accuracies("weighted")), seen()).toBeGreaterThan(mean(accuracies("source-only"))));
  test("and is better than without on every seed", () => {
    const plain = accuracies("dann");
    for (const [i, accuracy] of accuracies("weighted").entries())
      expect(accuracy, seen()).toBeGreaterThan(plain[i] ?? 1);
  });
  test("classes that are frequent in the target weigh more than one, the others less", () => {
    for (const { weights } of found.weighted ?? []) {
      expect(mean(weights.slice(0, one.frequent)), String(weights)).toBeGreaterThan(1.2);
      expect(mean(weights.slice(one.frequent)), String(weights)).toBeLessThan(0.8);
    }
  });
});

describe("the verdict on label-shift weights, shares of 9 : 1 : 1 in the target", () => {
  const judged = async (seed: number) => {
    const { source, target: all } = blobs({ rows: 600, classes: 3, width: 8, spread: 3, shift: 2, seed });
    const rows = [...classesOf(all)].flatMap((label, row) => (label === 0 || row % 9 === 0 ? [row] : []));
    const run = await adapt({
      ...{ source, target: selectDataset(all, rows), preset: "paper", thread: "same" },
      method: { name: "dann", classWeights: "label-shift" },
      network: { name: "mlp", options: { hidden: [32, 32], domainHidden: [32], batchNorm: "none" } },
      train: { steps: 600, seed, optimizer: { name: "adam" }, rate: { name: "cosine", from: 1e-3 } },
      evaluate: { targetTrained: false, adabn: false },
    });
    const epochs: EpochOf[] = [];
    for await (const event of run.events()) if (event.type === "epoch") epochs.push(event);
    return { result: await run.done, epochs };
  };
  const onTarget = ({ models }: AdaptResult): (number | undefined)[] =>
    ["source-only", "dann"].map(
      (name) => models.findLast((row) => row.name === name && row.selectable)?.metrics.target?.accuracy,
    );

  // Of source-only's .784 they make .913; on the source as it is .917 become .900.
  test("a gain that is paid for with classes that are rare in the target is help", async () => {
    const { result, epochs } = await judged(4);
    const [before = 1, after = 0] = onTarget(result);
    expect(after).toBeGreaterThan(before + 0.05);
    expect(result.verdict.code, result.verdict.text).toBe("helped");
    expect(result.verdict.text).toContain("for the shares of the classes that source-only finds in the target");
    expect(result.models[result.chosen]?.name).toBe("dann");

    // `auto` keeps the source accuracy at the target's shares: the plain one falls, as it must.
    const of = (model: string) => epochs.filter((one) => one.model === model).map(({ scores }) => scores);
    expect(of("source-only").filter((scores) => "sourceAtTargetShares" in scores)).toEqual([]);
    for (const { source = 0, sourceAtTargetShares = 0 } of of("dann").slice(-3))
      expect(sourceAtTargetShares).toBeGreaterThan(source + 0.02);
  }, 60_000);

  test("a true loss is still one, and source-only is kept", async () => {
    const { result } = await judged(3);
    const [before = 0, after = 1] = onTarget(result);
    expect(after).toBeLessThan(before - 0.05);
    expect(result.verdict.code, result.verdict.text).toBe("negative-transfer");
    expect(result.models[result.chosen]?.name).toBe("source-only");
  }, 60_000);
});
