import { describe, expect, it } from "vitest";
import { close, number, table, through, words } from "../../../test/support/preprocess.ts";
import { input, topologicalOrder } from "../../graph/index.ts";
import { evaluate } from "../../runtime/reference.ts";
import type { Column } from "../dataset.ts";
import { encodeRows } from "../encode.ts";
import { columnsOf, fitPreprocess, inputShape, preprocess, preprocessSpec } from "../preprocess.ts";
import { readDataset } from "../read.ts";
import { fromMemory } from "../source.ts";

const nan = Number.NaN;

describe("tables", () => {
  const source = table(number("a", 1, 3, 5), words("c", "x", "y", undefined), number("k", 7, 7, 7));
  const target = table(words("c", "z", "x", "y"), number("k", 7, 8, 9), number("a", 10, nan, 14));

  it("standardises with the source's statistics, flags what was missing in either, and one-hots the source's words", () => {
    const spec = fitPreprocess(source, target);
    const s = Math.sqrt(8 / 3);
    // a, k | flag of a | x, y
    close(through(spec, source, "source"), [
      [-2 / s, 0, 0, 1, 0],
      [0, 0, 0, 0, 1],
      [2 / s, 0, 0, 0, 0],
    ]);
    close(through(spec, target, "target"), [
      [7 / s, 0, 0, 0, 0],
      [0, 1, 1, 1, 0],
      [11 / s, 2, 0, 0, 1],
    ]);
    expect(inputShape(spec)).toEqual([5]);
    expect(columnsOf(spec)).toEqual({ a: "number", k: "number", c: "category" });
  });

  it("standardises each domain by itself if asked", () => {
    const spec = fitPreprocess(source, target, { standardise: "perDomain" });
    const k = Math.sqrt(2 / 3);
    close(through(spec, target, "target"), [
      [-1, -1 / k, 0, 0, 0],
      [0, 0, 1, 1, 0],
      [1, 1 / k, 0, 0, 1],
    ]);
  });

  it("imputes the median if asked, and leaves numbers as they are with none", () => {
    const skewed = table(number("a", 0, nan, 1, 1, 10));
    const spec = fitPreprocess(skewed, undefined, { impute: "median", standardise: "none" });
    close(through(spec, skewed, "source"), [
      [0, 0],
      [1, 1],
      [1, 0],
      [1, 0],
      [10, 0],
    ]);
  });

  it("fills gaps of new rows in columns that were whole in training, in the graph or, for training, before it", () => {
    const spec = fitPreprocess(table(number("a", 1, 3)), undefined);
    const gap = table(number("a", nan, 3));
    for (const missing of ["any", "seen"] as const) close(through(spec, gap, "source", { missing }), [[0], [1]]);
    const ops = (missing: "any" | "seen"): string[] =>
      topologicalOrder([
        preprocess(spec, { numeric: input("numeric", { dtype: "float32", shape: ["N", 1] }) }, "source", { missing }),
      ]).map(({ op }) => op);
    expect([ops("any").includes("IsNaN"), ops("seen").includes("IsNaN")]).toEqual([true, false]);
    // A foreign caller of the model hands over NaN itself.
    const raw = { numeric: input("numeric", { dtype: "float32", shape: ["N", 1] }) };
    const { out } = evaluate(
      { name: "t", outputs: { out: preprocess(spec, raw, "source") } },
      { numeric: { dtype: "float32", dims: [1, 1], data: Float32Array.of(nan) } },
    );
    expect([...(out?.data ?? [])]).toEqual([0]);
  });

  it("keeps the digits of columns with a large offset", () => {
    const far = table(number("a", 16_000_000, 16_000_002, 16_000_004));
    const s = Math.sqrt(8 / 3);
    close(through(fitPreprocess(far, undefined), far, "source"), [[-2 / s], [0], [2 / s]]);
  });

  it("reads a category from a column of numbers, and numbers from a column of missing words", () => {
    const spec = fitPreprocess(table(words("c", "1", "2", "x"), number("n", 1, 2, 3)), undefined);
    close(through(spec, table(number("c", 2, nan, 9), words("n", undefined, undefined, undefined)), "target"), [
      [0, 0, 1, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("names what is wrong: free text, no feature, a column that is gone, words for numbers", () => {
    const text: Column = { kind: "text", guessed: true, name: "notes", values: ["a long story"] };
    expect(() => fitPreprocess({ kind: "table", rows: 1, columns: [text] }, undefined)).toThrow(
      "got free text in notes",
    );
    expect(() => fitPreprocess({ kind: "table", rows: 1, columns: [] }, undefined)).toThrow(
      "expected at least one feature column",
    );
    const spec = fitPreprocess(table(number("age", 1, 3)), undefined);
    expect(() => encodeRows(table(number("agee", 1)), spec)).toThrow(
      "expected every column that the model reads, but age is missing (there are agee)",
    );
    expect(() => encodeRows(table(words("age", "old")), spec)).toThrow(
      'column "age": expected numbers, as in training, got "old"',
    );
  });

  it("survives JSON, which is how a run and a model keep it", () => {
    const spec = fitPreprocess(source, target);
    expect(preprocessSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    expect(preprocessSpec.safeParse({ ...spec, more: 1 }).success).toBe(false);
  });
});

it("goes from file to network input", async () => {
  const source = await readDataset(fromMemory("s.csv", "a,c,y\n1,x,p\n3,z,q\n"), { labels: "y" });
  const target = await readDataset(fromMemory("t.csv", "c,a\nz,?\nq,5\n"));
  const spec = fitPreprocess(source.rows, target.rows);
  close(through(spec, target.rows, "target"), [
    [0, 1, 0, 1],
    [3, 0, 0, 0],
  ]);
});
