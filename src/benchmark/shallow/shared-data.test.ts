/**
 * Published and independently measured accuracies on the shared real data, through our loaders. The data are no part of
 * the repository: without them (`../shared/data`, or the folder DANN_DATA names) these tests are skipped.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { DenseRows } from "../../data/dataset.ts";
import { fitFeatures, transformRows } from "../../data/preprocess/features.ts";
import { readDataset } from "../../data/read.ts";
import { accuracy } from "../../evaluate/metrics.ts";
import type { FeatureRows, LabelledRows } from "./feature-rows.ts";
import { holdOutLast } from "./hold-out.ts";
import { type LinearLoss, linearClassifier, predictLinear } from "./linear.ts";
import { nearestNeighbour, rowShares, zScored } from "./nearest-neighbour.ts";
import { linearProxyDistance } from "./proxy-distance.ts";
import { shallowDann } from "./shallow-dann.ts";
import { predictShallow, shallowFeatures } from "./shallow-model.ts";

const folder = process.env.DANN_DATA ?? resolve(import.meta.dirname, "../../../../shared/data");
const present = existsSync(join(folder, "README.md"));
const title = present ? folder : `skipped: no folder ${folder}`;

describe.skipIf(!present)(`Office-Caltech-10, one nearest neighbour (${title})`, () => {
  const features = async (kind: string, type: string, name: string): Promise<{ rows: DenseRows; labels: number[] }> => {
    const at = join(folder, "office-caltech10", kind, name);
    const { rows, labels = [] } = await readDataset(`${at}-features-idx2-${type}.gz`, {
      labels: `${at}-labels-idx1-ubyte.gz`,
    });
    if (rows.kind !== "dense") throw new Error("expected dense rows");
    return { rows, labels: labels.map(Number) };
  };
  const percent = async (
    kind: string,
    type: string,
    from: string,
    to: string,
    prepare: (rows: DenseRows) => DenseRows,
  ): Promise<number> => {
    const [source, target] = [await features(kind, type, from), await features(kind, type, to)];
    const predicted = nearestNeighbour(prepare(source.rows), source.labels, prepare(target.rows));
    return 100 * accuracy(target.labels, predicted);
  };

  // Long et al., Transfer Feature Learning with Joint Distribution Adaptation, ICCV 2013.
  it.each([
    ["caltech10", "amazon", "23.70"],
    ["caltech10", "webcam", "25.76"],
    ["caltech10", "dslr", "25.48"],
    ["amazon", "caltech10", "26.00"],
    ["amazon", "webcam", "29.83"],
    ["amazon", "dslr", "25.48"],
    ["webcam", "caltech10", "19.86"],
    ["webcam", "amazon", "22.96"],
    ["webcam", "dslr", "59.24"],
    ["dslr", "caltech10", "26.27"],
    ["dslr", "amazon", "28.50"],
    ["dslr", "webcam", "63.39"],
  ])("SURF %s -> %s: the published %s", async (from, to, published) => {
    const found = await percent("surf", "ubyte", from, to, (rows) => zScored(rowShares(rows)));
    expect(found.toFixed(2)).toBe(published);
  });

  it.each([
    ["amazon", "webcam", "80.3"],
    ["amazon", "dslr", "89.8"],
    ["webcam", "amazon", "87.1"],
    ["webcam", "dslr", "99.4"],
    ["dslr", "amazon", "81.7"],
    ["dslr", "webcam", "98.3"],
  ])("GoogleNet %s -> %s: %s", async (from, to, known) => {
    expect((await percent("googlenet1024", "float32", from, to, zScored)).toFixed(1)).toBe(known);
  });
});

describe.skipIf(!present)(`Amazon reviews (${title})`, () => {
  const domains = ["books", "dvd", "electronics", "kitchen"] as const;
  type Name = (typeof domains)[number];
  const read = async (name: Name, split: "train" | "test"): Promise<LabelledRows> => {
    const path = join(folder, "amazon-reviews", `${name}_${split}.svmlight.gz`);
    const { rows, labels = [] } = await readDataset(path, { width: 5000 });
    return { rows: rows as FeatureRows, labels: labels.map((label) => (label === "1" ? 1 : 0)) };
  };
  /** Source and test rows; document frequencies are those of both domains' training rows. */
  const transformed = (
    counts: "none" | "tf-idf",
    source: LabelledRows,
    target: LabelledRows,
    test: LabelledRows,
  ): [LabelledRows, LabelledRows] => {
    const spec = fitFeatures(source.rows, target.rows, { counts, countScale: 1, standardise: "none" });
    const apply = ({ rows, labels }: LabelledRows): LabelledRows => ({ rows: transformRows(spec, rows), labels });
    return [apply(source), apply(test)];
  };
  const linearMean = async (loss: LinearLoss, counts: "none" | "tf-idf", cost: number): Promise<number> => {
    const data = await Promise.all(
      domains.map(async (name) => ({ name, train: await read(name, "train"), test: await read(name, "test") })),
    );
    const scores = data.flatMap((from) =>
      data
        .filter((to) => to !== from)
        .map((to) => {
          const [source, test] = transformed(counts, from.train, to.train, to.test);
          const model = linearClassifier(holdOutLast(source).train, 2, { loss, cost }, 0);
          return accuracy(test.labels, predictLinear(model, test.rows));
        }),
    );
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  };

  // The reference runs: LIBLINEAR by scikit-learn, 1,800 source rows, mean of the 12 pairs.
  it.each([
    ["logistic", "none", 0.1, 0.7651],
    ["logistic", "tf-idf", 3, 0.7814],
    // JMLR 17, table 1, by its own choice of C.
    ["hinge", "none", 6e-3, 0.7597],
  ] as const)("%s on %s with C = %d: near %d", async (loss, counts, cost, known) => {
    expect(Math.abs((await linearMean(loss, counts, cost)) - known)).toBeLessThan(0.005);
  });

  it("shallow DANN, books -> dvd: in the band of the reference runs, and less telling of the domain than the network without adversary", async () => {
    const [source, target, test] = [
      await read("books", "train"),
      await read("dvd", "train"),
      await read("dvd", "test"),
    ];
    const { train, held } = holdOutLast(source);
    const task = { source: train, target: target.rows, validation: held, classes: 2, seed: 0 };
    const { model: adversary } = await shallowDann(task, { hidden: 50, lambda: 0.316, rate: 1e-3, maxEpochs: 20 });
    const { model: without } = await shallowDann(task, {
      hidden: 50,
      lambda: 0,
      rate: 1e-3,
      maxEpochs: 20,
      domainRegressor: "none",
    });
    for (const model of [adversary, without]) {
      const score = accuracy(test.labels, predictShallow(model, test.rows));
      expect(score).toBeGreaterThan(0.765);
      expect(score).toBeLessThan(0.815);
    }
    const distance = (model: typeof adversary): number =>
      linearProxyDistance(shallowFeatures(model, source.rows), shallowFeatures(model, target.rows), {
        costs: [0.1, 1],
        maxPasses: 50,
      }).distance;
    expect(distance(adversary)).toBeLessThan(distance(without));
  }, 180_000);
});
