import { describe, expect, it } from "vitest";
import type { ImageRows } from "./dataset.ts";
import { encodeRows, gather, gatherInto } from "./encode.ts";
import { fitPreprocess } from "./preprocess.ts";
import { resizeImages } from "./resize.ts";
import { selectEncoded, selectRows } from "./select.ts";

const image = (channels: 1 | 3, height: number, width: number, pixels: number[]): ImageRows => ({
  kind: "image",
  rows: pixels.length / (channels * height * width),
  height,
  width,
  channels,
  pixels: Uint8Array.from(pixels),
});

const numericOf = ({ numeric }: ReturnType<typeof gather>): unknown => numeric?.data;

describe("resizing", () => {
  // Made with PyTorch 1.13.0a0 (Debian): torch.nn.functional.interpolate(mode="bilinear", align_corners=False), rounded.
  it("agrees with PyTorch, larger and smaller", () => {
    const enlarged = resizeImages(image(1, 2, 2, [0, 100, 200, 50]), { height: 3, width: 4 });
    expect([...enlarged.pixels]).toEqual([0, 25, 75, 100, 100, 94, 81, 75, 200, 163, 88, 50]);
    const shrunk = resizeImages(image(1, 1, 4, [0, 100, 200, 40]), { height: 1, width: 2 });
    expect([...shrunk.pixels]).toEqual([50, 120]);
    const random = [172, 47, 117, 192, 67, 251, 195, 103, 9, 211, 21, 242, 36, 87, 70, 216, 88, 140, 58, 193];
    expect([...resizeImages(image(1, 4, 5, random), { height: 6, width: 3 }).pixels]).toEqual([
      130, 117, 109, 181, 110, 126, 209, 92, 132, 118, 47, 87, 134, 88, 112, 173, 140, 148,
    ]);
  });

  it("keeps channels apart and images apart", () => {
    const two = resizeImages(image(3, 1, 1, [1, 2, 3, 4, 5, 6]), { height: 2, width: 1 });
    expect([...two.pixels]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
    expect(resizeImages(two, { height: 2, width: 1 })).toBe(two);
  });
});

describe("batches of encoded rows", () => {
  it("gathers any rows in any order, again into the same memory", () => {
    const rows = { kind: "dense", rows: 3, width: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const spec = fitPreprocess(rows, undefined);
    const encoded = encodeRows(rows, spec);
    const tensors = gather(encoded, [2, 0], spec);
    expect(tensors).toEqual({ numeric: { dtype: "float32", dims: [2, 2], data: Float32Array.of(5, 6, 1, 2) } });
    gatherInto(encoded, [1, 1], tensors);
    expect(numericOf(tensors)).toEqual(Float32Array.of(3, 4, 3, 4));
  });

  it("forgets the entries of the batch before, for sparse rows", () => {
    const rows = {
      kind: "sparse",
      rows: 2,
      width: 3,
      indexBase: 0,
      offsets: Uint32Array.of(0, 2, 3),
      indices: Uint32Array.of(0, 2, 1),
      values: Float32Array.of(7, 8, 9),
    } as const;
    const spec = fitPreprocess(rows, undefined, { counts: "none" });
    const tensors = gather(rows, [0], spec);
    expect(numericOf(tensors)).toEqual(Float32Array.of(7, 0, 8));
    gatherInto(rows, [1], tensors);
    expect(numericOf(tensors)).toEqual(Float32Array.of(0, 9, 0));
    expect(selectRows(rows, [1, 0])).toMatchObject({
      offsets: Uint32Array.of(0, 1, 3),
      indices: Uint32Array.of(1, 0, 2),
    });
  });

  it("selects encoded tables", () => {
    const table = {
      kind: "table",
      rows: 3,
      numeric: Float32Array.of(1, 2, 3),
      categorical: Int32Array.of(0, 1, 2, 3, 4, 5),
    } as const;
    expect(selectEncoded(table, [2, 1])).toMatchObject({
      rows: 2,
      numeric: Float32Array.of(3, 2),
      categorical: Int32Array.of(4, 5, 2, 3),
    });
  });

  it("lies in shared memory, so that a worker gets it without a copy", () => {
    const rows = {
      kind: "table",
      rows: 1,
      columns: [{ kind: "number", name: "a", values: Float64Array.of(1) }],
    } as const;
    const encoded = encodeRows(rows, fitPreprocess(rows, undefined));
    expect(encoded.kind === "table" && encoded.numeric.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
