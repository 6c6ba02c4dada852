import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAtomic, writeAtomic } from "../atomic.ts";
import { blendDigits, buildMnistM } from "../build/mnist-m.ts";
import type { ImageRows } from "../dataset.ts";
import { readDataset } from "../read.ts";
import { collect, gzipped } from "./bytes.ts";
import { encodeIdx } from "./idx.ts";
import { encodeNpy, encodeNpz } from "./npy.ts";
import { csvLine, jsonLine } from "./text.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dann-writers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("files that appear whole", () => {
  it("are not there before the commit, replace an older one, and leave nothing else", async () => {
    const path = join(folder, "deep", "er", "a.txt");
    const file = await openAtomic(path);
    await file.write("one ");
    await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
    await file.write(new TextEncoder().encode("two"));
    await file.commit();
    await file.abort();
    expect(await readFile(path, "utf8")).toBe("one two");
    await writeAtomic(path, "new");
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(join(folder, "deep", "er"))).toEqual(["a.txt"]);
  });

  it("leave the older one as it was when writing fails half-way", async () => {
    const path = join(folder, "b.txt");
    await writeAtomic(path, "old");
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1, 2, 3);
      throw new Error("the maker failed");
    };
    await expect(writeAtomic(path, failing())).rejects.toThrow("the maker failed");
    await expect(writeAtomic(path, gzipped(failing()))).rejects.toThrow("the maker failed");
    expect(await readFile(path, "utf8")).toBe("old");
    expect((await readdir(folder)).filter((name) => name.includes("tmp"))).toEqual([]);
  });

  it("say why they cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(writeAtomic(join(folder, "file", "a.txt"), "x")).rejects.toMatchObject({
      name: "DannError",
      code: "file-write",
    });
  });
});

describe("bytes", () => {
  it("of gzip are those of zlib's reader, and the same every time", async () => {
    const blocks = (): Uint8Array[] => [Uint8Array.of(1, 2), new Uint8Array(100_000).fill(7)];
    const zipped = await collect(gzipped(blocks()));
    expect(new Uint8Array(gunzipSync(zipped))).toEqual(await collect(blocks()));
    expect(await collect(gzipped(blocks()))).toEqual(zipped);
  });

  it("of npy end their header at a multiple of 64, and npz is the same every time", () => {
    const bytes = encodeNpy({ dims: [3], values: Float64Array.of(1, 2, 3) });
    expect([(bytes.length - 24) % 64, new TextDecoder().decode(bytes.subarray(10, 80))]).toEqual([
      0,
      expect.stringContaining("'shape': (3,), }"),
    ]);
    expect(encodeNpz({ a: { dims: [1], values: ["x"] } })).toEqual(encodeNpz({ a: { dims: [1], values: ["x"] } }));
    expect(() => encodeNpy({ dims: [2, 2], values: Uint8Array.of(1) })).toThrow("expected 4 values for [2, 2], got 1");
    expect(() => encodeIdx([2], Uint8Array.of(1))).toThrow("expected 2 values for [2], got 1");
  });

  it("of text quote what needs it", () => {
    expect(csvLine(["a,b", 'say "hi"', " x", undefined, Number.NaN, 1.5, "é"])).toBe(
      '"a,b","say ""hi"""," x",,,1.5,é\n',
    );
    expect(csvLine([undefined])).toBe('""\n');
    expect(jsonLine({ id: "a", p: Number.NaN })).toBe('{"id":"a","p":null}\n');
  });
});

describe("MNIST-M", () => {
  const images = (rows: number, channels: 1 | 3, value: (i: number) => number): ImageRows => ({
    kind: "image",
    rows,
    height: 2,
    width: 2,
    channels,
    pixels: Uint8Array.from({ length: rows * 4 * channels }, (_, i) => value(i)),
  });
  const digits = images(50, 1, (i) => (i * 37) % 256);
  // Patch k has the value 20 k + channel in every pixel.
  const patches = images(4, 3, (i) => 20 * Math.floor(i / 12) + (i % 3));

  it("is |patch - digit| in every channel, the patch by the seed", () => {
    const blended = blendDigits(digits, patches, 1);
    const used = new Set<number>();
    for (let row = 0; row < 50; row++) {
      const fits = [0, 1, 2, 3].filter((patch) =>
        Array.from({ length: 12 }, (_, i) => i).every((i) => {
          const ink = digits.pixels[row * 4 + Math.floor(i / 3)] ?? 0;
          return blended.pixels[row * 12 + i] === Math.abs(20 * patch + (i % 3) - ink);
        }),
      );
      expect(fits.length).toBe(1);
      used.add(fits[0] ?? -1);
    }
    expect(used.size).toBe(4);
    expect(blendDigits(digits, patches, 1)).toEqual(blended);
    expect(blendDigits(digits, patches, 2).pixels).not.toEqual(blended.pixels);
    expect(() => blendDigits(patches, digits, 1)).toThrow(
      "expected grey digits and RGB patches of one size, got 2x2x3 and 2x2x1",
    );
  });

  it("is written as files of images and labels, the same for the same seed", async () => {
    const put = async (name: string, bytes: Uint8Array): Promise<string> => {
      await writeAtomic(join(folder, name), bytes);
      return join(folder, name);
    };
    const part = {
      name: "train",
      images: await put("d-idx3-ubyte", encodeIdx([50, 2, 2], digits.pixels)),
      labels: await put(
        "l-idx1-ubyte",
        encodeIdx(
          [50],
          Uint8Array.from({ length: 50 }, (_, i) => i % 10),
        ),
      ),
      backgrounds: { kind: "patches", path: await put("p-idx4-ubyte", encodeIdx([4, 2, 2, 3], patches.pixels)) },
    } as const;
    const { paths, decodedBy } = await buildMnistM([part], join(folder, "out"), { seed: 3 });
    const [first = "", labels = ""] = paths;
    expect(decodedBy).toBeUndefined();
    const dataset = await readDataset(first, { labels });
    expect([dataset.rows, dataset.labels?.[13]]).toEqual([
      expect.objectContaining({ kind: "image", rows: 50, channels: 3 }),
      "3",
    ]);
    const again = await buildMnistM([part], join(folder, "again"), { seed: 3 });
    expect(await readFile(again.paths[0] ?? "")).toEqual(await readFile(first));
    expect(dataset.rows.kind === "image" && dataset.rows.pixels).toEqual(
      blendDigits(digits, patches, "3/train").pixels,
    );
    const short = { ...part, labels: await put("s-idx1-ubyte", encodeIdx([5], new Uint8Array(5))) };
    await expect(buildMnistM([short], join(folder, "short"))).rejects.toThrow(
      "expected 50 labels, one for each digit, got 5",
    );
  });
});
