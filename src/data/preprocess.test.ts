import { describe, expect, it } from "vitest";
import type { Domain } from "../domain.ts";
import { input, topologicalOrder } from "../graph/index.ts";
import { evaluate } from "../runtime/reference.ts";
import type { PreprocessOptions } from "./config.ts";
import type { Column, DenseRows, ImageRows, Rows, SignalRows, SparseRows, TableRows } from "./dataset.ts";
import { type EncodedRows, encodeRows, gather } from "./encode.ts";
import {
  columnsOf,
  fitPreprocess,
  inputShape,
  type PreprocessGraphOptions,
  type PreprocessSpec,
  preprocess,
  preprocessSpec,
  rawInputs,
} from "./preprocess.ts";
import { readDataset } from "./read.ts";
import { fromMemory } from "./source.ts";

/** Rows through encoding, gathering and the graph, on the float64 reference: what a network would read. */
function through(spec: PreprocessSpec, rows: Rows, domain: Domain, options: PreprocessGraphOptions = {}): number[][] {
  const encoded: EncodedRows = encodeRows(rows, spec);
  const inputs = Object.fromEntries(
    Object.entries(rawInputs(spec, "N")).map(([name, type]) => [name, input(name, type)]),
  );
  const x = preprocess(spec, inputs, domain, options);
  expect(x.type).toEqual({ dtype: "float32", shape: ["N", ...inputShape(spec)] });
  const all = Int32Array.from({ length: rows.rows }, (_, row) => row);
  const { out } = evaluate({ name: "t", outputs: { out: x } }, gather(encoded, all, spec));
  const width = inputShape(spec).reduce((a, b) => a * b, 1);
  const flat = Array.from(out?.data ?? [], Number);
  return Array.from(all, (row) => flat.slice(row * width, (row + 1) * width));
}

const number = (name: string, ...values: number[]): Column => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
const words = (name: string, ...values: (string | undefined)[]): Column => {
  const vocabulary = [...new Set(values.filter((value) => value !== undefined))];
  return {
    kind: "category",
    name,
    vocabulary,
    codes: Int32Array.from(values, (value) => (value === undefined ? -1 : vocabulary.indexOf(value))),
  };
};
const table = (...columns: Column[]): TableRows => {
  const [first] = columns;
  const rows = first?.kind === "number" ? first.values.length : first?.kind === "category" ? first.codes.length : 0;
  return { kind: "table", rows, columns };
};
const dense = (width: number, ...values: number[]): DenseRows => ({
  kind: "dense",
  rows: values.length / width,
  width,
  values: Float32Array.from(values),
});
const close = (rows: number[][], expected: number[][]): void => {
  expect(rows.length).toBe(expected.length);
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value, `row ${i}, ${j}`).toBeCloseTo(expected[i]?.[j] ?? Number.NaN, 5);
    });
    expect(row.length).toBe(expected[i]?.length);
  });
};
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
    const text: Column = { kind: "text", name: "notes", values: ["a long story"] };
    expect(() => fitPreprocess({ kind: "table", rows: 1, columns: [text] }, undefined)).toThrow(
      "got free text in notes",
    );
    expect(() => fitPreprocess({ kind: "table", rows: 1, columns: [] }, undefined)).toThrow(
      "expected at least one feature column",
    );
    const spec = fitPreprocess(table(number("age", 1, 3)), undefined);
    expect(() => encodeRows(table(number("agee", 1)), spec)).toThrow('expected a column "age"');
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

describe("features", () => {
  const source = dense(2, 1, 10, 3, 10);

  it("standardises dense rows with the source's statistics, or each domain's, or not", () => {
    const target = dense(2, 5, 20, 7, 40);
    close(through(fitPreprocess(source, target), target, "target"), [
      [3, 10],
      [5, 30],
    ]);
    close(through(fitPreprocess(source, target, { standardise: "perDomain" }), target, "target"), [
      [-1, -1],
      [1, 1],
    ]);
    close(through(fitPreprocess(source, target, { standardise: "none" }), target, "target"), [
      [5, 20],
      [7, 40],
    ]);
  });

  const sparse = (base: 0 | 1, width: number, ...rows: (readonly [number, number])[][]): SparseRows => ({
    kind: "sparse",
    rows: rows.length,
    width,
    indexBase: base,
    offsets: Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]),
    indices: Uint32Array.from(rows.flat().map(([i]) => i)),
    values: Float32Array.from(rows.flat().map(([, v]) => v)),
  });
  const a = sparse(
    0,
    3,
    [
      [0, 1],
      [2, 3],
    ],
    [[2, 1]],
  );
  const b = sparse(0, 4, [[3, 2]], []);

  it("counts become tf-idf rows of one length, idf over both domains, empty rows empty", () => {
    const spec = fitPreprocess(a, b);
    expect(spec).toMatchObject({ counts: "tf-idf", width: 4, countScale: 5, standardise: "none", indexBase: 0 });
    const idf = (found: number): number => Math.log(5 / (1 + found)) + 1;
    const [x, z] = [Math.log(2) * idf(1), Math.log(4) * idf(2)];
    const norm = Math.hypot(x, z) / 5;
    close(through(spec, a, "source"), [
      [x / norm, 0, z / norm, 0],
      [0, 0, 5, 0],
    ]);
    close(through(spec, b, "target"), [
      [0, 0, 0, 5],
      [0, 0, 0, 0],
    ]);
  });

  it.each<[PreprocessOptions, number[][]]>([
    [
      { counts: "none" },
      [
        [1, 0, 3],
        [0, 0, 1],
      ],
    ],
    [
      { counts: "l2", countScale: 1 },
      [
        [1 / Math.sqrt(10), 0, 3 / Math.sqrt(10)],
        [0, 0, 1],
      ],
    ],
    [
      { counts: "log1p" },
      [
        [Math.log(2), 0, Math.log(4)],
        [0, 0, Math.log(2)],
      ],
    ],
    [
      { counts: "log1p-l2", countScale: 2 },
      [
        [2 / Math.sqrt(5), 0, 4 / Math.sqrt(5)],
        [0, 0, 2],
      ],
    ],
    [
      { counts: "log1p", standardise: "source" },
      [
        [1, 0, 1],
        [-1, 0, -1],
      ],
    ],
  ])("%j", (options, expected) => {
    close(through(fitPreprocess(a, undefined, options), a, "source"), expected);
  });

  it("leaves out features that training never saw", () => {
    const spec = fitPreprocess(a, undefined, { counts: "none" });
    close(
      through(
        spec,
        sparse(0, 9, [
          [8, 1],
          [1, 2],
        ]),
        "target",
      ),
      [[0, 2, 0]],
    );
  });

  it("refuses other widths of dense rows, negative counts, and another kind of rows", () => {
    expect(() => fitPreprocess(source, dense(3, 1, 2, 3))).toThrow("got 2 in the source and 3 in the target");
    expect(() => encodeRows(dense(3, 1, 2, 3), fitPreprocess(source, undefined))).toThrow("expected 2 features, got 3");
    expect(() => fitPreprocess(dense(1, -1), undefined, { counts: "tf-idf" })).toThrow(
      "tf-idf expects values of at least 0",
    );
    expect(() => fitPreprocess(source, table(number("a", 1)))).toThrow(
      "unnamed features in the source and a table with named columns in the target",
    );
    expect(() => fitPreprocess(source, undefined, { standardise: "yes" } as unknown as PreprocessOptions)).toThrow(
      "preprocess, standardise",
    );
  });
});

