import { describe, expect, it } from "vitest";
import type { ReadOptions } from "./config.ts";
import type { Dataset, SignalRows } from "./dataset.ts";
import { encodeRows } from "./encode.ts";
import { fitPreprocess } from "./preprocess.ts";
import { readChunks, readDataset } from "./read.ts";
import { encodeNpy } from "./writers/npy.ts";

const csv = (text: string, options: ReadOptions): Promise<Dataset> =>
  readDataset(new File([text], "walk.csv"), options);
const npy = (dims: readonly number[], options: ReadOptions): Promise<Dataset> => {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length: size }, (_, i) => i);
  return readDataset(new File([encodeNpy({ dims, values }) as Uint8Array<ArrayBuffer>], "walk.npy"), options);
};
const signals = ({ rows }: Dataset): SignalRows => {
  if (rows.kind !== "signal") throw new Error(`expected signals, got ${rows.kind}`);
  return rows;
};

/** Two recordings, of 7 and 5 samples. */
const walk = [
  "who,x,y,does",
  ...Array.from({ length: 7 }, (_, t) => `ann,${t},${10 * t},${t < 4 ? "walk" : "sit"}`),
  ...Array.from({ length: 5 }, (_, t) => `bob,${100 + t},0,run`),
].join("\n");

describe("windows of a table", () => {
  it("stay in their recording, which is their group; ids say where they begin", async () => {
    const dataset = await csv(walk, { window: 3, hop: 2, group: "who", labels: "does" });
    expect(dataset.ids).toEqual(["ann:0", "ann:2", "ann:4", "bob:0", "bob:2"]);
    expect(dataset.groups).toEqual(["ann", "ann", "ann", "bob", "bob"]);
    const rows = signals(dataset);
    expect(rows).toMatchObject({ rows: 5, channels: 2, length: 3, names: ["x", "y"] });
    expect([...rows.values.slice(6, 12)]).toEqual([2, 3, 4, 20, 30, 40]);
    expect([...rows.values.slice(18, 21)]).toEqual([100, 101, 102]);
  });

  it("have the label of all their samples, or of most of them if asked", async () => {
    const options = { window: 3, hop: 2, group: "who", labels: "does" } as const;
    expect((await csv(walk, options)).labels).toEqual(["walk", undefined, "sit", "run", "run"]);
    expect((await csv(walk, { ...options, mixed: "keep" })).labels).toEqual(["walk", "walk", "sit", "run", "run"]);
    const half = await csv(walk, { ...options, window: 2, hop: 1, mixed: "keep" });
    // Two samples of two labels: the earlier.
    expect(half.labels?.[3]).toBe("walk");
    expect((await csv(walk, { window: 3, group: "who", drop: ["does"] })).labels).toBeUndefined();
  });

  it("come every half window, and from the whole file where no recording is named", async () => {
    expect((await csv(walk, { window: 4, drop: ["who", "does"] })).ids).toEqual(["0:0", "0:2", "0:4", "0:6", "0:8"]);
    expect((await csv(walk, { window: 1, drop: ["who", "does"] })).ids).toHaveLength(12);
  });

  it("take the channels that are named, in their order", async () => {
    const rows = signals(await csv(walk, { window: 2, hop: 5, channels: ["y", "x"] }));
    expect([...rows.values.slice(0, 4)]).toEqual([0, 10, 0, 1]);
    expect(rows.names).toEqual(["y", "x"]);
    const spec = fitPreprocess(rows, undefined);
    expect(() => encodeRows({ ...rows, names: ["x", "y"] }, spec)).toThrow(/expected the channels y, x, got x, y/);
    // A model finds its channels by name, in any file.
    const other = new File(["more,x,y\n9,1,2\n9,3,4\n"], "other.csv");
    for await (const chunk of readChunks(other, { window: 2 }, spec)) {
      expect([...signals(chunk).values]).toEqual([2, 4, 1, 3]);
      expect(chunk.ids).toEqual(["0:0"]);
    }
  });

  it("say how many recordings are too short", async () => {
    const dataset = await csv(walk, { window: 6, group: "who", labels: "does" });
    expect(dataset.ids).toEqual(["ann:0"]);
    expect(dataset.notes).toEqual(["1 of 2 recordings are shorter than 6 samples and give no window"]);
  });

  it.each([
    [{ window: 8, group: "who", labels: "does" }, /a recording of at least 8 samples, the longest has 7/],
    [{ window: 2, group: "who" }, /channels of numbers, got words in column "does"/],
    [{ window: 2, channels: ["z"] }, /"z"/],
    [{ window: 2, group: "does", drop: ["who"] }, undefined],
    [{ hop: 2 }, /give window, too/],
    [{ window: 2, id: "who" }, /expected no id column/],
    [{ window: 0 }, /window/],
  ] as const)("with %j", async (options, message) => {
    const made = csv(walk, options as ReadOptions);
    if (message === undefined) expect((await made).groups?.[0]).toBe("walk");
    else await expect(made).rejects.toThrow(message);
  });

  it("refuse gaps, and recordings in pieces", async () => {
    await expect(csv("x\n1\n\n3\nNA\n", { window: 2 })).rejects.toThrow(/column "x", row \d.*got a missing value/);
    await expect(csv("r,x\na,1\nb,2\na,3\n", { window: 1, group: "r" })).rejects.toThrow(/more of them at row 2/);
  });
});

describe("windows of arrays", () => {
  it("[channels, samples] is one recording", async () => {
    const dataset = await npy([2, 6], { window: 4, hop: 2 });
    expect(signals(dataset)).toMatchObject({ rows: 2, channels: 2, length: 4 });
    expect([...signals(dataset).values.slice(8)]).toEqual([2, 3, 4, 5, 8, 9, 10, 11]);
    expect(dataset.ids).toEqual(["0:0", "0:2"]);
  });

  it("[recordings, channels, samples] are many; without a window they are rows", async () => {
    const dataset = await npy([3, 1, 4], { window: 2, hop: 2 });
    expect(dataset.ids).toEqual(["0:0", "0:2", "1:0", "1:2", "2:0", "2:2"]);
    expect([...signals(dataset).values]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(signals(await npy([3, 1, 4], {}))).toMatchObject({ rows: 3, length: 4 });
  });

  it("refuses rows that are no recordings", async () => {
    const file = new File(["1 1:2\n"], "a.svmlight");
    await expect(readDataset(file, { window: 2 })).rejects.toThrow(/expected recordings to cut windows from/);
  });
});
