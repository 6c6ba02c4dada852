/** Each recommendation on data that are made for it, over several seeds; what the parts of a probe see and do not see. */
import { describe, expect, test } from "vitest";
import type { Column, Dataset, ImageRows, TableRows } from "../data/dataset.ts";
import { random } from "../random.ts";
import { referenceBackend } from "../runtime/reference.ts";
import { crossValidate, distanceOf, wilson } from "./cross-validation.ts";
import { tableFeatures } from "./features/table.ts";
import { gridOf } from "./grid.ts";
import { lookAt } from "./look.ts";
import { nearRows } from "./near.ts";
import { type ProbeRequest, probe } from "./probe.ts";
import { separators } from "./separators.ts";

/** Two measurements and a category; the target's first measurement is `shift` standard deviations away. */
function place(seed: number, name: string, shift: number, rows = 300): Dataset {
  const chance = random(seed).split(name);
  const column = (centre: number): Float64Array => Float64Array.from({ length: rows }, () => centre + chance.normal());
  return {
    origin: name,
    rows: {
      kind: "table",
      rows,
      columns: [
        { kind: "number", name: "age", values: column(shift) },
        { kind: "number", name: "pressure", values: column(0) },
        {
          kind: "category",
          name: "sex",
          codes: Int32Array.from({ length: rows }, () => chance.integer(2)),
          vocabulary: ["f", "m"],
        },
      ],
    },
  };
}

const withColumns = (dataset: Dataset, ...columns: Column[]): Dataset => ({
  ...dataset,
  rows: { ...(dataset.rows as TableRows), columns: [...(dataset.rows as TableRows).columns, ...columns] },
});

const running = (name: string, from: number, rows = 300): Column => ({
  kind: "number",
  name,
  values: Float64Array.from({ length: rows }, (_, row) => from + row),
});

const probed = async (source: Dataset, target: Dataset, seed: number, more: Partial<ProbeRequest> = {}) =>
  (
    await probe({
      ...{ source, target, seed, read: {}, preprocess: {}, tokens: undefined, cache: false, run: undefined },
      network: { kind: "named", name: "auto", options: {} },
      threads: 1,
      backend: async () => referenceBackend(),
      signal: new AbortController().signal,
      report: () => {},
      ...more,
    })
  ).document;

describe.each([0, 1, 2])("recommendations, seed %i", (seed) => {
  test("no difference: train source-only", async () => {
    const { recommendation, apart } = await probed(place(seed, "a", 0), place(seed, "b", 0), seed);
    expect(recommendation.code).toBe("source-only");
    expect(apart.chance).toBe(true);
    expect(apart.low).toBe(0);
    expect(recommendation.text).toMatch(/no more than chance/);
  });

  test("a moderate shift: adapt, by the column that moved", async () => {
    const { recommendation, apart, top } = await probed(place(seed, "a", 0), place(seed, "b", 1.2), seed);
    expect(recommendation.code).toBe("adapt");
    // A line is right on Phi(1.2 / 2) = .726 of the rows.
    expect(apart.low).toBeLessThan(4 * 0.726 - 2);
    expect(apart.high).toBeGreaterThan(4 * 0.726 - 2);
    expect(top[0]?.name).toBe("age");
    expect(top[0]?.weight).toBeGreaterThan(0);
    expect((top[0]?.target.mean ?? 0) - (top[0]?.source.mean ?? 0)).toBeCloseTo(1.2, 0);
  });

  test("hardly an overlap, in no column alone: adapt with care", async () => {
    // age - pressure moves by 6 of its deviations, each by itself by little: they go together.
    const moved = (name: string, by: number): Dataset => {
      const { rows } = place(seed, name, 0) as { rows: TableRows };
      const [age, pressure] = rows.columns as [Column & { kind: "number" }, Column & { kind: "number" }];
      const sum = age.values.map((value) => 3 * value);
      const columns: Column[] = [
        { ...age, values: sum },
        { ...pressure, values: sum.map((value, row) => value + by + 0.3 * (pressure.values[row] ?? 0)) },
      ];
      return { origin: name, rows: { ...rows, columns } };
    };
    const { recommendation, separators: found } = await probed(moved("a", 0), moved("b", 2), seed);
    expect(found).toEqual([]);
    expect(recommendation.code).toBe("adapt-carefully");
    expect(recommendation.flags[0]).toEqual(["--standardise", "perDomain"]);
  });

  test("an identifier that tells the place: drop it, and what is left is alike", async () => {
    const source = { ...withColumns(place(seed, "a", 0), running("row", 0)), fields: ["note", "row"] };
    const target = withColumns(place(seed, "b", 0), running("row", 5000));
    const {
      recommendation,
      separators: found,
      withoutSeparators,
    } = await probed(source, target, seed, {
      read: { drop: ["note"] },
    });
    expect(recommendation.code).toBe("drop-columns");
    expect(recommendation.flags[0]).toEqual(["--drop", "note,row"]);
    expect(recommendation.text).toMatch(/Leave "row" out .*100\.0 % .*running number.*the domains are alike/);
    expect(found).toEqual([{ column: "row", accuracy: 1, why: expect.stringMatching(/0 to 299 in the source/) }]);
    expect(withoutSeparators?.chance).toBe(true);
  });

  test("the same rows twice: check the files", async () => {
    const { recommendation, duplicates } = await probed(place(seed, "a", 0), place(seed, "a", 0), seed);
    expect(recommendation.code).toBe("same-rows");
    expect(duplicates.exact).toEqual({ rows: 300, examples: expect.arrayContaining([{ source: "0", target: "0" }]) });
  });
});