describe("images", () => {
  const image = (channels: 1 | 3, height: number, width: number, ...pixels: number[]): ImageRows => ({
    kind: "image",
    rows: pixels.length / (channels * height * width),
    height,
    width,
    channels,
    pixels: Uint8Array.from(pixels),
  });
  const grey = image(1, 1, 2, 0, 255, 51, 102);
  const rgb = image(3, 1, 2, 255, 0, 51, 255, 0, 153);

  it("scales, centres each domain by its own channel means, and puts channels first", () => {
    const spec = fitPreprocess(rgb, undefined);
    close(through(spec, rgb, "source"), [[0, 0, 0, 0, -0.2, 0.2]]);
    expect(inputShape(spec)).toEqual([3, 1, 2]);
  });

  it("repeats grey where the other domain has colours", () => {
    const spec = fitPreprocess(grey, rgb);
    const middle = 0.4;
    close(through(spec, grey, "source"), [
      [-middle, 1 - middle, -middle, 1 - middle, -middle, 1 - middle],
      [0.2 - middle, 0, 0.2 - middle, 0, 0.2 - middle, 0],
    ]);
    expect(rawInputs(spec, 4)).toEqual({ image: { dtype: "uint8", shape: [4, 1, 2, 3] } });
  });

  it("centres by the source's means, or not, and scales as told", () => {
    close(
      through(
        fitPreprocess(grey, image(1, 1, 2, 10, 20), { images: { centre: "source", scale: 1 } }),
        image(1, 1, 2, 10, 20),
        "target",
      ),
      [[-92, -82]],
    );
    close(through(fitPreprocess(grey, undefined, { images: { centre: "none", scale: 1 / 51 } }), grey, "source"), [
      [0, 5],
      [1, 2],
    ]);
  });

  it("refuses two sizes, unless it is told one", () => {
    const wide = image(1, 1, 4, 0, 100, 200, 40);
    expect(() => fitPreprocess(grey, wide)).toThrow("got 1x2 in the source and 1x4 in the target");
    const spec = fitPreprocess(grey, wide, { imageSize: "1x2", images: { centre: "none", scale: 1 } });
    close(through(spec, wide, "target"), [[50, 120]]);
    expect(() => encodeRows(wide, fitPreprocess(grey, undefined))).toThrow("expected images of 1x2, got 1x4");
    expect(() => encodeRows(rgb, fitPreprocess(grey, undefined))).toThrow("expected grey images");
    expect(() => fitPreprocess(grey, wide, { imageSize: "2" })).toThrow("expected HEIGHTxWIDTH");
  });
});

describe("signals", () => {
  const signal = (...values: number[]): SignalRows => ({
    kind: "signal",
    rows: values.length / 4,
    channels: 2,
    length: 2,
    values: Float32Array.from(values),
  });

  it("standardises by channel over rows and time", () => {
    const source = signal(1, 3, 10, 10, 1, 3, 10, 10);
    close(through(fitPreprocess(source, undefined), source, "source"), [
      [-1, 1, 0, 0],
      [-1, 1, 0, 0],
    ]);
    const target = signal(5, 9, 0, 4);
    close(through(fitPreprocess(source, target), target, "target"), [[3, 7, -10, -6]]);
    close(through(fitPreprocess(source, target, { standardise: "perDomain" }), target, "target"), [[-1, 1, -1, 1]]);
    close(through(fitPreprocess(source, target, { standardise: "none" }), target, "target"), [[5, 9, 0, 4]]);
  });

  it("refuses another shape", () => {
    const spec = fitPreprocess(signal(1, 2, 3, 4), undefined);
    const other: SignalRows = { kind: "signal", rows: 1, channels: 1, length: 4, values: new Float32Array(4) };
    expect(() => encodeRows(other, spec)).toThrow("expected signals of 2 channels x 2 steps, got 1 x 4");
    expect(() => fitPreprocess(signal(1, 2, 3, 4), other)).toThrow("got 2x2 in the source and 1x4 in the target");
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
