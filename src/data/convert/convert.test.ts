import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  arrays,
  grey,
  labels,
  numbers,
  pixels,
  place,
  rgb,
  root,
  rows,
  tree,
} from "../../../test/support/image-arrays.ts";
import { jpg, png, smooth } from "../../../test/support/images.ts";
import type { ImageRows } from "../dataset.ts";
import { readImages } from "../images/read.ts";
import { readDataset } from "../read.ts";
import { encodeNpy } from "../writers/npy.ts";
import { convertImages } from "./convert.ts";
import { inPart } from "./select.ts";

describe("there and back", () => {
  it.each([
    ["images-idx3-ubyte", grey],
    ["rgb-images-idx4-ubyte.gz", rgb],
  ])("%s: pixels and labels are the same bytes", async (name, bytes) => {
    const from = arrays();
    const done = await convertImages(join(from, name), join(from, "folder/"), {
      labels: join(from, "labels-idx1-ubyte"),
    });
    expect(done.classes).toEqual([0, 2, 10].map((number) => ({ name: String(number), number, images: 8 })));
    expect(tree(join(from, "folder")).slice(0, 2)).toEqual(["0/01.png", "0/04.png"]);
    const back = place();
    const again = await convertImages(join(from, "folder"), join(back, name));
    const written = again.files.map(({ path }) => path.slice(back.length + 1));
    const unpacked = (path: string): Uint8Array => {
      const content = readFileSync(join(back, path));
      return path.endsWith(".gz") ? gunzipSync(content) : content;
    };
    expect(Buffer.compare(unpacked(name), bytes)).toBe(0);
    const [labelFile = ""] = written;
    expect(labelFile).toBe(name.replace("images", "labels").replace(/idx\d/, "idx1"));
    expect(Buffer.compare(unpacked(labelFile), labels)).toBe(0);
    // Numbers stand for themselves and need no names.
    expect(readdirSync(back).sort()).toEqual(written.sort());
    expect(written.some((path) => path.includes("classes"))).toBe(false);
    expect(again.files.map(({ path, bytes }) => readFileSync(path).length === bytes)).toEqual([true, true, true]);
  });

  it("a folder with names and groups: paths, classes and pixels come back from each kind of array", async () => {
    const folder = place({
      "cat/p1/1.png": png(4, 6, 3, smooth(4, 6, 3, 1)),
      "cat/p2/3.png": png(4, 6, 3, smooth(4, 6, 3, 2)),
      "Ærø/p3/2.png": png(4, 6, 3, smooth(4, 6, 3, 3)),
    });
    const original = await readImages(folder, { cache: false, group: "folder" });
    for (const [name, flags] of [
      ["images.npz", { labels: "labels", classes: "classes", id: "ids", group: ["groups"] }],
      ["images.npy", { labels: "label", index: "index.csv", id: "id", group: ["group"] }],
      [
        "x-idx4-ubyte.gz",
        { labels: "x-labels-idx1-ubyte.gz", classes: "x-classes.txt", index: "x-index.csv", id: "id" },
      ],
    ] as const) {
      const at = place();
      const inside = (path: string | undefined): string | undefined =>
        path !== undefined && existsSync(join(at, path)) ? join(at, path) : path;
      const there = await convertImages(folder, join(at, name), { group: ["folder"] });
      expect(there.classes).toEqual([
        { name: "cat", number: 0, images: 2 },
        { name: "Ærø", number: 1, images: 1 },
      ]);
      const back = await convertImages(join(at, name), join(at, "back"), {
        ...flags,
        labels: inside(flags.labels),
        classes: inside("classes" in flags ? flags.classes : undefined),
        index: inside("index" in flags ? flags.index : undefined),
      });
      expect(back.groups).toBe("group" in flags ? 3 : undefined);
      const read = await readImages(join(at, "back"), { cache: false, group: "folder" });
      expect({ ...read, origin: folder }, name).toEqual(original);
    }
  });

  it("other programs find what they expect: NPY of int64, shapes, a table", async () => {
    const from = arrays();
    await convertImages(join(from, "images-idx3-ubyte"), join(from, "n.npy"), {
      labels: join(from, "labels-idx1-ubyte"),
    });
    expect(
      Buffer.compare(readFileSync(join(from, "n.npy")), encodeNpy({ dims: [rows, 5, 7], values: pixels(1) })),
    ).toBe(0);
    expect(readFileSync(join(from, "n-labels.npy"))).toEqual(
      Buffer.from(encodeNpy({ dims: [rows], values: BigInt64Array.from(numbers, BigInt) })),
    );
    expect(readFileSync(join(from, "n-index.csv"), "utf8").split("\n").slice(0, 3)).toEqual([
      "id,label",
      "00,10",
      "01,0",
    ]);
  });
});

