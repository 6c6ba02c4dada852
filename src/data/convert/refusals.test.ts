import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { arrays, place, root, rows, tree } from "../../../test/support/image-arrays.ts";
import { png, writeFiles } from "../../../test/support/images.ts";
import type { ImageRows } from "../dataset.ts";
import { encodeNpy, encodeNpz } from "../writers/npy.ts";
import { convertImages } from "./convert.ts";
import { convertTarget } from "./target.ts";
import { writeArrays } from "./write-arrays.ts";

describe("what is refused, and leaves nothing", () => {
  const refused = async (
    out: (from: string) => string,
    options: (from: string) => object,
    input = "images-idx3-ubyte",
  ) => {
    const from = arrays();
    const before = tree(from);
    const error = await convertImages(join(from, input), out(from), options(from)).catch((cause: Error) => cause);
    expect(tree(from)).toEqual(before);
    expect(readdirSync(from).filter((name) => name.startsWith("."))).toEqual([]);
    return error;
  };
  const folderOut = (from: string): string => join(from, "out/");
  const withIndex = (from: string): object => ({ index: join(from, "index.csv") });

  it.each([
    ["usage", "out-exists", (from: string) => from, () => ({})],
    ["usage", "out-exists", (from: string) => join(from, "images-idx3-ubyte"), () => ({})],
    ["usage", "out-exists", (from: string) => join(from, "images.npy/../index.csv/"), () => ({})],
    ["usage", "output-format", (from: string) => join(from, "x.h5"), () => ({})],
    ["usage", "output-format", (from: string) => join(from, "x-idx3-float"), () => ({})],
    ["usage", "output-format", (from: string) => join(from, "x-idx5-ubyte"), () => ({})],
    ["usage", "no-index", folderOut, () => ({ id: "name" })],
    ["usage", "no-index", folderOut, () => ({ where: [{ column: "frame", values: ["0"] }] })],
    ["usage", "skip-bad", folderOut, () => ({ skipBad: true })],
    [
      "usage",
      "class-names",
      folderOut,
      (from: string) => ({ labels: join(from, "labels-idx1-ubyte"), classes: "a,b,a" }),
    ],
    [
      "usage",
      "class-names",
      folderOut,
      (from: string) => ({ labels: join(from, "labels-idx1-ubyte"), classes: "a,,b" }),
    ],
    [
      "data",
      "unknown-class",
      folderOut,
      (from: string) => ({ labels: join(from, "labels-idx1-ubyte"), classes: "a,b,c" }),
    ],
    ["data", "no-such-column", folderOut, (from: string) => ({ ...withIndex(from), group: ["trak"] })],
    ["data", "no-such-column", folderOut, (from: string) => ({ ...withIndex(from), labels: "kid" })],
    [
      "data",
      "no-rows",
      folderOut,
      (from: string) => ({ ...withIndex(from), where: [{ column: "frame", values: ["7"] }] }),
    ],
    ["data", "repeated-name", folderOut, (from: string) => ({ ...withIndex(from), id: "track" })],
    ["data", "file-not-found", folderOut, () => ({ labels: "nowhere-idx1-ubyte" })],
  ])("%s: %s", async (kind, code, out, options) => {
    expect(await refused(out, options)).toMatchObject({ name: "DannError", kind, code });
  });

  it("names that lead out of the folder, are hidden or empty", async () => {
    for (const name of ["../../up", "/etc/x", ".hidden", "a//b", "a\nb", "..", "x.", "é".repeat(200)]) {
      const from = arrays();
      writeFileSync(join(from, "names.jsonl"), `${JSON.stringify({ label: name })}\n`.repeat(rows));
      const error = await convertImages(join(from, "images-idx3-ubyte"), join(from, "out"), {
        labels: "label",
        index: join(from, "names.jsonl"),
      }).catch((cause: Error) => cause);
      expect(error, name).toMatchObject({ code: "file-name", kind: "data" });
      expect(readdirSync(from)).not.toContain("out");
    }
    expect(existsSync(join(root, "up"))).toBe(false);
  });

  it("labels that some systems take for one, and rows without a label", async () => {
    const from = arrays();
    const lines = Array.from({ length: rows }, (_, i) => ["Cat", "cat", ""][i % 3]);
    writeFileSync(join(from, "words.csv"), `label,n\n${lines.map((line, i) => `${line},${i % 3}`).join("\n")}\n`);
    const asked = { labels: "label", index: join(from, "words.csv") };
    const input = join(from, "images-idx3-ubyte");
    await expect(convertImages(input, join(from, "out"), asked)).rejects.toMatchObject({
      code: "missing-labels",
      message: expect.stringContaining("got none for 8 rows (from 0): 2, 5,"),
    });
    const where = (values: readonly string[]) => ({ ...asked, where: [{ column: "n", values }] });
    await expect(convertImages(input, join(from, "out"), where(["0", "1"]))).rejects.toMatchObject({
      code: "classes-alike",
    });
    expect((await convertImages(input, join(from, "out"), where(["1"]))).images).toBe(8);
  });

  it("folders with flags of arrays, and a place inside the folder itself", async () => {
    const folder = place({ "cat/1.png": png(2, 2, 1) });
    for (const [code, options] of [
      ["folder-index", { index: "x.csv" }],
      ["folder-id", { id: "x" }],
      ["folder-format", { format: "npy" }],
      ["folder-where", { where: [{ column: "a", values: [] }] }],
      ["folder-labels", { labels: "x.txt" }],
      ["folder-group", { group: ["track"] }],
    ] as const)
      await expect(convertImages(folder, join(root, "none"), options)).rejects.toMatchObject({ kind: "usage", code });
    symlinkSync(folder, join(root, "link"));
    for (const out of [join(folder, "cat/small"), join(root, "link/new/deep"), join(folder, "a.npy")])
      await expect(convertImages(folder, out)).rejects.toMatchObject({ kind: "usage", code: "out-inside" });
    expect(tree(folder)).toEqual(["cat/1.png"]);
  });

  it("arrays that are no images, and indices of another length", async () => {
    const from = place({
      "rows.npy": encodeNpy({ dims: [4, 3], values: new Float32Array(12) }),
      "deep.npy": encodeNpy({ dims: [4, 2, 2], values: new Float64Array(16) }),
      "one.npz": encodeNpz({
        images: { dims: [2, 2, 2], values: new Uint8Array(8) },
        y: { dims: [3], values: ["a", "b", "c"] },
      }),
    });
    for (const [name, options, code] of [
      ["rows.npy", {}, "image-layout"],
      ["deep.npy", {}, "image-layout"],
      ["one.npz", { labels: "y" }, "index-rows"],
      ["one.npz", { labels: "z" }, "no-such-column"],
    ] as const)
      await expect(convertImages(join(from, name), join(from, "out"), options)).rejects.toMatchObject({
        kind: "data",
        code,
      });
    const wide: ImageRows = {
      kind: "image",
      rows: 1,
      height: 2 ** 12,
      width: 2 ** 12,
      channels: 1,
      pixels: new Uint8Array(0),
    };
    const records = Array.from({ length: 200 }, (_, row) => ({ row, id: `${row}` }));
    await expect(
      writeArrays({ format: "npz", path: join(from, "big.npz") }, { images: wide, records }),
    ).rejects.toMatchObject({
      code: "output-format",
      remedy: "Write NPY: --out big.npy",
    });
  });

  it("a conversion that is stopped, or whose place is taken meanwhile", async () => {
    const from = arrays();
    const [input, out] = [join(from, "images-idx3-ubyte"), join(from, "out")];
    const before = readdirSync(from);
    const stop = new AbortController();
    const onProgress = (done: number): void => {
      // Under way, what is there has a name that readers pass over.
      if (done === 3) {
        expect(existsSync(out)).toBe(false);
        expect(readdirSync(from).filter((name) => !before.includes(name))).toEqual([
          expect.stringMatching(/^\.out\.\d+\.tmp$/),
        ]);
        stop.abort();
      }
    };
    await expect(convertImages(input, out, {}, { signal: stop.signal, onProgress })).rejects.toMatchObject({
      kind: "interrupted",
    });
    expect(readdirSync(from)).toEqual(before);
    await expect(convertImages(input, join(from, "a.npy"), {}, { signal: stop.signal })).rejects.toMatchObject({
      kind: "interrupted",
    });
    expect(readdirSync(from)).toEqual(before);
    const taken = convertImages(input, out, {}, { onProgress: () => writeFiles(from, { "out/mine.txt": "x" }) });
    await expect(taken).rejects.toMatchObject({ code: "file-write", kind: "data" });
    expect(tree(out)).toEqual(["mine.txt"]);
    expect(readdirSync(from).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    // An empty folder is as good as none.
    mkdirSync(join(from, "empty"));
    await convertImages(input, join(from, "empty"));
    expect(tree(join(from, "empty"))).toHaveLength(rows);
  });
});

it("names say what is written", () => {
  for (const [name, format] of [
    ["out", "folder"],
    ["out/", "folder"],
    ["a.csv/", "folder"],
    ["v1.2", "folder"],
    ["a.npy.gz", "npy"],
    ["a.npz", "npz"],
    ["train-images.idx3-ubyte", "idx"],
    ["t.idx.gz", "idx"],
  ] as const)
    expect(convertTarget(name).format, name).toBe(format);
  for (const name of ["a.csv", "a.npz.gz", "a.zip", "a.png", "a.idx1-short"])
    expect(() => convertTarget(name), name).toThrow();
});
