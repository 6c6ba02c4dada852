/** The baselines of suite amazon and the measurements of suite pad on a task of a few words. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Dataset } from "../../data/dataset.ts";
import { withoutLabels } from "../../data/labels.ts";
import { random } from "../../random.ts";
import { dataSets } from "../data-sets.ts";
import type { BaselineData } from "../suite.ts";
import { padSuite } from "./pad.ts";
import { onAllRows, shallowBaselines } from "./shallow-baselines.ts";
import { denoised, denoisedOn } from "./shallow-features.ts";

const words = 8;

/** Counts of words: the first ones are of good reviews, the last ones of the target. */
function reviews(rows: number, shift: number, seed: number): Dataset {
  const chance = random(seed);
  const labels = Array.from({ length: rows }, () => (chance.uniform() < 0.5 ? "bad" : "good"));
  const values = labels.flatMap((label) =>
    Array.from({ length: words }, (_, word) =>
      Math.floor(2 * chance.uniform() + (word < 3 && label === "good" ? 1 : 0) + (word > 6 ? shift : 0)),
    ),
  );
  return {
    origin: "made",
    rows: {
      ...{ kind: "sparse", rows, width: words, indexBase: 0 },
      offsets: Uint32Array.from({ length: rows + 1 }, (_, i) => words * i),
      indices: Uint32Array.from({ length: rows * words }, (_, i) => i % words),
      values: Float32Array.from(values),
    },
    labels,
  };
}

const [source, target, scored] = [reviews(60, 0, 1), reviews(50, 1, 2), reviews(40, 1, 3)];
const data: BaselineData = { source, target: withoutLabels(target), scored: withoutLabels(scored) };

/**
 * Rates are made for 5,000 words and thousands of rows: here networks after mSDA hardly move.
 */
const least: Readonly<Record<string, number>> = { "nn-msda": 0.3, "dann-msda": 0.3 };

test("every baseline classifies without labels of the target, tells its setting, and shares what is kept", async () => {
  const cache = await mkdtemp(join(tmpdir(), "dann-shallow-"));
  onTestFinished(() => rm(cache, { recursive: true }));
  expect(shallowBaselines.map(({ title }) => title)).toEqual([
    ...["NN, counts", "DANN, counts", "SVM, counts", "NN, mSDA", "DANN, mSDA", "SVM, mSDA"],
  ]);
  for (const { name, predict, settings } of shallowBaselines) {
    const shares: number[] = [];
    const work = {
      cache,
      sets: dataSets({ cache: false }),
      progress: async (share: number) => void shares.push(share),
    };
    const { labels, chosen } = await predict(data, 0, work);
    expect(labels.length, name).toBe(40);
    const right = labels.filter((label, row) => label === scored.labels?.[row]).length / 40;
    expect(right, name).toBeGreaterThan(least[name] ?? 0.8);
    expect(chosen?.tried, name).toBe((settings.tried as unknown as unknown[]).length);
    expect(settings.tried, name).toContainEqual(chosen?.setting);
    expect(chosen?.risk, name).toBeGreaterThanOrEqual(0);
    expect(shares.at(-1), name).toBe(1);
    // Without the cache, too; the linear one does not keep us waiting.
    if (name === "svm-msda")
      expect((await predict(data, 0, { ...work, cache: undefined })).labels, name).toEqual(labels);
  }
  // Five layers, three sets of rows and the products of the pair, made once for three baselines.
  expect((await readdir(join(cache, "msda"))).length).toBe(5 + 3 + 1);
}, 300_000);

test("layers are fitted on all rows that are named, once, and are others than the pair's", async () => {
  const cache = await mkdtemp(join(tmpdir(), "dann-shallow-"));
  onTestFinished(() => rm(cache, { recursive: true }));
  const work = { cache, sets: dataSets({ cache: false }), progress: async () => {} };
  let asked = 0;
  const rows = async () => {
    asked++;
    return [source, target, scored, reviews(70, 1, 4)];
  };
  for (const { name, predict, settings } of onAllRows(rows)) {
    const { labels } = await predict(data, 0, work);
    const right = labels.filter((label, row) => label === scored.labels?.[row]).length / 40;
    expect(right, name).toBeGreaterThan(name === "svm-msda-all" ? 0.8 : 0.3);
    expect(settings.features, name).toContain("of all domains");
  }
  expect(asked).toBe(2);
  // Five layers and the products of the pair, made once for both.
  expect((await readdir(join(cache, "msda"))).length).toBe(5 + 1);
  const seenBy = (features: typeof denoised) =>
    features(data, [], work, async ({ pair }) =>
      pair.source.rows.kind === "dense" ? pair.source.rows.values : undefined,
    );
  const [own, wider, same] = [
    await seenBy(denoised),
    await seenBy(denoisedOn(rows)),
    await seenBy(denoisedOn(async () => [target, source])),
  ];
  expect(wider).not.toEqual(own);
  expect(same).toEqual(own);
}, 300_000);

test("distances of rows and of hidden features are between 0 and 2", async () => {
  const { measurements = [] } = padSuite.tasks[0] ?? {};
  const work = { cache: undefined, sets: dataSets({ cache: false }), progress: async () => {} };
  const found = new Map<string, number>();
  for (const { name, measure } of measurements) found.set(name, await measure(data, 0, work));
  expect([...found.keys()]).toEqual(["counts", "nn-counts", "dann-counts", "msda", "nn-msda", "dann-msda"]);
  for (const [name, value] of found) {
    expect(value, name).toBeGreaterThanOrEqual(0);
    expect(value, name).toBeLessThanOrEqual(2);
  }
  // The domains differ by one word, which the support vector machine finds.
  expect(found.get("counts")).toBeGreaterThan(0.5);
}, 300_000);
