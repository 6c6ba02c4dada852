import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dataset, SparseRows } from "../dataset.ts";
import { readDataset } from "../read.ts";
import { fromMemory } from "../source.ts";
import { svmlightLines } from "../writers/text.ts";

const read = async (text: string, options = {}): Promise<Dataset & { rows: SparseRows }> => {
  const dataset = await readDataset(fromMemory("t.svmlight", text), options);
  if (dataset.rows.kind !== "sparse") throw new Error("expected sparse rows");
  return { ...dataset, rows: dataset.rows };
};

describe("svmlight", () => {
  it("reads labels, entries, comments, qid and empty rows", async () => {
    const { rows, labels } = await read("# header\n+1 1:0.5 3:2 # first\n-1 qid:7 2:1\n1.0\n");
    expect(labels).toEqual(["1", "-1", "1"]);
    expect(rows).toMatchObject({ rows: 3, width: 3, indexBase: 1 });
    expect([[...rows.offsets], [...rows.indices], [...rows.values]]).toEqual([
      [0, 2, 3, 3],
      [0, 2, 1],
      [0.5, 2, 1],
    ]);
  });

  it("tells the first index by whether 0 occurs, unless it is told", async () => {
    expect((await read("1 0:1 2:1\n")).rows).toMatchObject({ indexBase: 0, width: 3 });
    expect((await read("1 1:1 2:1\n")).rows).toMatchObject({ indexBase: 1, width: 2 });
    expect((await read("1 1:1 2:1\n", { indexBase: 0 })).rows).toMatchObject({ indexBase: 0, width: 3 });
    await expect(read("1 0:1\n", { indexBase: 1 })).rejects.toThrow("expected indices from 1, got index 0");
  });

  it("takes the width it is told, and refuses a narrower one by line", async () => {
    expect((await read("1 1:1\n", { width: 9 })).rows.width).toBe(9);
    await expect(read("1 1:1\n1 5:1\n", { width: 3 })).rejects.toThrow("line 2: expected indices below 4, got 5");
  });

  it("reads rows without labels as such", async () => {
    expect((await read("1:1 2:1\n2:1\n")).labels).toBeUndefined();
  });

  it.each([
    ["1 1:1\n1 2;3\n", 'line 2: expected index:value, got "2;3"'],
    ["1 x:1\n", 'got "x:1"'],
    ["1 1:\n", 'got "1:"'],
    ["1 -1:1\n", 'got "-1:1"'],
    ["1 1:1 1:2\n", "line 1: expected each index once, got 1 twice"],
    ["1 3:1 1:2 2:1 3:4\n", "expected each index once, got 3 twice"],
    ["# nothing\n", "expected at least one row"],
  ])("refuses %j", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it("gives back what the writer wrote", async () => {
    const entry = fc.tuple(fc.nat({ max: 30 }), fc.float({ noNaN: true, noDefaultInfinity: true }));
    const row = fc.uniqueArray(entry, { maxLength: 8, selector: ([index]) => index });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.constantFrom<0 | 1>(0, 1),
        async (rows, base) => {
          const sparse: SparseRows = {
            kind: "sparse",
            rows: rows.length,
            width: 31,
            indexBase: base,
            offsets: Uint32Array.from([0, ...rows].map((_, i) => rows.slice(0, i).flat().length)),
            indices: Uint32Array.from(rows.flat().map(([index]) => index)),
            values: Float32Array.from(rows.flat().map(([, value]) => value)),
          };
          const labels = rows.map((_, i) => String(i % 3));
          const text = [...svmlightLines(sparse, labels)].join("");
          const back = await read(text, { indexBase: base, width: 31 });
          expect(back.labels).toEqual(labels);
          const plain = (each: SparseRows): unknown => ({
            ...each,
            offsets: [...each.offsets],
            indices: [...each.indices],
            values: Array.from(each.values, (value) => value + 0),
          });
          expect(plain(back.rows)).toEqual(plain(sparse));
        },
      ),
      { numRuns: 40 },
    );
  });
});
