/** What the suites make of their data. The real sets are no part of the repository: without them those tests are skipped. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { AdaptData } from "../../adapt/prepare.ts";
import type { Dataset } from "../../data/dataset.ts";
import { withoutLabels } from "../../data/labels.ts";
import { dataSets } from "../data-sets.ts";
import { findTask } from "../suites.ts";
import { digitsSuite } from "./digits.ts";
import { apartParts, optdigitsAsGrey, pooledParts } from "./digits-pooled.ts";
import { stretched } from "./drift.ts";
import { testTracks } from "./signs.ts";

test("a signal is stretched to a length, its ends stay in place", () => {
  expect(stretched([0, 1, 4], 5)).toEqual([0, 0.5, 1, 2.5, 4]);
  expect(stretched([3, 1], 2)).toEqual([3, 1]);
});

test("two sources as one, or each by itself: resized, of one range of grey, rows in order", () => {
  const images = (values: number[], size: number, labels: string[]): Dataset => ({
    origin: `images of ${size}x${size}`,
    rows: {
      kind: "image",
      rows: labels.length,
      height: size,
      width: size,
      channels: 1,
      pixels: Uint8Array.from(values),
    },
    labels,
  });
  const small = optdigitsAsGrey(images([16, 4], 1, ["3", "7"]));
  const large = images([1, 2, 3, 4], 2, ["5"]);
  const { train } = pooledParts({ train: small, test: small }, { train: large, test: large }, { height: 2, width: 2 });
  expect(train.labels).toEqual(["3", "7", "5"]);
  expect(train.rows).toMatchObject({ kind: "image", rows: 3, height: 2, width: 2 });
  expect(train.rows.kind === "image" && [...train.rows.pixels]).toEqual([
    255, 255, 255, 255, 64, 64, 64, 64, 1, 2, 3, 4,
  ]);
  expect(train).not.toHaveProperty("sources");
  const apart = apartParts({ train: small, test: small }, { train: large, test: large }, { height: 2, width: 2 });
  const { sources, ...rest } = apart.train;
  expect(rest).toEqual(train);
  expect(sources).toEqual({ names: ["images of 1x1", "images of 2x2"], of: Int32Array.of(0, 0, 1) });
  expect(apart.test).not.toHaveProperty("sources");
});

test("a third of the tracks of each class, whole, at least one and never all, the same every time", () => {
  const tracks = ["a", "a", "b", "b", "c", "c", "d", "e", "f", "f"];
  const classes = ["0", "0", "0", "0", "0", "0", "1", "1", "2", "2"];
  const chosen = testTracks(classes, tracks);
  const of = (name: string): number =>
    new Set(tracks.filter((track, i) => classes[i] === name && chosen.has(track))).size;
  expect([of("0"), of("1"), of("2")]).toEqual([1, 1, 0]);
  expect(testTracks(classes, tracks)).toEqual(chosen);
});

const folder = process.env.DANN_DATA ?? resolve(import.meta.dirname, "../../../../shared/data");
const present = existsSync(join(folder, "README.md"));
const load = async (suite: string, task: string): Promise<AdaptData> =>
  (await findTask(suite, task)).load(dataSets({ cache: false, data: folder }), 0);
const shape = ({ source, sourceTest, target, targetTest }: AdaptData): (number | undefined)[] =>
  [source, sourceTest, target, targetTest].map((part) => part?.rows.rows);

describe.skipIf(!present)(`real data (${present ? folder : `skipped: no folder ${folder}`})`, () => {
  test.each([
    ["digits", "usps-mnist", [7291, 2007, 60_000, 10_000]],
    ["digits", "optdigits-mnist-usps-apart", [63_823, 11_797, 7291, 2007]],
    ["digits", "optdigits-mnist-usps", [63_823, 11_797, 7291, 2007]],
    ["office-caltech", "surf-caltech10-amazon", [1123, undefined, 958, undefined]],
    ["office-caltech", "googlenet-dslr-webcam", [157, undefined, 295, undefined]],
    ["office-caltech", "images-webcam-dslr", [295, undefined, 157, undefined]],
    ["amazon", "books-kitchen", [2000, undefined, 2000, 5945]],
    ["drift", "gas-9", [445, undefined, 470, undefined]],
    ["drift", "indoor-movement", [210, undefined, 104, undefined]],
  ])("%s %s", async (suite, task, rows) => expect(shape(await load(suite, task))).toEqual(rows));

  test("signs: two frames a track on either side, a third of the tracks held out", async () => {
    const [source = 0, sourceTest = 0, target, targetTest] = shape(await load("signs", "gtsrb-far-near"));
    expect(source + sourceTest).toBe(2 * 888);
    expect([target, targetTest]).toEqual([source, sourceTest]);
    expect(sourceTest / (2 * 888)).toBeCloseTo(1 / 3, 1);
  });

  test("SURF rows are shares of their sum", async () => {
    const { rows } = (await load("office-caltech", "surf-dslr-webcam")).source;
    if (rows.kind !== "dense") return expect.unreachable();
    for (let row = 0; row < rows.rows; row++)
      expect(rows.values.subarray(row * 800, (row + 1) * 800).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  test("the nearest neighbour of the suite is the published one", async () => {
    const task = await findTask("office-caltech", "surf-caltech10-amazon");
    const { source, target } = await load("office-caltech", task.name);
    const rows = { source, target: withoutLabels(target), scored: withoutLabels(target) };
    const work = { cache: undefined, sets: dataSets({ cache: false }), progress: async () => {} };
    const predicted = await task.baselines?.find(({ name }) => name === "1-nn")?.predict(rows, 0, work);
    const right = predicted?.labels.filter((label, row) => label === target.labels?.[row]).length ?? 0;
    expect(((100 * right) / target.rows.rows).toFixed(2)).toBe("23.70");
  });

  test("gas: the concentration is no feature", async () => {
    const { rows } = (await load("drift", "gas-2")).source;
    expect(rows.kind === "table" && rows.columns.map(({ name }) => name).slice(0, 2)).toEqual(["c2", "c3"]);
    expect(rows.kind === "table" && rows.columns.length).toBe(128);
  });
});

test("digits: virtual adversarial training on the target has the paper's weight, beside what a pair's own recipe says", () => {
  const methodOf = (task: string) => digitsSuite.tasks.find(({ name }) => name === task)?.config.method;
  expect(methodOf("mnist-mnistm")).toEqual({ vatTargetWeight: 0.01 });
  expect(methodOf("usps-mnist")).toEqual({ vatTargetWeight: 0.01, domainLabelSmoothing: 0.3 });
});
