import { describe, expect, it } from "vitest";
import { random } from "../random.ts";
import { type AugmentInput, augmentConfig, augmenter, checkAugment, type ImageShape } from "./augment.ts";

const augmentOf = (input: AugmentInput): NonNullable<ReturnType<typeof augmentConfig.parse>> => {
  const augment = augmentConfig.parse(input);
  if (augment === undefined) throw new Error("expected a change");
  return augment;
};

/** Copies of one image, changed as the batch of a step. */
function changed(input: AugmentInput, shape: ImageShape, image: readonly number[], rows: number, step = 0): number[][] {
  const pixels = Uint8Array.from({ length: rows * image.length }, (_, i) => image[i % image.length] ?? 0);
  augmenter(augmentOf(input), shape, random(7))(step, pixels);
  return Array.from({ length: rows }, (_, row) => [...pixels.subarray(row * image.length, (row + 1) * image.length)]);
}

const grey = (height: number, width: number): ImageShape => ({ height, width, channels: 1 });
const tally = (rows: readonly number[][]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.join(), (counts.get(row.join()) ?? 0) + 1);
  return counts;
};

describe("flip", () => {
  it("exchanges left and right, and keeps the channels of a pixel together", () => {
    expect(changed({ flip: { probability: 1 } }, grey(2, 3), [1, 2, 3, 4, 5, 6], 1)).toEqual([[3, 2, 1, 6, 5, 4]]);
    const rgb = { height: 1, width: 2, channels: 3 };
    expect(changed({ flip: { probability: 1 } }, rgb, [1, 2, 3, 4, 5, 6], 1)).toEqual([[4, 5, 6, 1, 2, 3]]);
    expect(changed({ flip: { probability: 0 } }, rgb, [1, 2, 3, 4, 5, 6], 1)).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  it("happens to half of the rows, unless told otherwise", () => {
    const share = (input: AugmentInput): number => {
      const rows = changed(input, grey(1, 2), [1, 2], 4000);
      return rows.filter(([first]) => first === 2).length / rows.length;
    };
    // Four standard deviations: 4 sqrt(.25 / 4000) = .032.
    expect(Math.abs(share({ flip: {} }) - 0.5)).toBeLessThan(0.032);
    expect(Math.abs(share({ flip: { probability: 0.1 } }) - 0.1)).toBeLessThan(0.02);
  });
});

describe("crop", () => {
  const image = [11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44];
  /** The image shifted, its edges continued: by its definition, a pixel at a time. */
  const shifted = (dy: number, dx: number): number[] =>
    image.map((_, at) => {
      const [y, x] = [Math.floor(at / 4) + dy, (at % 4) + dx].map((k) => Math.min(3, Math.max(0, k)));
      return image[4 * (y ?? 0) + (x ?? 0)] ?? 0;
    });

  it("shifts by whole pixels, each shift as often, edges continued", () => {
    const counts = tally(changed({ crop: { padding: 0.25 } }, grey(4, 4), image, 4500));
    const expected = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => shifted(dy, dx).join()));
    expect([...counts.keys()].sort()).toEqual(expected.sort());
    // 500 each; four standard deviations are 84.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(84);
  });

  it("moves small images, too, and none without padding", () => {
    expect(tally(changed({ crop: { padding: 0.01 } }, grey(1, 3), [1, 2, 3], 60)).size).toBe(3);
    expect(tally(changed({ crop: { padding: 0 } }, grey(1, 3), [1, 2, 3], 60)).size).toBe(1);
  });

  it("enlarges a part: a ramp stays a ramp, less steep by the part's side", () => {
    const width = 24;
    const ramp = Array.from({ length: width }, (_, x) => 10 * x);
    const rows = changed({ crop: { padding: 0, scale: 0.25 } }, grey(1, width), ramp, 300);
    const slopes = rows.map((row) => ((row[width - 3] ?? 0) - (row[2] ?? 0)) / (width - 5));
    rows.forEach((row, i) => {
      for (let x = 2; x < width - 2; x++)
        expect(Math.abs((row[x] ?? 0) - (row[2] ?? 0) - (x - 2) * (slopes[i] ?? 0))).toBeLessThanOrEqual(1.1);
    });
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(4.95);
    expect(Math.min(...slopes)).toBeLessThan(5.6);
    expect(Math.max(...slopes)).toBeGreaterThan(9.4);
    // The part lies anywhere: parts of a quarter begin up to three quarters of the way.
    expect(Math.min(...rows.map((row) => row[0] ?? 0))).toBe(0);
    expect(Math.max(...rows.map((row) => row[0] ?? 0))).toBeGreaterThan(95);
  });
});

