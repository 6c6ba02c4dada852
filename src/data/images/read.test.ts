import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  jpg,
  png,
  pngChunk,
  pngData,
  pngHead,
  pngOf,
  smooth,
  turned,
  writeFiles,
} from "../../../test/support/images.ts";
import type { ImageDecoder, ImageFolderOptions } from "../config.ts";
import type { ImageRows } from "../dataset.ts";
import { byCodePoints } from "./listing.ts";
import { readImages } from "./read.ts";

const root = mkdtempSync(join(tmpdir(), "dann-images-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const folderOf = (files: Readonly<Record<string, Uint8Array | string>>): string =>
  writeFiles(join(root, `f${folders++}`), files);
const cache = join(root, "cache");

const read = async (folder: string, options: ImageFolderOptions = {}): Promise<ImageRows> =>
  (await readImages(folder, { cache: false, ...options })).rows as ImageRows;
const rowOf = ({ height, width, channels, pixels }: ImageRows, row: number): number[] => {
  const area = height * width * channels;
  return [...pixels.subarray(row * area, (row + 1) * area)];
};
const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, at) => Math.abs(value - (b[at] ?? Number.NaN))).reduce((sum, d) => sum + d, 0) / a.length;

const decoders: readonly ImageDecoder[] = ["sharp", "javascript"];

