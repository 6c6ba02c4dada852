/** Linear baselines on small tasks of each kind of rows, and the suites that have them. */
import { expect, test } from "vitest";
import type { Dataset, DenseRows } from "../../data/dataset.ts";
import { withoutLabels } from "../../data/labels.ts";
import { random } from "../../random.ts";
import { dataSets } from "../data-sets.ts";
import type { BaselineData, Task } from "../suite.ts";
import { alignedNeighbours } from "./aligned-neighbours.ts";
import { amazonSuite } from "./amazon.ts";
import { driftSuite } from "./drift.ts";
import { linearBySource, linearOfWords, linearPerDomain } from "./linear-baselines.ts";
import { moonsSuite } from "./moons.ts";
import { officeCaltechSuite } from "./office-caltech.ts";

const work = { cache: undefined, sets: dataSets({ cache: false }), progress: async () => {} };
const names = ["logistic-regression", "linear-svm", "iw-logistic-regression"];

/** Two clouds, moved by `shift` in both columns. */
function place(count: number, shift: number, seed: number): Dataset & { readonly rows: DenseRows } {
  const chance = random(seed);
  const labels = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? "ill" : "well"));
  const values = Float32Array.from(
    labels.flatMap((label) => [chance.normal() + (label === "ill" ? 4 : 0) + shift, 100 * chance.normal() + shift]),
  );
  return { origin: "made", rows: { kind: "dense", rows: count, width: 2, values }, labels };
}

const table = ({ rows, ...rest }: ReturnType<typeof place>): Dataset => ({
  ...rest,
  rows: {
    ...{ kind: "table", rows: rows.rows },
    columns: ["a", "b"].map((name, j) => ({
      ...{ kind: "number" as const, name },
      values: Float64Array.from({ length: rows.rows }, (_, i) => rows.values[2 * i + j] ?? 0),
    })),
  },
});

const counts = (dataset: ReturnType<typeof place>): Dataset => ({
  ...dataset,
  rows: {
    ...{ kind: "sparse", rows: dataset.rows.rows, width: 2, indexBase: 0 },
    offsets: Uint32Array.from({ length: dataset.rows.rows + 1 }, (_, i) => 2 * i),
    indices: Uint32Array.from({ length: 2 * dataset.rows.rows }, (_, i) => i % 2),
    values: Float32Array.from(dataset.labels ?? [], (label) => (label === "ill" ? 3 : 0)).reduce(
      (all, value, i) => all.fill(value + 1, 2 * i, 2 * i + 1).fill(2, 2 * i + 1, 2 * i + 2),
      new Float32Array(2 * dataset.rows.rows),
    ),
  },
});

const [source, target, scored] = [place(90, 0, 1), place(60, 0.5, 2), place(45, 0.5, 3)];

test.each([
  ["dense rows by domain", linearPerDomain, (dataset: ReturnType<typeof place>): Dataset => dataset],
  ["dense rows by the source", linearBySource, (dataset: ReturnType<typeof place>): Dataset => dataset],
  ["a table of numbers", linearBySource, table],
  ["counts of words", linearOfWords, counts],
])("%s are classified without labels of the target", async (_, baselines, form) => {
  const data: BaselineData = {
    source: form(source),
    target: withoutLabels(form(target)),
    scored: withoutLabels(form(scored)),
  };
  expect(baselines.map(({ name }) => name)).toEqual(names);
  for (const { name, predict, settings } of baselines) {
    const { labels, chosen } = await predict(data, 0, work);
    const right = labels.filter((label, row) => label === scored.labels?.[row]).length / 45;
    expect(right, name).toBeGreaterThan(0.85);
    expect(settings).toMatchObject({ mostRows: 5000 });
    expect(settings.costs, name).toContain(chosen?.setting.C);
    expect(chosen, name).toMatchObject({ by: "source-hold-out", tried: (settings.costs as unknown[]).length });
    expect("domainC" in (chosen?.setting ?? {}), name).toBe(name === "iw-logistic-regression");
  }
});

test("neighbours after an alignment answer alike on rows of features and on a table of the same numbers", async () => {
  const form = (as: (dataset: ReturnType<typeof place>) => Dataset): BaselineData => ({
    source: as(source),
    target: withoutLabels(as(target)),
    scored: withoutLabels(as(scored)),
  });
  for (const { name, predict } of alignedNeighbours) {
    const { labels } = await predict(
      form((dataset) => dataset),
      0,
      work,
    );
    expect((await predict(form(table), 0, work)).labels, name).toEqual(labels);
    expect(new Set(labels), name).toEqual(new Set(["ill", "well"]));
  }
});

test("columns with gaps are refused", async () => {
  const gaps = table(source);
  if (gaps.rows.kind !== "table" || gaps.rows.columns[0]?.kind !== "number") return expect.unreachable();
  gaps.rows.columns[0].values[3] = Number.NaN;
  const data = { source: gaps, target: withoutLabels(table(target)), scored: withoutLabels(table(scored)) };
  await expect(linearBySource[0]?.predict(data, 0, work)).rejects.toThrow(/column "a": expected numbers without gaps/);
});

test("they are rows of the suites of feature data", () => {
  const has = ({ baselines = [] }: Task): boolean => names.every((name) => baselines.some((one) => one.name === name));
  const linear = [officeCaltechSuite, driftSuite, amazonSuite].flatMap(({ tasks }) => tasks.filter(has));
  const count = (start: string): number => linear.filter(({ name }) => name.startsWith(start)).length;
  expect([count("surf-"), count("googlenet-"), count("images-"), count("gas-")]).toEqual([12, 6, 0, 7]);
  expect(linear.some(({ name }) => name === "indoor-movement")).toBe(false);
  expect(amazonSuite.tasks.every(has)).toBe(true);
  // Points that are drawn anew for every seed are classified for every seed.
  const aligned = alignedNeighbours.map(({ name }) => name);
  for (const { name, baselines = [] } of [...moonsSuite.tasks, ...driftSuite.tasks.slice(0, 7)])
    expect(
      baselines.map((one) => one.name),
      name,
    ).toEqual([...names, ...aligned]);
  expect(moonsSuite.tasks.flatMap(({ baselines = [] }) => baselines).every(({ seeds }) => seeds === "each")).toBe(true);
});
