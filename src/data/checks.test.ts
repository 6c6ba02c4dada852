import { describe, expect, it } from "vitest";
import { checkData, requireSound } from "./checks.ts";
import type { Dataset, ImageRows } from "./dataset.ts";
import { inspect } from "./inspect.ts";
import { classesOf, encodeLabels, labelledRows } from "./labels.ts";
import { likeFirst, readDataset } from "./read.ts";
import { fromMemory } from "./source.ts";

const read = (name: string, text: string, options = {}): Promise<Dataset> =>
  readDataset(fromMemory(name, text), options);
/** Twenty rows with two classes; `edit` changes a line. */
const lines = (edit: (line: string, row: number) => string = (line) => line): string =>
  [
    "a,b,c,y",
    ...Array.from({ length: 20 }, (_, row) =>
      edit(`${(row * 7) % 11}.5,${row % 5},${row % 2 ? "u" : "v"},${row % 2 ? "p" : "q"}`, row),
    ),
  ].join("\n");
const source = (text = lines()): Promise<Dataset> => read("s.csv", text, { labels: "y" });
const target = (text: string, options = {}): Promise<Dataset> => read("t.csv", text, options);
const shifted = lines((line) => `1${line}`);

/** Sixty rows whose column c is up to `cell`. */
const wide = (cell: (row: number) => string): string =>
  ["a,b,c,y", ...Array.from({ length: 60 }, (_, row) => `${row * 1.3},${row % 7},${cell(row)},${row % 2}`)].join("\n");

type Wanted = readonly [level: string, code: string, message: string];
const codes = (findings: ReturnType<typeof checkData>): string[] =>
  findings.map(({ level, code }) => `${level} ${code}`);