describe.each(decoders)("a folder of images, decoded by %s", (decoder) => {
  it("is rows in the order of paths, with paths for ids and sub-folders for labels", async () => {
    const folder = folderOf({
      "dog/2.png": png(4, 6, 3),
      "cat/deep/b.png": png(4, 6, 3),
      "cat/a.JPG": jpg(4, 6),
      "cat/Z.png": png(4, 6, 1),
      "cat/.hidden.png": "x",
      "dog/notes.txt": "x",
    });
    const dataset = await readImages(folder, { cache: false, decoder, group: "folder" });
    expect(dataset.ids).toEqual(["cat/Z.png", "cat/a.JPG", "cat/deep/b.png", "dog/2.png"]);
    expect(dataset.labels).toEqual(["cat", "cat", "cat", "dog"]);
    expect(dataset.groups).toEqual(["cat", "cat", "cat/deep", "dog"]);
    expect(dataset.rows).toMatchObject({ kind: "image", rows: 4, height: 4, width: 6, channels: 3 });
    expect(dataset.notes).toEqual([
      `1 file passed over that are no JPEG, PNG or WebP: dog/notes.txt`,
      `1 hidden name passed over: cat/.hidden.png`,
    ]);
    const grey = smooth(4, 6, 1);
    expect(rowOf(dataset.rows as ImageRows, 0)).toEqual([...grey].flatMap((value) => [value, value, value]));
    expect(rowOf(dataset.rows as ImageRows, 3)).toEqual([...smooth(4, 6, 3)]);
  });

  it("is grey where every image is", async () => {
    const rows = await read(folderOf({ "a/1.png": png(3, 5, 1), "b/2.png": png(3, 5, 2, smooth(3, 5, 2).fill(255)) }), {
      decoder,
    });
    expect(rows).toMatchObject({ channels: 1, rows: 2 });
    expect(rowOf(rows, 0)).toEqual([...smooth(3, 5, 1)]);
    expect(rowOf(rows, 1)).toEqual(new Array(15).fill(255));
  });

  it("takes the upper byte of 16 bits, and lays what is transparent on white", async () => {
    const deep = Uint16Array.from(smooth(4, 4, 3), (value, at) => value * 256 + (at % 256));
    const clear = Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 0, 10, 20, 30, 51, 0, 0, 0, 128);
    const rows = await read(folderOf({ "1.png": png(4, 4, 3, deep) }), { decoder });
    expect(difference(rowOf(rows, 0), smooth(4, 4, 3))).toBe(0);
    const alpha = await read(folderOf({ "2.png": png(1, 4, 4, clear) }), { decoder });
    expect(rowOf(alpha, 0)).toEqual([10, 20, 30, 255, 255, 255, 206, 208, 210, 127, 127, 127]);
  });

  it("reads palettes, a transparent colour, and samples of less than a byte", async () => {
    const palette = [
      [255, 0, 0],
      [0, 255, 0, 0],
      [1, 2, 3],
    ];
    // Two bits a sample: 0 1 2 | 2 1 0, each row from a new byte on.
    const packed = indexed(3, 2, 2, palette, Uint8Array.of(0b00_01_10_00, 0b10_01_00_00));
    const rows = await read(folderOf({ "p.png": packed }), { decoder });
    const [red, clear, dark] = [
      [255, 0, 0],
      [255, 255, 255],
      [1, 2, 3],
    ];
    expect(rowOf(rows, 0)).toEqual([red, clear, dark, dark, clear, red].flat());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("stands upright from EXIF's orientation %i", async (orientation) => {
    // Four quarters: red, green / blue, white.
    const quarters = (order: readonly number[][], tall: boolean): number[] => {
      const [height, width] = tall ? [32, 16] : [16, 32];
      return Array.from({ length: height * width }, (_, p) => {
        const [down, right] = [Math.floor(p / width) >= height / 2, p % width >= width / 2];
        return order[(down ? 2 : 0) + (right ? 1 : 0)] ?? [];
      }).flat();
    };
    const [a, b, c, d] = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
    ] as const;
    // Where the stored quarters (a b / c d) go, by the table of the EXIF standard.
    const upright = [
      [a, b, c, d],
      [b, a, d, c],
      [d, c, b, a],
      [c, d, a, b],
      [a, c, b, d],
      [c, a, d, b],
      [d, b, c, a],
      [b, d, a, c],
    ][orientation - 1]?.map((one) => [...one]) as number[][];
    const stored = jpg(
      16,
      32,
      Uint8Array.from(
        quarters(
          [a, b, c, d].map((one) => [...one]),
          false,
        ),
      ),
      100,
    );
    for (const little of [true, false]) {
      const rows = await read(folderOf({ "x.jpg": turned(stored, orientation, little) }), { decoder });
      expect([rows.height, rows.width]).toEqual(orientation >= 5 ? [32, 16] : [16, 32]);
      expect(difference(rowOf(rows, 0), quarters(upright, orientation >= 5))).toBeLessThan(3);
    }
  });

  it("names every file that cannot be read, and skips them when asked", async () => {
    const whole = png(8, 8, 3);
    const photo = jpg(32, 32);
    const bomb = whole.slice();
    new DataView(bomb.buffer).setUint32(16, 60000);
    new DataView(bomb.buffer).setUint32(20, 60000);
    const broken = whole.slice();
    broken[45] = (broken[45] ?? 0) ^ 0xff;
    const folder = folderOf({
      "a/bomb.png": bomb,
      "a/broken.png": broken,
      "a/cut.png": whole.subarray(0, -20),
      "a/cut.jpg": photo.subarray(0, 500),
      "a/empty.jpg": "",
      "a/text.png": "hello",
      "a/good.png": whole,
      "b/good.png": whole,
    });
    const error = await readImages(folder, { cache: false, decoder, imageSize: "8x8" }).catch((cause: Error) => cause);
    expect(error).toMatchObject({ name: "DannError", code: "bad-images", kind: "data" });
    const { message } = error as Error;
    expect(message).toMatch(/6 files cannot be read/);
    for (const said of [
      "a/bomb.png (it has 60000x60000 pixels, more than 67108864)",
      "a/broken.png (",
      "a/cut.png (it ends early)",
      "a/cut.jpg (it ends early)",
      "a/empty.jpg (it is empty)",
      "a/text.png (it is no JPEG, PNG or WebP)",
    ])
      expect(message).toContain(said);
    const left = await readImages(folder, { cache: false, decoder, imageSize: "8x8", skipBad: true });
    expect(left.ids).toEqual(["a/good.png", "b/good.png"]);
    expect(left.rows.rows).toBe(2);
    expect(rowOf(left.rows as ImageRows, 1)).toEqual([...smooth(8, 8, 3)]);
    expect(left.notes).toEqual([expect.stringContaining("6 images skipped that cannot be read: a/bomb.png")]);
    rmSync(join(folder, "a/good.png"));
    await expect(readImages(folder, { decoder, cache: false, imageSize: "8x8", skipBad: true })).rejects.toMatchObject({
      code: "empty-class",
    });
  });
});