describe("colour", () => {
  it("multiplies a whole image by one factor, and keeps to bytes", () => {
    const rows = changed({ colour: { brightness: 0.5, contrast: 0 } }, grey(1, 3), [50, 100, 200], 400);
    for (const [a = 0, b = 0, c = 0] of rows) {
      expect(Math.abs(b - 2 * a)).toBeLessThanOrEqual(1.5);
      expect(Math.abs(c - Math.min(255, 2 * b))).toBeLessThanOrEqual(1.5);
    }
    const middle = rows.map(([, b = 0]) => b);
    expect([Math.min(...middle) < 55, Math.max(...middle) > 145]).toEqual([true, true]);
    expect(Math.max(...rows.map(([, , c = 0]) => c))).toBe(255);
  });

  it("stretches about the image's mean", () => {
    const rows = changed({ colour: { brightness: 0, contrast: 1 } }, grey(1, 3), [90, 100, 110], 400);
    const spread = rows.map(([a = 0, b, c = 0]) => {
      expect(b).toBe(100);
      expect(a + c).toBe(200);
      return c - a;
    });
    expect([Math.min(...spread), Math.max(...spread)]).toEqual([0, 40]);
  });
});

describe("what is drawn", () => {
  const noisy = Array.from({ length: 64 }, (_, i) => (37 * i) % 256);

  it("depends on the seed and the step alone", () => {
    const all = { flip: {}, crop: { scale: 0.5 }, colour: {} };
    expect(changed(all, grey(8, 8), noisy, 16, 5)).toEqual(changed(all, grey(8, 8), noisy, 16, 5));
    expect(changed(all, grey(8, 8), noisy, 16, 5)).not.toEqual(changed(all, grey(8, 8), noisy, 16, 6));
  });

  it("differs from row to row, and a change more leaves the others as they were", () => {
    expect(tally(changed({ crop: {}, colour: {} }, grey(8, 8), noisy, 16)).size).toBeGreaterThan(8);
    const flips = changed({ flip: {} }, grey(1, 2), [10, 200], 64).map(([first = 0]) => first > 100);
    const both = changed({ flip: {}, colour: {} }, grey(1, 2), [10, 200], 64).map(([first = 0]) => first > 100);
    expect(both).toEqual(flips);
  });
});

describe("configuration", () => {
  it("fills in strengths, and takes away what is false", () => {
    expect(augmentConfig.parse({ flip: {}, crop: {}, colour: {} })).toEqual({
      flip: { probability: 0.5 },
      crop: { padding: 0.125, scale: 1 },
      colour: { brightness: 0.2, contrast: 0.2 },
    });
    expect(augmentConfig.parse({ flip: false, crop: { scale: 0.5 } })).toEqual({
      crop: { padding: 0.125, scale: 0.5 },
    });
    expect(augmentConfig.parse({ flip: false })).toBeUndefined();
    expect(augmentConfig.parse(undefined)).toBeUndefined();
    for (const wrong of [
      { flip: { probability: 2 } },
      { crop: { padding: 0.6 } },
      { crop: { scale: 0 } },
      { blur: {} },
    ])
      expect(augmentConfig.safeParse(wrong).success).toBe(false);
  });

  it("is refused for rows that are no images", () => {
    expect(() => checkAugment(augmentOf({ flip: {} }), { kind: "table" })).toThrow(
      "expected images, got rows of kind table",
    );
    expect(() => checkAugment(undefined, { kind: "table" })).not.toThrow();
  });
});