describe("checks", () => {
  it("find nothing wrong with sound data", async () => {
    expect(checkData({ source: await source(), target: await target(shifted, { labels: "y" }) })).toEqual([]);
    requireSound([]);
  });

  describe("find values that take the spread of their column", () => {
    const found = async (of: (row: number) => number | string, rows = 300): Promise<string[]> => {
      const text = ["bp,x,y", ...Array.from({ length: rows }, (_, row) => `${of(row)},${row * 1.3},${row % 2}`)].join(
        "\n",
      );
      return checkData({ source: await read("s.csv", text, { labels: "y" }) })
        .filter(({ code }) => code === "far-values")
        .map(({ message }) => message);
    };
    const pressure = (row: number): number => 110 + ((row * 8) % 21);
    it("with the row, and where the others lie", async () => {
      expect(await found((row) => (row === 17 ? "1e20" : pressure(row)))).toEqual([
        's.csv: column "bp": 1 value such as 100000000000000000000 (row 17, counted from 0) where half of them are from 115 to 125: standardised with such a value, all others are nearly the same',
      ]);
      expect(await found((row) => (row % 100 === 3 ? 99999999 : row % 9 === 0 ? "" : pressure(row)))).toHaveLength(1);
    });
    it("and nothing in columns that vary, are skewed, mostly one value, or short", async () => {
      expect(await found(pressure)).toEqual([]);
      expect(await found((row) => Math.exp(((row * 37) % 300) / 50))).toEqual([]);
      expect(await found((row) => (row % 10 === 0 ? row : 0))).toEqual([]);
      expect(await found((row) => (row === 3 ? 1e9 : row), 15)).toEqual([]);
    });
  });

  it("find categories that the source has not, where they are more than odd ones", async () => {
    const wards = (of: (row: number) => string): string =>
      ["ward,x,y", ...Array.from({ length: 60 }, (_, row) => `${of(row)},${row * 1.3},${row % 2}`)].join("\n");
    const asked = { types: { ward: "category" } } as const;
    const own = await read(
      "s.csv",
      wards((row) => `K${row % 3}`),
      { ...asked, labels: "y" },
    );
    const seen = async (of: (row: number) => string): Promise<ReturnType<typeof checkData>> =>
      checkData({ source: own, target: await read("t.csv", wards(of), { ...asked, drop: ["y"] }) }).filter(
        ({ code }) => code === "unseen-categories",
      );
    const [found] = await seen((row) => (row < 15 ? `L${row % 2}` : "K1"));
    expect(found?.level).toBe("warning");
    expect(found?.message).toBe(
      't.csv: column "ward": 15 of 60 rows have a category that s.csv has not (L0, L1); to the model they are unknown, like missing cells',
    );
    expect(await seen((row) => (row < 2 ? "L0" : "K1"))).toEqual([]);
    expect(await seen(() => "K2")).toEqual([]);
  });

  it("find a target that is the source, or shares rows with it", async () => {
    const same = checkData({ source: await source(), target: await target(lines(), { drop: ["y"] }) });
    expect(same).toMatchObject([
      { level: "warning", code: "duplicate-rows", remedy: "Was the same file given twice?" },
    ]);
    const some = lines((line, row) => (row === 3 || row === 4 ? line : `1${line}`));
    expect(checkData({ source: await source(), target: await target(some, { drop: ["y"] }) })[0]?.message).toContain(
      "t.csv: 2 of 20 rows are also among the rows of the source",
    );
  });

  it.each<[string, string, Wanted]>([
    [
      "columns that are missing, with a guess",
      shifted.replace("a,b,c", "a,bb,c"),
      ["error", "columns-missing", "but b is missing"],
    ],
    [
      "columns that are more",
      shifted.replace(/$/gm, ",1").replace("y,1", "y,z"),
      ["warning", "columns-extra", "z is not in s.csv"],
    ],
    [
      "labels of the source that the target has as well",
      shifted,
      ["warning", "columns-no-feature", "t.csv: y is no feature of s.csv (its labels or groups) and will not be read"],
    ],
    [
      "words for numbers",
      shifted.replace("10.5", "old"),
      ["error", "column-type", 'column "a": expected numbers, as in s.csv, got "old"'],
    ],
    [
      "infinity",
      shifted.replace("10.5", "inf"),
      ["error", "not-finite", 'column "a", row 0 (counted from 0): expected a finite number below 3.4e38'],
    ],
    [
      "numbers that float32 cannot hold",
      shifted.replace("10.5", "1e39"),
      ["error", "not-finite", "which float32 can hold, got 1e+39"],
    ],
    [
      "constant columns",
      shifted.replace(/^([\d.]+),\d/gm, "$1,4"),
      ["warning", "constant-column", "the same value in every row of b"],
    ],
    ["empty columns", shifted.replace(/^([\d.]+),\d/gm, "$1,"), ["warning", "empty-column", "no value at all in b"]],
    [
      "mostly missing columns",
      lines((line, row) => (row < 15 ? `1${line}`.replace(/^[\d.]+/, "") : `1${line}`)),
      ["warning", "mostly-missing", 'column "a" is missing in 15 of 20 rows'],
    ],
    [
      "row numbers",
      lines((line, row) => line.replace(/^[\d.]+/, String(row))),
      ["warning", "row-numbers", 'column "a" counts the rows'],
    ],
    [
      "decimal commas",
      shifted.replace(/^([\d]+)\.5/gm, '"$1,5"'),
      ["warning", "decimal-comma", 'column "a" looks like numbers with a decimal comma'],
    ],
    [
      "decimal commas of many numbers",
      wide((row) => `"${row},5"`),
      ["error", "decimal-comma", 'column "c" looks like numbers with a decimal comma ("0,5")'],
    ],
    [
      "a word among numbers that makes them categories",
      wide((row) => (row === 3 ? "unknown" : String(row % 12))),
      [
        "warning",
        "stray-words",
        'column "c" holds numbers, but 1 of 60 cells is none, such as "unknown", so its 13 different cells are categories',
      ],
    ],
    [
      "a word among numbers that makes them text",
      wide((row) => (row === 3 ? "<0.5" : String(row / 8))),
      ["error", "stray-words", '1 of 60 cells is none, such as "<0.5", so it reads as text'],
    ],
    [
      "offsets that float32 cannot hold",
      lines((line, row) => line.replace(/^[\d.]+/, String(4e9 + row * row))),
      ["warning", "large-offset", 'column "a" varies by'],
    ],
    [
      "free text",
      lines((line, row) => line.replace(/[uv]/, "w ".repeat(40 + row))),
      ["error", "text-column", "got free text in c"],
    ],
  ])("find %s", async (_, text, [level, code, message]) => {
    const labels = code === "columns-no-feature" ? {} : { labels: "y" };
    const findings = checkData({ source: await source(), target: await target(text, labels) });
    const found = findings.find((each) => each.code === code);
    expect(codes(findings)).toContain(`${level} ${code}`);
    expect(found?.message).toContain(message);
  });

  it.each<[string, string, Wanted]>([
    ["one class", lines((line) => line.replace(/p$/, "q")), ["error", "one-class", 'at least two classes, got "q"']],
    ["no labels", lines((line) => line.replace(/[pq]$/, "")), ["error", "no-labels", "expected labels for the source"]],
    [
      "classes of one row",
      lines((line, row) => (row === 0 ? line.replace(/q$/, "r") : line)),
      ["error", "class-too-small", 'got "r" (1)'],
    ],
    [
      "classes of few rows",
      lines((line, row) => (row > 11 ? line.replace(/p$/, "q") : line)),
      ["warning", "class-small", 'fewer than 10 rows of "p" (6)'],
    ],
    [
      "rows without a label",
      lines((line, row) => (row === 5 ? line.replace(/p$/, "?") : line)),
      ["warning", "unlabelled-rows", "1 of 20 rows have no label"],
    ],
  ])("find %s", async (_, text, [level, code, message]) => {
    const findings = checkData({ source: await source(text) });
    expect(codes(findings)).toContain(`${level} ${code}`);
    expect(findings.find((each) => each.code === code)?.message).toContain(message);
  });

  it("know a column of identifiers, and leave alone what was asked for", async () => {
    const ids = await read(
      "s.csv",
      wide((row) => `P${row}`),
    );
    expect(checkData({ source: ids }).find(({ code }) => code === "text-column")?.remedy).toMatch(
      /^"c" is another word in every row: carry it along with --id c\. Read it as text/,
    );
    const types = { c: "category" } as const;
    const mixed = await read(
      "s.csv",
      wide((row) => (row === 3 ? "3+" : String(row))),
      { types },
    );
    expect(codes(checkData({ source: mixed, read: { types } }))).toEqual(["error no-labels"]);
    const grades = await read(
      "s.csv",
      wide((row) => (row === 3 ? "3+" : String(row % 4))),
    );
    expect(codes(checkData({ source: grades }))).toEqual(["error no-labels"]);
  });

  it("find labels that are numbers or identifiers", async () => {
    const many = Array.from({ length: 60 }, (_, row) => `${row * 0.37},${row % 7}`).join("\n");
    expect(codes(checkData({ source: await read("s.csv", `y,a\n${many}`, { labels: "y" }) }))).toContain(
      "error too-many-classes",
    );
    expect(codes(checkData({ source: await read("s.csv", lines()) }))).toEqual(["error no-labels"]);
  });

  it("compare the labels that score with the source's classes", async () => {
    const scored = async (text: string): Promise<string[]> =>
      codes(checkData({ source: await source(), target: await target(text, { labels: "y" }) }));
    expect(await scored(shifted.replace(/([pq])$/gm, "$1."))).toContain("error label-sets-differ");
    expect(await scored(shifted.replace(/p$/gm, "r"))).toEqual(["warning unknown-classes", "warning absent-classes"]);
    expect(await scored(shifted.replace(/[pq]$/gm, "").replace("c,\n", "c,y\n"))).toContain("error no-labels");
  });

  it("find names of columns that no file has", async () => {
    const request = {
      source: await source(),
      target: await target(shifted, { labels: "y" }),
      read: { drop: ["bb"], types: { zzzzzz: "text" } },
    } as const;
    expect(checkData(request)).toMatchObject([
      { code: "no-such-column", remedy: 'Did you mean "b"?' },
      { code: "no-such-column", message: expect.stringContaining('"zzzzzz"') },
    ]);
  });

  const images = (height: number, pixels: number[], channels: 1 | 3 = 1): Dataset => {
    const rows: ImageRows = {
      kind: "image",
      rows: pixels.length / (height * 2 * channels),
      height,
      width: 2,
      channels,
      pixels: Uint8Array.from(pixels),
    };
    return { origin: `i${height}`, rows, labels: Array.from({ length: rows.rows }, (_, i) => String(i % 2)) };
  };

  it("ask for labels of images by folders, which have no columns", () => {
    const { labels: _, ...unlabelled } = images(1, [1, 2, 3, 4]);
    const remedy =
      /^Put the images of each class into a folder of its own, or name a file of labels with --source-labels/;
    const wanted = expect.objectContaining({ level: "error", remedy: expect.stringMatching(remedy) });
    expect(checkData({ source: unlabelled })).toContainEqual(wanted);
    expect(checkData({ source: { ...unlabelled, labels: ["a", "a"] } })).toContainEqual(wanted);
    expect(checkData({ source: images(1, [1, 2, 3, 4]), targetLabelled: unlabelled })).toContainEqual(
      expect.objectContaining({ remedy: expect.stringMatching(/a file of labels with --target-labelled-labels/) }),
    );
  });

  it("find image sizes that differ, unless one is asked for, and images that are dark", () => {
    const [a, b] = [images(1, [1, 2, 3, 4, 5, 255, 7, 8]), images(2, [1, 2, 3, 4, 5, 6, 7, 16])];
    expect(codes(checkData({ source: a, target: b }))).toEqual([
      "warning dim-images",
      "warning class-small",
      "error image-size",
    ]);
    expect(codes(checkData({ source: a, target: b, preprocess: { imageSize: "1x2" } }))).not.toContain(
      "error image-size",
    );
  });

  it("find other kinds and shapes of rows, NaN in arrays, and differing first indices", async () => {
    const dense = (width: number, ...values: number[]): Dataset => ({
      origin: "d",
      rows: { kind: "dense", rows: values.length / width, width, values: Float32Array.from(values) },
      labels: values.map((_, i) => String(i % 2)).slice(0, values.length / width),
    });
    const base = dense(2, ...Array.from({ length: 40 }, (_, i) => i));
    expect(codes(checkData({ source: base, target: images(1, [255, 1]) }))).toContain("error kind-mismatch");
    expect(codes(checkData({ source: base, target: dense(3, 1, 2, 3) }))).toContain("error feature-width");
    const findings = checkData({ source: base, target: dense(2, 1, 2, 3, Number.NaN) });
    expect(findings[0]?.message).toBe("d: row 1, feature 1 (counted from 0): expected a finite number, got NaN");
    const zero = await read("z.svm", "1 0:1\n0 1:1\n".repeat(10));
    const one = await read("o.svm", "1 1:1\n");
    expect(codes(checkData({ source: zero, target: one }))).toContain("error index-base");
    expect(codes(checkData({ source: zero, target: await read("o.svm", "1 1:3\n", likeFirst(zero)) }))).not.toContain(
      "error index-base",
    );
    const signal = (length: number): Dataset => ({
      origin: "w",
      rows: { kind: "signal", rows: 1, channels: 1, length, values: new Float32Array(length) },
      labels: ["a"],
    });
    expect(codes(checkData({ source: signal(3), target: signal(4) }))).toContain("error signal-shape");
  });

  it("stop a run at the first error and count the rest", async () => {
    const findings = checkData({
      source: await source(lines((line) => line.replace(/p$/, "q"))),
      target: await target(shifted.replace("a,b,c", "a,bb,c"), { labels: "y" }),
    });
    expect(() => requireSound(findings)).toThrow(/one-class|expected at least two classes.*\(and 1 more error\)/);
  });
});

