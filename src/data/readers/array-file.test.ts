import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dataset, Rows } from "../dataset.ts";
import { readDataset } from "../read.ts";
import { fromMemory } from "../source.ts";
import { encodeIdx, type IdxValues } from "../writers/idx.ts";
import { encodeNpy, encodeNpz, type NpyArray } from "../writers/npy.ts";
import { decodeLabels } from "./array-file.ts";

const read = (name: string, bytes: Uint8Array, options = {}): Promise<Dataset> =>
  readDataset(fromMemory(name, bytes), options);
const contents = ({ rows }: { rows: Rows }): number[] => [
  ...(rows.kind === "image" ? rows.pixels : "values" in rows ? rows.values : []),
];

/** An NPY file with a header of our choosing. */
function npy(header: string, body: ArrayBufferView): Uint8Array {
  const text = new TextEncoder().encode(`${header.padEnd(117)}\n`);
  const bytes = new Uint8Array(10 + text.length + body.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0]);
  bytes.set(text, 10);
  bytes.set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), 10 + text.length);
  return bytes;
}
const header = (descr: string, shape: string, order = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`;

describe("round trips", () => {
  const dims = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 3 });
  const floats = dims.chain((sizes) =>
    fc.tuple(fc.constant(sizes), fc.float32Array({ minLength: size(sizes), maxLength: size(sizes), noNaN: true })),
  );
  const size = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

  it("npy and idx of float32", async () => {
    await fc.assert(
      fc.asyncProperty(floats, fc.boolean(), async ([sizes, values], zipped) => {
        const pack = (bytes: Uint8Array): Uint8Array => (zipped ? gzipSync(bytes) : bytes);
        const end = zipped ? ".gz" : "";
        const a = await read(`t.npy${end}`, pack(encodeNpy({ dims: sizes, values })));
        const b = await read(`t-idx${sizes.length}-float32${end}`, pack(encodeIdx(sizes, values)));
        expect(a.rows.kind).toBe(sizes.length === 3 ? "signal" : "dense");
        expect(contents(a)).toEqual([...values]);
        expect(b.rows).toEqual(a.rows);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, IdxValues]>([
    ["ubyte", Uint8Array.of(0, 1, 254, 255)],
    ["int16", Int16Array.of(-1000, 0, 1, 32767)],
    ["int32", Int32Array.of(-70000, 0, 1, 70000)],
    ["float32", Float32Array.of(-1.5, 0, 1e-20, 3)],
    ["float64", Float64Array.of(-1.5, 0, 0.5, 3)],
  ])("idx of %s", async (type, values) => {
    expect(contents(await read(`t-idx2-${type}`, encodeIdx([2, 2], values)))).toEqual([...values]);
    expect(await decodeLabels(fromMemory("l", encodeIdx([4], values)), "idx")).toEqual(Array.from(values, String));
  });

  it("npz, with labels inside", async () => {
    const x: NpyArray = { dims: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const bytes = encodeNpz({
      x,
      y: { dims: [2], values: BigInt64Array.of(7n, 8n) },
      names: { dims: [2], values: ["a", "ß€😀"] },
    });
    expect((await read("t.npz", bytes, { labels: "y" })).labels).toEqual(["7", "8"]);
    const named = await read("t.npz", bytes, { labels: "names" });
    expect([named.labels, contents(named)]).toEqual([
      ["a", "ß€😀"],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect((await read("t.npz", encodeNpz({ w: x }), {})).rows.rows).toBe(2);
  });
});

describe("npy as NumPy writes it", () => {
  it.each<[string, ArrayBufferView, number[]]>([
    ["|b1", Uint8Array.of(0, 1, 1, 0), [0, 1, 1, 0]],
    ["|i1", Int8Array.of(-1, 2, 3, 4), [-1, 2, 3, 4]],
    ["<u2", Uint16Array.of(65535, 1, 2, 3), [65535, 1, 2, 3]],
    ["<i8", BigInt64Array.of(-5n, 1n, 2n, 3n), [-5, 1, 2, 3]],
    ["<u8", BigUint64Array.of(5n, 1n, 2n, 3n), [5, 1, 2, 3]],
    ["<u4", Uint32Array.of(4294967295, 1, 2, 3), [4294967296, 1, 2, 3]],
    ["<f2", Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00), [1, -2, 2 ** -24, Infinity]],
    [">f4", Uint8Array.of(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x40, 0, 0), [1, -2, 0, 3]],
    ["<f8", Float64Array.of(1, 2.5, -3, 0), [1, 2.5, -3, 0]],
  ])("%s", async (descr, body, expected) => {
    expect(contents(await read("t.npy", npy(header(descr, "2, 2"), body)))).toEqual(expected);
  });

  it("with the first axis fastest", async () => {
    const two = await read("t.npy", npy(header("<f4", "2, 3", "True"), Float32Array.of(1, 4, 2, 5, 3, 6)));
    expect(contents(two)).toEqual([1, 2, 3, 4, 5, 6]);
    const three = await read("t.npy", npy(header("|u1", "2, 2, 2", "True"), Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 7)));
    expect([three.rows.kind, contents(three)]).toEqual(["image", [0, 1, 2, 3, 4, 5, 6, 7]]);
  });
});

describe("layouts", () => {
  it.each([
    ["|u1", "2, 2, 2", {}, { kind: "image", height: 2, width: 2, channels: 1 }],
    ["|u1", "1, 1, 2, 3", {}, { kind: "image", height: 1, width: 2, channels: 3 }],
    ["|u1", "2, 2, 2", { layout: "rows" }, { kind: "dense", width: 4 }],
    ["|u1", "2, 2, 2", { layout: "signals" }, { kind: "signal", channels: 2, length: 2 }],
    ["|i1", "2, 2, 2", {}, { kind: "signal", channels: 2, length: 2 }],
    ["|u1", "2, 4", {}, { kind: "dense", width: 4 }],
  ])("%s [%s] %j", async (descr, shape, options, expected) => {
    const bytes = npy(header(descr, shape), new Uint8Array(shape.split(",").reduce((a, b) => a * Number(b), 1)));
    expect((await read("t.npy", bytes, options)).rows).toMatchObject(expected);
  });

  it.each([
    ["|u1", "1, 3, 2, 2", {}, "Move the channels to the last axis"],
    ["<f4", "1, 2, 2, 3", {}, "converted to 0..255"],
    ["<f4", "2, 2, 2", { layout: "images" }, "Convert the pixels to 0..255"],
    ["<f4", "4,", {}, "A vector is taken as labels only"],
  ])("refuses %s [%s] %j", async (descr, shape, options, remedy) => {
    const bytes = npy(header(descr, shape), new Float32Array(16));
    await expect(read("t.npy", bytes, options)).rejects.toMatchObject({
      kind: "data",
      remedy: expect.stringContaining(remedy),
    });
  });
});

describe("malformed files", () => {
  const idx = encodeIdx([3, 2, 2], new Uint8Array(12));
  const whole = encodeNpy({ dims: [3, 2], values: new Float32Array(6) });

  it.each([
    ["t-idx3-ubyte", idx.subarray(0, 20), "expected 28 bytes (uint8 values for [3, 2, 2]), found 20"],
    ["t-idx3-ubyte", idx.subarray(0, 9), "expected a header of 16 bytes, found 9"],
    ["t-idx3-ubyte", Uint8Array.of(...idx, 0), "expected 28 bytes (uint8 values for [3, 2, 2]), found 29"],
    [
      "t.idx",
      Uint8Array.of(0x1f, 0x8b, 8, 0),
      "byte 0: expected an IDX header (00 00, type 08 09 0b 0c 0d or 0e, rank), got 1f 8b 08 00",
    ],
    [
      "t.npy",
      whole.subarray(0, whole.length - 5),
      `expected ${whole.length} bytes (float32 values for [3, 2]), found ${whole.length - 5}`,
    ],
    ["t.npy", whole.subarray(0, 40), "expected a header of 118 bytes, found 30"],
    ["t.npy", Uint8Array.of(1, 2, 3), "expected \\x93NUMPY"],
    [
      "t.npy",
      npy(header("|O", "2, 2"), new Uint8Array(4)),
      "expected numbers (or strings, for labels), got the type |O",
    ],
    [
      "t.npy",
      npy("{'descr': [('a', '<f4')]}", new Uint8Array(4)),
      "expected a header with descr, fortran_order and shape",
    ],
    ["t.npy.gz", gzipSync(whole).subarray(0, 30), "expected a whole gzip file of 30 bytes, but it ends early"],
    ["t.npy.gz", whole, "gzip file of 152 bytes, but it is damaged"],
    ["t.npz", whole, "expected an NPZ (zip) file"],
    [
      "t.npz",
      encodeNpz({ a: { dims: [1, 1], values: Uint8Array.of(1) }, b: { dims: [1, 1], values: Uint8Array.of(1) } }),
      "expected one array of features, got a, b",
    ],
  ])("%s: %#", async (name, bytes, message) => {
    await expect(read(name, bytes)).rejects.toMatchObject({ name: "DannError", kind: "data" });
    await expect(read(name, bytes)).rejects.toThrow(`${name}: `);
    await expect(read(name, bytes)).rejects.toThrow(message);
  });
});

describe("labels in a file of their own", () => {
  let folder = "";
  const put = async (name: string, content: Uint8Array | string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dann-labels-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const features = encodeNpy({ dims: [3, 2], values: new Float32Array(6) });

  it.each<[string, Uint8Array | string, (string | undefined)[]]>([
    ["l-idx1-ubyte", encodeIdx([3], Uint8Array.of(2, 0, 1)), ["2", "0", "1"]],
    ["l.npy", encodeNpy({ dims: [3], values: ["cat", "dog", ""] }), ["cat", "dog", undefined]],
    ["column.npy", encodeNpy({ dims: [3, 1], values: Float64Array.of(1, Number.NaN, 0.5) }), ["1", undefined, "0.5"]],
    ["l.txt", "cat\n\ndog\n", ["cat", undefined, "dog"]],
    ["l.csv", "label\ncat\nNA\ndog\n", ["cat", undefined, "dog"]],
    ["two.csv", "row,class\n0,cat\n1,\n2,dog\n", ["cat", undefined, "dog"]],
    ["bare.csv", "3\n4\n3\n", ["3", "4", "3"]],
  ])("%s", async (name, content, expected) => {
    const labels = await put(name, content);
    expect((await read("t.npy", features, { labels })).labels).toEqual(expected);
  });

  it("goes with a table, too, unless a column has that name", async () => {
    const labels = await put("dx.txt", "p\nq\n");
    const table = await readDataset(fromMemory("t.csv", "a,b\n1,2\n3,4\n"), { labels });
    expect([table.labels, table.rows]).toEqual([["p", "q"], expect.objectContaining({ rows: 2 })]);
  });

  it("refuses another number of labels than rows, shapes with more, and files that are none", async () => {
    const short = await put("short.txt", "a\nb\n");
    await expect(read("t.npy", features, { labels: short })).rejects.toThrow(
      "expected 3 labels, one for each row of t.npy, got 2",
    );
    const oneHot = await put("hot.npy", encodeNpy({ dims: [3, 2], values: new Float32Array(6) }));
    await expect(read("t.npy", features, { labels: oneHot })).rejects.toThrow(
      "expected a vector with a label a row, got [3, 2]",
    );
    await expect(read("t.npy", features, { labels: join(folder, "none.npy") })).rejects.toMatchObject({
      code: "file-not-found",
    });
    const wide = await put("wide.csv", "a,b\n1,2\n3,4\n");
    await expect(read("t.npy", features, { labels: wide })).rejects.toThrow("expected one column of labels, got a, b");
  });
});
