/** Several data sets as one: rows of every kind, what belongs to them, and what does not fit together. */
import { describe, expect, test } from "vitest";
import type { Column, Dataset, Rows } from "./dataset.ts";
import { poolDatasets } from "./pool.ts";
import { selectDataset } from "./select.ts";

const dense = (origin: string, values: number[], width = 2): Dataset => ({
  origin,
  rows: { kind: "dense", rows: values.length / width, width, values: Float32Array.from(values) },
  labels: Array.from({ length: values.length / width }, () => origin),
});
const set = (origin: string, rows: Rows): Dataset => ({ origin, rows });
const table = (rows: number, ...columns: Column[]): Rows => ({ kind: "table", rows, columns });

describe("rows below each other", () => {
  test("of vectors, with labels and the source of each", () => {
    const pooled = poolDatasets([dense("x/a.csv", [1, 2, 3, 4]), dense("y/b.csv", [5, 6])]);
    expect(pooled.origin).toBe("x/a.csv + y/b.csv");
    expect(pooled.rows).toMatchObject({ kind: "dense", rows: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect(pooled.labels).toEqual(["x/a.csv", "x/a.csv", "y/b.csv"]);
    expect(pooled.sources).toEqual({ names: ["a.csv", "b.csv"], of: Int32Array.of(0, 0, 1) });
    expect(selectDataset(pooled, [2, 0]).sources?.of).toEqual(Int32Array.of(1, 0));
  });

  test("of images, signals and sparse rows", () => {
    const image = (pixels: number[]): Rows => ({
      ...{ kind: "image", rows: 1, height: 1, width: 2, channels: 1 },
      pixels: Uint8Array.from(pixels),
    });
    const signal = (values: number[]): Rows => ({
      ...{ kind: "signal", rows: 1, channels: 1, length: 2 },
      values: Float32Array.from(values),
    });
    const sparse = (width: number, index: number): Rows => ({
      ...{ kind: "sparse", rows: 2, width, indexBase: 0 },
      ...{ offsets: Uint32Array.of(0, 1, 1), indices: Uint32Array.of(index), values: Float32Array.of(index) },
    });
    const of = (a: Rows, b: Rows): Rows => poolDatasets([set("a", a), set("b", b)]).rows;
    expect(of(image([1, 2]), image([3, 4]))).toMatchObject({ rows: 2, pixels: Uint8Array.of(1, 2, 3, 4) });
    expect(of(signal([1, 2]), signal([3, 4]))).toMatchObject({ rows: 2, values: Float32Array.of(1, 2, 3, 4) });
    expect(of(sparse(3, 1), sparse(5, 4))).toMatchObject({
      ...{ rows: 4, width: 5, offsets: Uint32Array.of(0, 1, 1, 2, 2) },
      ...{ indices: Uint32Array.of(1, 4), values: Float32Array.of(1, 4) },
    });
  });

  test("of tables, by the names of columns; vocabularies are joined", () => {
    const number = (name: string, ...values: number[]): Column => ({
      kind: "number",
      name,
      values: Float64Array.from(values),
    });
    const category = (vocabulary: string[], ...codes: number[]): Column => ({
      ...{ kind: "category", name: "colour", vocabulary },
      codes: Int32Array.from(codes),
    });
    const a = set("a", table(2, number("x", 1, 2), category(["red", "blue"], 0, 1)));
    const b = set("b", table(2, category(["blue", "green"], 1, -1), number("x", 3, 4)));
    expect(poolDatasets([a, b]).rows).toEqual(
      table(4, number("x", 1, 2, 3, 4), category(["red", "blue", "green"], 0, 1, 2, -1)),
    );
  });

  test("groups of different sources stay apart, and equal names are numbered", () => {
    const one = { ...dense("a", [1, 2]), groups: ["7"] };
    const pooled = poolDatasets([one, { ...one }]);
    expect(new Set(pooled.groups).size).toBe(2);
    expect(pooled.sources?.names).toEqual(["a", "a (2)"]);
  });

  test("one set is itself", () => {
    const one = dense("a", [1, 2]);
    expect(poolDatasets([one])).toBe(one);
  });
});

describe("what does not fit together is refused, naming both", () => {
  const number = (name: string): Column => ({ kind: "number", name, values: Float64Array.of(1) });
  const text = (name: string): Column => ({ kind: "text", name, values: ["one"] });
  test.each<[string, Rows, Rows, string]>([
    ["kinds", dense("a", [1, 2]).rows, table(1, number("x")), "expected rows of kind dense as in a, got table"],
    ["widths", dense("a", [1, 2]).rows, dense("b", [1, 2, 3], 3).rows, "expected 2 features as in a, got 3 features"],
    ["columns", table(1, number("x")), table(1, number("y")), "expected the columns x as in a, got no x, y too"],
    ["types", table(1, number("x")), table(1, text("x")), "expected x as number as in a, got text"],
  ])("%s", (_, a, b, message) => {
    expect(() => poolDatasets([set("a", a), set("b", b)])).toThrow(`b: ${message}`);
  });
});