it("reads a second file like the first: a cell that does not fit is named by its line", async () => {
  const first = await source();
  const text = shifted.replace("14.5", "old");
  const row = text.split("\n").findIndex((line) => line.startsWith("old")) + 1;
  await expect(target(text, likeFirst(first))).rejects.toThrow(
    `t.csv: line ${row}, column "a": expected a number, got "old"`,
  );
});

describe("labels", () => {
  it("have classes in numeric, then alphabetic order", () => {
    expect(classesOf(["10", "9", "b", undefined, "B", "a", "9"])).toEqual(["9", "10", "B", "a", "b"]);
    expect([...encodeLabels(["a", undefined, "z", "b"], ["a", "b"])]).toEqual([0, -1, -1, 1]);
  });

  it("decide which rows can train", async () => {
    const dataset = await source(lines((line, row) => (row === 5 ? line.replace(/p$/, "") : line)));
    expect(labelledRows(dataset).rows.rows).toBe(19);
  });
});

describe("inspect", () => {
  it("summarises a table", async () => {
    const summary = inspect(
      await read("s.csv", "n,c,g,y\n1,u,k,p\n3,v,k,q\n,u,l,\n", { labels: "y", group: "g", types: { c: "category" } }),
    );
    expect(summary).toEqual({
      origin: "s.csv",
      kind: "table",
      rows: 3,
      shape: [2],
      columns: [
        { name: "n", kind: "number", missing: 1, min: 1, max: 3, mean: 2, deviation: 1 },
        {
          name: "c",
          kind: "category",
          missing: 0,
          categories: 2,
          top: [
            { word: "u", rows: 2 },
            { word: "v", rows: 1 },
          ],
        },
      ],
      classes: [
        { name: "p", rows: 1 },
        { name: "q", rows: 1 },
      ],
      unlabelled: 1,
      groups: 2,
    });
  });

  it("summarises sparse rows and text", async () => {
    expect(inspect(await read("s.svm", "1 1:2\n0 2:4\n"))).toMatchObject({
      kind: "sparse",
      shape: [2],
      density: 0.5,
      values: { min: 2, max: 4, notFinite: 0 },
    });
    expect(inspect(await read("s.csv", "t,n\nhello,1\n,2\n", { types: { t: "text" } })).columns?.[0]).toEqual({
      name: "t",
      kind: "text",
      missing: 1,
      example: "hello",
    });
  });
});