/** A PNG with a palette, whose encoding the library leaves to us; `data` is packed. */
function indexed(
  width: number,
  height: number,
  depth: number,
  palette: readonly (readonly number[])[],
  data: Uint8Array,
): Uint8Array {
  const stride = data.length / height;
  const lines = Array.from({ length: height }, (_, y) => [0, ...data.subarray(y * stride, (y + 1) * stride)]).flat();
  return pngOf(
    pngHead(height, width, depth, 3),
    pngChunk("PLTE", Uint8Array.from(palette.flatMap((entry) => entry.slice(0, 3)))),
    pngChunk("tRNS", Uint8Array.from(palette.map((entry) => entry[3] ?? 255))),
    pngData(Uint8Array.from(lines)),
  );
}

describe("the two decoders", () => {
  it("agree: PNG to the bit, JPEG within a level on the average", async () => {
    const folder = folderOf({ "1.jpg": jpg(61, 47), "2.jpg": jpg(61, 47, undefined, 70) });
    const [a, b] = await Promise.all(decoders.map((decoder) => read(folder, { decoder, imageSize: "24x24" })));
    expect(difference(a?.pixels ?? [], b?.pixels ?? [])).toBeLessThan(1);
    const pngs = folderOf({ "1.png": png(61, 47, 4), "2.png": png(61, 47, 1) });
    const [c, d] = await Promise.all(decoders.map((decoder) => read(pngs, { decoder, imageSize: "24x24" })));
    expect(c?.pixels).toEqual(d?.pixels);
  });

  it("read WebP with sharp, and say what is needed without", async () => {
    const { default: sharp } = await import("sharp");
    const raw = sharp(smooth(20, 30, 3), { raw: { height: 20, width: 30, channels: 3 } });
    const folder = folderOf({
      "lossless.webp": await raw.clone().webp({ lossless: true }).toBuffer(),
      "lossy.webp": await raw.clone().webp({ quality: 95 }).toBuffer(),
      "turned.webp": await raw.clone().webp({ lossless: true }).withMetadata({ orientation: 3 }).toBuffer(),
    });
    const rows = await read(folder, { decoder: "sharp" });
    expect(rowOf(rows, 0)).toEqual([...smooth(20, 30, 3)]);
    expect(difference(rowOf(rows, 1), smooth(20, 30, 3))).toBeLessThan(4);
    expect(rowOf(rows, 2).slice(0, 3)).toEqual([...smooth(20, 30, 3)].slice(-3));
    await expect(read(folder, { decoder: "javascript" })).rejects.toThrow(
      "3 files cannot be read: lossless.webp (WebP needs the package sharp)",
    );
  });

  it("read CMYK", async () => {
    const { default: sharp } = await import("sharp");
    const raw = sharp(smooth(16, 16, 3), { raw: { height: 16, width: 16, channels: 3 } });
    const folder = folderOf({ "c.jpg": await raw.toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer() });
    for (const decoder of decoders) {
      const rows = await read(folder, { decoder });
      expect(rows.channels).toBe(3);
      // The conversion to CMYK and back goes through profiles in the one and through none in the other.
      expect(difference(rows.pixels, smooth(16, 16, 3)), decoder).toBeLessThan(40);
    }
  });
});

describe("sizes", () => {
  const folder = folderOf({ "a/1.png": png(8, 8, 3), "a/2.png": png(8, 8, 3), "b/3.png": png(6, 10, 3) });

  it("must agree unless one is asked for", async () => {
    await expect(read(folder)).rejects.toMatchObject({
      code: "image-size",
      message: `${folder}: expected images of one size, got 8x8 (2), 6x10 (1)`,
      remedy: "Pass --image-size 8x8 (or another HEIGHTxWIDTH) to resize them.",
    });
    expect(await read(folder, { imageSize: "4x5" })).toMatchObject({ height: 4, width: 5, fit: "cover", rows: 3 });
  });

  it("are reached by covering, containing or stretching", async () => {
    // Left half black, right half white, twice as wide as high.
    const halves = Uint8Array.from({ length: 8 * 16 }, (_, p) => (p % 16 < 8 ? 0 : 255));
    const wide = folderOf({ "w.png": png(8, 16, 1, halves) });
    const across = async (imageFit: ImageFolderOptions["imageFit"]): Promise<number[]> =>
      rowOf(await read(wide, { imageSize: "4x4", imageFit }), 0);
    // The middle 8 of 16 columns, two to one: only the two in the middle see the other half.
    expect((await across("cover")).slice(0, 4)).toEqual([0, 32, 223, 255]);
    expect((await across("stretch")).slice(0, 4)).toEqual([0, 32, 223, 255]);
    const contained = await across("contain");
    expect([contained.slice(0, 4), contained.slice(12)]).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(contained[7]).toBe(255);
  });
});