test("of forty pairs without a difference few are taken for different", async () => {
  let different = 0;
  for (let seed = 10; seed < 50; seed++) {
    const rows = tableFeatures(place(seed, "a", 0, 100).rows as TableRows, place(seed, "b", 0, 100).rows as TableRows);
    if (!lookAt(rows, seed).apart.chance) different++;
  }
  expect(different).toBeLessThanOrEqual(4);
});

describe("distance", () => {
  test("rows that are all alike are chance, rows that never are alike are 2", () => {
    const constant = { rows: 40, width: 1, values: new Float64Array(40) };
    expect(crossValidate(constant, constant, { seed: 0, most: 100 }).accuracy).toBe(0.5);
    const other = { ...constant, values: new Float64Array(40).fill(1) };
    expect(distanceOf(crossValidate(constant, other, { seed: 0, most: 100 }).accuracy)).toBe(2);
  });

  test("rows that are many are no advantage, and each row is judged once", () => {
    const few = { rows: 30, width: 1, values: new Float64Array(30).map((_, i) => i % 7) };
    const many = { rows: 300, width: 1, values: new Float64Array(300).map((_, i) => i % 7) };
    const { rows, scores, accuracy } = crossValidate(few, many, { seed: 0, most: 100 });
    expect(rows).toBe(60);
    expect(scores.source.every(Number.isFinite)).toBe(true);
    expect(scores.target.filter(Number.isFinite)).toHaveLength(30);
    expect(accuracy).toBeLessThan(0.65);
  });

  test("Wilson's interval as in his paper's form: 9 of 10 is .596 to .982", () => {
    const { low, high } = wilson(9, 10);
    expect(low).toBeCloseTo(0.5958, 3);
    expect(high).toBeCloseTo(0.9821, 3);
  });
});

describe("columns that separate", () => {
  const words = (name: string, of: (row: number) => string, rows = 60): Column => {
    const values = Array.from({ length: rows }, (_, row) => of(row));
    const vocabulary = [...new Set(values)];
    return { kind: "category", name, codes: Int32Array.from(values, (word) => vocabulary.indexOf(word)), vocabulary };
  };
  const of = (source: Column, target: Column) =>
    separators(
      tableFeatures({ kind: "table", rows: 60, columns: [source] }, { kind: "table", rows: 60, columns: [target] }),
    );
  const number = (values: (row: number) => number): Column => ({
    kind: "number",
    name: "x",
    values: Float64Array.from({ length: 60 }, (_, row) => values(row)),
  });

  test("a constant of each place", () => {
    expect(
      of(
        number(() => 0),
        number(() => 1),
      ),
    ).toEqual([{ column: "x", accuracy: 1, why: "0 in the source, 1 in the target" }]);
  });

  test("a column that one place never fills in", () => {
    expect(
      of(
        number((row) => row % 9),
        number(() => Number.NaN),
      )[0]?.why,
    ).toBe("missing in 0 % of the source and in 100 % of the target");
  });

  test("words that the places do not share; not words that occur once", () => {
    const town = (from: string) => words("town", (row) => `${from}${row % 5}`);
    expect(of(town("a"), town("b"))).toEqual([
      { column: "town", accuracy: 1, why: "its words in one domain are not those in the other" },
    ]);
    const id = (from: string): TableRows => ({
      kind: "table",
      rows: 24,
      columns: [words("id", (row) => `${from}${row}`, 24), { kind: "number", name: "x", values: new Float64Array(24) }],
    });
    expect(separators(tableFeatures(id("a"), id("b")))).toEqual([]);
  });

  test("not a text, which is what the data are about", () => {
    const text = (word: string): Column => ({
      kind: "text",
      name: "review",
      values: Array.from({ length: 60 }, (_, row) => `the ${word} number ${row}`),
    });
    expect(of(text("book"), text("knife"))).toEqual([]);
    const rows = tableFeatures(
      { kind: "table", rows: 60, columns: [text("book")] },
      { kind: "table", rows: 60, columns: [text("knife")] },
    );
    expect(
      lookAt(rows, 0)
        .top.slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['review has "book"', 'review has "knife"']);
  });

  test("a shift that is large and overlaps is none", () => {
    expect(
      of(
        number((row) => row),
        number((row) => row + 40),
      ),
    ).toEqual([]);
  });
});

test("nearly equal rows are found, equal ones and mere neighbours are not", () => {
  const chance = random(3);
  const width = 8;
  const source = Float64Array.from({ length: 50 * width }, () => chance.normal());
  const target = Float64Array.from({ length: 50 * width }, () => chance.normal());
  target.set(source.subarray(0, width), 0);
  target.set(
    source.subarray(width, 2 * width).map((value) => value + 0.002),
    width,
  );
  const rows = (values: Float64Array) => ({ rows: 50, width, values });
  const found = nearRows({ kind: "features", features: [], source: rows(source), target: rows(target) });
  expect(found).toMatchObject({ rows: 1, within: 0, examples: [[1, 1]] });
});

test("a grid shows images in order, enlarged by whole factors, grey as grey", () => {
  const rows: ImageRows = { kind: "image", rows: 3, height: 2, width: 2, channels: 1, pixels: new Uint8Array(12) };
  rows.pixels.set([10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30]);
  const { height, width, channels, pixels } = gridOf([0, 1, 2].map((row) => ({ rows, row })));
  expect([height, width, channels]).toEqual([2 * 66 + 2, 2 * 66 + 2, 3]);
  const at = (y: number, x: number): number[] => [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  expect(at(0, 0)).toEqual([128, 128, 128]);
  expect(at(2, 2)).toEqual([10, 10, 10]);
  expect(at(65, 68)).toEqual([20, 20, 20]);
  expect(at(68, 2)).toEqual([30, 30, 30]);
  expect(at(68, 68)).toEqual([128, 128, 128]);
});
