/**
 * Every file of the shared real data sets loads, and has the rows and classes that its README counts. The data are no
 * part of the repository: without them (`../shared/data`, or the folder DANN_DATA names) these tests are skipped.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { checkData } from "./checks.ts";
import type { ReadOptions } from "./config.ts";
import type { Dataset } from "./dataset.ts";
import { inspect } from "./inspect.ts";
import { fitPreprocess } from "./preprocess.ts";
import { likeFirst, readDataset } from "./read.ts";

const folder = process.env.DANN_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
const present = existsSync(join(folder, "README.md"));
const read = (path: string, options: ReadOptions = {}): Promise<Dataset> =>
  readDataset(join(folder, path), {
    ...options,
    ...(options.labels?.endsWith(".gz") ? { labels: join(folder, options.labels) } : {}),
  });
const counts = (text: string): number[] => text.split(" ").map(Number);
const perClass = (dataset: Dataset): number[] | undefined => inspect(dataset).classes?.map(({ rows }) => rows);

/** File, options, what the rows are, rows per class in class order (or their number). */
type Case = readonly [path: string, options: ReadOptions, rows: object, classes: number[] | number];

const array = (path: string, labels: string, rows: object, classes: number[] | number): Case => [
  `${path}.gz`,
  { labels: `${labels}labels-idx1-ubyte.gz` },
  rows,
  classes,
];
const image = (n: number, height: number, channels: 1 | 3): object => ({
  kind: "image",
  rows: n,
  height,
  width: height,
  channels,
});

const domains = [
  ["amazon", 958, "92 82 94 99 100 100 99 100 94 98"],
  ["caltech10", 1123, "151 110 100 138 85 128 133 94 87 97"],
  ["dslr", 157, "12 21 12 13 10 24 22 12 8 23"],
  ["webcam", 295, "29 21 31 27 27 30 43 30 27 30"],
] as const;

const cases: readonly Case[] = [
  array(
    "mnist/train-images-idx3-ubyte",
    "mnist/train-",
    image(60_000, 28, 1),
    counts("5923 6742 5958 6131 5842 5421 5918 6265 5851 5949"),
  ),
  array(
    "mnist/t10k-images-idx3-ubyte",
    "mnist/t10k-",
    image(10_000, 28, 1),
    counts("980 1135 1032 1010 982 892 958 1028 974 1009"),
  ),
  array(
    "usps/train-images-idx3-ubyte",
    "usps/train-",
    image(7291, 16, 1),
    counts("1194 1005 731 658 652 556 664 645 542 644"),
  ),
  array(
    "usps/test-images-idx3-ubyte",
    "usps/test-",
    image(2007, 16, 1),
    counts("359 264 198 166 200 160 170 147 166 177"),
  ),
  array("usps/test-images-idx3-int16", "usps/test-", { kind: "signal", rows: 2007, channels: 16, length: 16 }, 10),
  array("usps/train-images-idx3-int16", "usps/train-", { kind: "signal", rows: 7291, channels: 16, length: 16 }, 10),
  array(
    "optdigits/train-images-idx3-ubyte",
    "optdigits/train-",
    image(3823, 8, 1),
    counts("376 389 380 389 387 376 377 387 380 382"),
  ),
  array(
    "optdigits/test-images-idx3-ubyte",
    "optdigits/test-",
    image(1797, 8, 1),
    counts("178 182 177 183 181 182 181 179 174 180"),
  ),
  array("gtsrb/images-idx4-ubyte", "gtsrb/", image(5328, 32, 3), 43),
  ...domains.map(([name, n, classes]) =>
    array(
      `office-caltech10/images32/${name}-images-idx4-ubyte`,
      `office-caltech10/images32/${name}-`,
      image(n, 32, 3),
      counts(classes),
    ),
  ),
  ...domains.map(([name, n, classes]) =>
    array(
      `office-caltech10/surf/${name}-features-idx2-ubyte`,
      `office-caltech10/surf/${name}-`,
      { kind: "dense", rows: n, width: 800 },
      counts(classes),
    ),
  ),
  ...domains
    .filter(([name]) => name !== "caltech10")
    .map(([name, n, classes]) =>
      array(
        `office-caltech10/googlenet1024/${name}-features-idx2-float32`,
        `office-caltech10/googlenet1024/${name}-`,
        { kind: "dense", rows: n, width: 1024 },
        counts(classes),
      ),
    ),
  ["bsds500/train-patches-idx4-ubyte.gz", {}, image(4000, 28, 3), 0],
  ["bsds500/val-patches-idx4-ubyte.gz", {}, image(1000, 28, 3), 0],
  ["bsds500/train-patches-index.csv.gz", { id: "i" }, { kind: "table", rows: 4000 }, 0],
  ["gtsrb/index.csv.gz", { id: "i", labels: "label", group: "track" }, { kind: "table", rows: 5328 }, 43],
  ...(["books", "dvd", "electronics", "kitchen"] as const).map(
    (name): Case => [
      `amazon-reviews/${name}_train.svmlight.gz`,
      { width: 5000 },
      { kind: "sparse", rows: 2000, indexBase: 0 },
      [1000, 1000],
    ],
  ),
  ["amazon-reviews/books_test.svmlight.gz", {}, { rows: 4465 }, [2201, 2264]],
  ["amazon-reviews/dvd_test.svmlight.gz", {}, { rows: 3586 }, [1779, 1807]],
  ["amazon-reviews/electronics_test.svmlight.gz", {}, { rows: 5681 }, [2824, 2857]],
  ["amazon-reviews/kitchen_test.svmlight.gz", {}, { rows: 5945 }, [2991, 2954]],
  ...counts("1 2 3 4 5 6 8 9").map(
    (batch, i): Case => [
      `gas-sensor-drift/batch${batch}.dat.gz`,
      { labels: "0", drop: ["c1"] },
      { kind: "table", rows: counts("445 1244 1586 161 197 2300 294 470")[i] },
      batch >= 3 && batch <= 5 ? 5 : 6,
    ],
  ),
  [
    "indoor-movement/indoor-movement.csv.gz",
    { labels: "label", group: "sequence" },
    { kind: "table", rows: 13_197 },
    2,
  ],
  ["adult/adult-train.csv.gz", { labels: "-1" }, { kind: "table", rows: 32_561 }, [24_720, 7841]],
  ["adult/adult-test.csv.gz", { labels: "-1" }, { kind: "table", rows: 16_281 }, [12_435, 3846]],
  ...(
    [
      ["tra", 2999],
      ["hol", 824],
      ["tes", 1797],
    ] as const
  ).map(
    ([name, rows]): Case => [
      `optdigits/optdigits.${name}.gz`,
      { format: "csv", labels: "-1", comment: "#" },
      { kind: "table", rows },
      10,
    ],
  ),
];

