import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ReadOptions } from "./config.ts";
import type { Dataset, Rows } from "./dataset.ts";
import { type EncodedRows, encodeRows } from "./encode.ts";
import { fitPreprocess, type PreprocessSpec } from "./preprocess.ts";
import { readChunks, readDataset, readTable } from "./read.ts";
import { type ByteSource, fromMemory } from "./source.ts";
import { encodeIdx } from "./writers/idx.ts";
import { encodeNpy, encodeNpz } from "./writers/npy.ts";

async function pieces(
  source: ByteSource,
  options: ReadOptions,
  spec: PreprocessSpec,
  rows: number,
): Promise<Dataset[]> {
  const found: Dataset[] = [];
  for await (const piece of readChunks(source, options, spec, rows)) found.push(piece);
  return found;
}
const numbers = (rows: Rows, spec: PreprocessSpec): number[] => {
  const encoded: EncodedRows = encodeRows(rows, spec);
  if (encoded.kind === "table") return [...encoded.numeric, ...encoded.categorical];
  return [...(encoded.kind === "image" ? encoded.pixels : encoded.values)];
};

/** Twenty thousand rows: several blocks of 64 KiB. */
const csv = `id,a,c,y\n${Array.from({ length: 20_000 }, (_, row) => `r${row},${row % 97}.25,${"uvw"[row % 3]},${row % 2}\n`).join("")}`;
const jsonl = Array.from({ length: 20_000 }, (_, row) =>
  JSON.stringify({ id: `r${row}`, a: (row % 97) + 0.25, c: "uvw"[row % 3], y: row % 2 }),
).join("\n");

describe("reading in pieces", () => {
  it.each([
    ["t.csv", csv],
    ["t.csv.gz", gzipSync(csv)],
    ["t.jsonl", jsonl],
  ])("gives the rows of the whole file, its ids and labels: %s", async (name, content) => {
    const source = fromMemory(name, content);
    const blocks: ByteSource = {
      ...source,
      async *stream() {
        for await (const bytes of source.stream())
          for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
      },
    };
    const options = { id: "id", labels: "y" };
    const whole = await readDataset(blocks, options);
    const spec = fitPreprocess(whole.rows, undefined);
    const found = await pieces(blocks, options, spec, 3000);
    expect(found.length).toBeGreaterThan(2);
    for (const piece of found) expect(piece.rows.rows).toBeLessThan(9000);
    expect(found.flatMap((piece) => piece.ids ?? [])).toEqual(whole.ids);
    expect(found.flatMap((piece) => piece.labels ?? [])).toEqual(whole.labels);
    const encoded = encodeRows(whole.rows, spec);
    const joined = found.flatMap((piece) => {
      const each = encodeRows(piece.rows, spec);
      return each.kind === "table" ? [...each.numeric] : [];
    });
    expect(encoded.kind === "table" && joined).toEqual(encoded.kind === "table" && [...encoded.numeric]);
  });

  it("decodes only what the model reads, as what it was trained on", async () => {
    const spec = fitPreprocess((await readDataset(fromMemory("s.csv", "a,c\n1,7\n2,x\n"))).rows, undefined);
    const source = fromMemory("t.csv", "other,c,a\nfree text,7,NA\nmore,8,3\n");
    const [piece] = await pieces(source, {}, spec, 100);
    expect(piece?.rows.kind === "table" && piece.rows.columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "c category",
      "a number",
    ]);
    await expect(pieces(fromMemory("t.csv", "a,c\nx,7\n"), {}, spec, 9)).rejects.toThrow(
      'line 2, column "a": expected a number, got "x"',
    );
    for (const cell of ["inf", "-1e300"])
      await expect(pieces(fromMemory("t.csv", `a,c\n1,7\n${cell},7\n`), {}, spec, 9)).rejects.toThrow(
        `line 3, column "a": expected a finite number below 3.4e38, which float32 can hold, got "${cell}"`,
      );
  });

  const values = Float32Array.from({ length: 20 }, (_, i) => i);
  it.each<[string, Uint8Array | string, number]>([
    ["t.npy", encodeNpy({ dims: [10, 2], values }), 4],
    ["t-idx2-float32.gz", gzipSync(encodeIdx([10, 2], values)), 4],
    ["t-idx3-ubyte", encodeIdx([5, 2, 2], Uint8Array.from(values)), 3],
    ["t.npz", encodeNpz({ x: { dims: [10, 2], values } }), 4],
  ])("goes through arrays: %s", async (name, content, expected) => {
    const source = fromMemory(name, content);
    const whole = await readDataset(source);
    const spec = fitPreprocess(whole.rows, undefined);
    const found = await pieces(source, {}, spec, name.includes("idx3") ? 2 : 3);
    expect(found.length).toBe(expected);
    expect(found.flatMap((piece) => numbers(piece.rows, spec))).toEqual(numbers(whole.rows, spec));
  });

  it("refuses an array file that is cut short, after the rows that were whole", async () => {
    const bytes = encodeNpy({ dims: [10, 2], values });
    const spec = fitPreprocess((await readDataset(fromMemory("t.npy", bytes))).rows, undefined);
    await expect(pieces(fromMemory("t.npy", bytes.subarray(0, -4)), {}, spec, 3)).rejects.toThrow("found 204");
  });

  it("counts svmlight indices as the model's files did", async () => {
    const spec = fitPreprocess((await readDataset(fromMemory("s.svm", "1 0:1 2:5\n"))).rows, undefined, {
      counts: "none",
    });
    const [piece] = await pieces(fromMemory("t.svm", "1 2:7\n"), {}, spec, 10);
    expect(piece?.rows).toMatchObject({ indexBase: 0, indices: Uint32Array.of(2) });
  });
});

describe("the library's front door", () => {
  it("reads a File of the browser with a label column", async () => {
    const file = new File([csv], "clinic.csv");
    const dataset = await readTable(file, { label: "y", drop: ["id"] });
    expect([dataset.origin, dataset.rows.rows, dataset.labels?.length]).toEqual(["clinic.csv", 20_000, 20_000]);
  });

  it("refuses names that tell no format, with an answer where there is one", async () => {
    const refuse = (name: string): Promise<unknown> => readDataset(fromMemory(name, "x"));
    await expect(refuse("data.xlsx")).rejects.toMatchObject({ code: "format", remedy: "Export the sheet as CSV." });
    await expect(refuse("data")).rejects.toMatchObject({ kind: "usage", code: "format" });
    await expect(refuse("photo.png")).rejects.toMatchObject({ remedy: expect.stringContaining("the folder") });
    expect((await readDataset(fromMemory("data", "a,b\n1,2\n"), { format: "csv" })).rows.rows).toBe(1);
  });

  it("refuses columns of files that have none, folders, and files that are not there", async () => {
    await expect(readDataset(fromMemory("t.npy", "x"), { id: "a" })).rejects.toThrow(
      "id names a column, but npy files have none",
    );
    await expect(readDataset("src/data")).rejects.toMatchObject({ code: "no-images", kind: "data" });
    await expect(readDataset("no/such.csv")).rejects.toMatchObject({ code: "file-not-found", kind: "data" });
  });
});