describe("folders that are no data set", () => {
  it("say why", async () => {
    const empty = join(root, "empty");
    mkdirSync(empty);
    await expect(read(empty)).rejects.toMatchObject({
      code: "no-images",
      message: `${empty}: expected images, got none`,
    });
    await expect(read(folderOf({ "a.gif": "x", "b.bmp": "x" }))).rejects.toThrow("got none (only a.gif, b.bmp)");
    const flat = folderOf({ "1.png": png(2, 2, 1), "cat/2.png": png(2, 2, 1) });
    expect((await readImages(flat, { cache: false })).labels).toBeUndefined();
    await expect(read(flat, { labels: "folder" })).rejects.toThrow(
      "expected one sub-folder a class, got 1 image outside of any: 1.png",
    );
    const hollow = folderOf({ "cat/2.png": png(2, 2, 1), "dog/readme.txt": "x" });
    await expect(read(hollow)).rejects.toThrow("expected images in every class, got none in dog");
    expect((await readImages(hollow, { labels: "none", cache: false })).labels).toBeUndefined();
    await expect(read(flat, { imageSize: "8" })).rejects.toThrow("expected HEIGHTxWIDTH");
  });

  it("may hold links in circles and links to nowhere", async () => {
    const folder = folderOf({ "a/1.png": png(2, 2, 1), "b/2.png": png(2, 2, 1) });
    symlinkSync("..", join(folder, "a/up"));
    symlinkSync("missing.png", join(folder, "b/lost.png"));
    const dataset = await readImages(folder, { cache: false });
    expect(dataset.ids).toEqual(["a/1.png", "b/2.png"]);
    expect(dataset.notes).toEqual([
      expect.stringContaining("1 link passed over that lead to folders already read: a/up"),
      expect.stringContaining("1 link passed over that lead nowhere: b/lost.png"),
    ]);
  });

  it("are in the order of code points, not of UTF-16 units", () => {
    const names = ["\u{1F600}", "\uFB01", "b", "a", "ab"];
    expect([...names].sort(byCodePoints)).toEqual(["a", "ab", "b", "\uFB01", "\u{1F600}"]);
    expect([...names].sort()).not.toEqual([...names].sort(byCodePoints));
  });
});

describe("the cache", () => {
  it("gives the same rows, follows the bytes and the options, and survives damage", async () => {
    const folder = folderOf({ "a/1.png": png(8, 8, 3), "b/2.png": png(8, 8, 1) });
    const entries = (): string[] => (existsSync(cache) ? readdirSync(cache).sort() : []);
    const fresh = await read(folder, { imageSize: "4x4" });
    expect(entries()).toEqual([]);
    expect(await read(folder, { imageSize: "4x4", cache })).toEqual(fresh);
    const [first = "", ...none] = entries();
    expect(none).toEqual([]);
    expect(await read(folder, { imageSize: "4x4", cache })).toEqual(fresh);
    // What is in the entry is what is read.
    const other = Uint8Array.from(fresh.pixels, (value) => 255 - value);
    const digest = process.getBuiltinModule("node:crypto").createHash("sha256").update(other).digest();
    writeFileSync(join(cache, first), Buffer.concat([digest, other]));
    expect((await read(folder, { imageSize: "4x4", cache })).pixels).toEqual(other);
    // A damaged one is made again.
    writeFileSync(join(cache, first), Buffer.concat([digest, other.fill(1)]));
    expect(await read(folder, { imageSize: "4x4", cache })).toEqual(fresh);
    await read(folder, { imageSize: "4x4", imageFit: "contain", cache });
    expect(entries()).toHaveLength(2);
    writeFileSync(join(folder, "a/1.png"), png(8, 8, 3, smooth(8, 8, 3, 1)));
    const changed = await read(folder, { imageSize: "4x4", cache });
    expect(changed.pixels).not.toEqual(fresh.pixels);
    expect(entries()).toHaveLength(3);
  });

  it("that cannot be written is a note, not an error", async () => {
    const folder = folderOf({ "a/1.png": png(8, 8, 3) });
    const dataset = await readImages(folder, { cache: join(folder, "a/1.png/x") });
    expect(dataset.notes).toEqual([expect.stringContaining("the decoded images are not kept")]);
  });
});