describe.skipIf(!present)(`the shared data sets (${present ? folder : `skipped: no folder ${folder}`})`, () => {
  it.each(cases)("%s %j", async (path, options, rows, classes) => {
    const dataset = await read(path, options);
    expect(dataset.rows).toMatchObject(rows);
    if (typeof classes === "number") expect(inspect(dataset).classes?.length ?? 0).toBe(classes);
    else expect(perClass(dataset)).toEqual(classes);
  });

  it("understands the missing cells and columns of Adult", async () => {
    const { columns } = inspect(await read("adult/adult-train.csv.gz", { labels: "-1" }));
    expect(columns?.filter(({ missing }) => missing > 0).map(({ name, missing }) => [name, missing])).toEqual([
      ["c1", 1836],
      ["c6", 1843],
      ["c13", 583],
    ]);
    expect(columns?.map(({ kind }) => (kind === "number" ? "n" : "c")).join("")).toBe("ncncncccccnnnc");
  });

  it("finds a real pair sound, and the labels of Adult's two files spelled differently", async () => {
    const source = await read("gas-sensor-drift/batch1.dat.gz", { labels: "0" });
    const target = await read("gas-sensor-drift/batch2.dat.gz", likeFirst(source, { drop: ["c0"] }));
    expect(checkData({ source, target }).filter(({ level }) => level === "error")).toEqual([]);
    const adult = {
      source: await read("adult/adult-train.csv.gz", { labels: "-1" }),
      target: await read("adult/adult-test.csv.gz", { labels: "-1" }),
    };
    expect(checkData(adult).map(({ code }) => code)).toContain("label-sets-differ");
  });

  it("tells MNIST's channel mean as the reference runs have it", async () => {
    const { rows } = await read("mnist/train-images-idx3-ubyte.gz");
    const spec = fitPreprocess(rows, undefined);
    expect(spec.kind === "image" && (spec.source[0] ?? 0) / 255).toBeCloseTo(0.1307, 4);
  });
});