describe("what is converted", () => {
  it("rows are selected by columns, keep their numbers, and carry a group", async () => {
    const from = arrays();
    const done = await convertImages(join(from, "images-idx3-ubyte"), join(from, "out"), {
      labels: join(from, "labels-idx1-ubyte"),
      index: join(from, "index.csv"),
      where: [
        { column: "frame", values: ["0", " 3.0"] },
        { column: "kind", values: ["b"] },
      ],
      group: ["track"],
    });
    expect([done.images, done.groups]).toEqual([6, 3]);
    expect(tree(join(from, "out"))).toEqual([
      "0/04/04.png",
      "0/04/16.png",
      "10/00/00.png",
      "10/00/12.png",
      "2/02/08.png",
      "2/02/20.png",
    ]);
    const read = await readImages(join(from, "out"), { cache: false, group: "folder" });
    expect(read.groups).toEqual(["0/04", "0/04", "10/00", "10/00", "2/02", "2/02"]);
    expect([...(read.rows as ImageRows).pixels.subarray(0, 35)]).toEqual([...pixels(1).subarray(4 * 35, 5 * 35)]);
  });

  it("names of columns: labels, ids, several of a group", async () => {
    const from = arrays();
    const done = await convertImages(join(from, "images-idx3-ubyte"), join(from, "out"), {
      labels: "kind",
      index: join(from, "index.csv"),
      id: "name",
      group: ["kind", "track"],
      part: { number: 1, of: 1, seed: 0 },
    });
    expect(done.classes?.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(tree(join(from, "out")).slice(0, 3)).toEqual(["a/01/img1.png", "a/01/img13.png", "a/01/img19.png"]);
  });

  it("parts share no group, cover all rows, have about as much of every class, and follow the seed", () => {
    const dealt = Array.from({ length: 120 }, (_, i) => ({ label: `c${i % 3}`, group: `g${i % 30}` }));
    const parts = [1, 2, 3].map((number) => inPart(dealt, { number, of: 3, seed: 4 }));
    expect(dealt.map((_, row) => parts.filter((part) => part[row]).length)).toEqual(dealt.map(() => 1));
    const groups = parts.map((part) => new Set(dealt.filter((_, row) => part[row]).map(({ group }) => group)));
    expect(groups.map(({ size }) => size)).toEqual([10, 10, 10]);
    for (const part of parts) {
      const counts = ["c0", "c1", "c2"].map(
        (label) => dealt.filter((row, at) => part[at] && row.label === label).length,
      );
      for (const count of counts) expect(Math.abs(count - 40 / 3)).toBeLessThan(4);
    }
    expect(inPart(dealt, { number: 1, of: 3, seed: 4 })).toEqual(parts[0]);
    expect(inPart(dealt, { number: 1, of: 3, seed: 5 })).not.toEqual(parts[0]);
    // Without groups every row is dealt by itself, and a group of several classes is not split.
    expect(
      inPart(
        dealt.map(({ label }) => ({ label })),
        { number: 1, of: 2, seed: 0 },
      ).filter(Boolean),
    ).toHaveLength(60);
    const mixed = inPart(
      [
        { label: "a", group: "p" },
        { label: "b", group: "p" },
      ],
      { number: 1, of: 2, seed: 0 },
    );
    expect(new Set(mixed).size).toBe(1);
  });

  it("sizes, bad files, the order of classes", async () => {
    const folder = place({
      "cat/1.jpg": jpg(10, 20),
      "cat/1.png": png(8, 8, 3),
      "dog/2.png": png(8, 8, 1),
      "dog/bad.png": png(8, 8, 1).subarray(0, 50),
    });
    await expect(convertImages(folder, join(root, "x.npy"), { imageSize: "6x4" })).rejects.toMatchObject({
      code: "bad-images",
    });
    const out = join(place(), "images.npy");
    const how = { skipBad: true, imageSize: "6x4", imageFit: "contain", classes: "bird, dog,cat" } as const;
    const done = await convertImages(folder, out, how);
    expect(done).toMatchObject({ images: 3, shape: [6, 4, 3] });
    expect(done.notes).toEqual(["1 image skipped that cannot be read: dog/bad.png (it ends early)"]);
    expect(done.classes).toEqual([
      { name: "bird", number: 0, images: 0 },
      { name: "dog", number: 1, images: 1 },
      { name: "cat", number: 2, images: 2 },
    ]);
    expect(readFileSync(out.replace("images.npy", "classes.txt"), "utf8")).toBe("bird\ndog\ncat\n");
    const read = await readDataset(out, { labels: out.replace("images.npy", "labels.npy") });
    expect(read.labels).toEqual(["2", "2", "1"]);
    const same = await readImages(folder, { imageSize: "6x4", imageFit: "contain", skipBad: true, cache: false });
    expect((read.rows as ImageRows).pixels).toEqual((same.rows as ImageRows).pixels);
    // Folder to folder: what differs in the ending alone keeps it.
    const resized = join(place(), "small");
    await convertImages(folder, resized, { ...how, classes: undefined });
    expect(tree(resized)).toEqual(["cat/1.jpg.png", "cat/1.png", "dog/2.png"]);
    // Arrays are stretched unless told otherwise, as in training.
    const from = arrays();
    const flat = join(from, "flat");
    await convertImages(join(from, "images-idx3-ubyte"), flat, { imageSize: "3x3" });
    expect(tree(flat)).toHaveLength(rows);
    expect((await readImages(flat, { cache: false })).labels).toBeUndefined();
  });

  it("numbers above 255 are written as int", async () => {
    const folder = place({ "7/1.png": png(2, 2, 1), "300/2.png": png(2, 2, 1) });
    const done = await convertImages(folder, join(folder, "../wide-images-idx4-ubyte"));
    expect(done.files[0]?.path).toMatch(/wide-labels-idx1-int$/);
    const read = await readDataset(done.files[2]?.path ?? "", { labels: done.files[0]?.path });
    expect(read.labels).toEqual(["7", "300"]);
    expect(read.rows).toMatchObject({ channels: 1, height: 2 });
  });
});
