import { describe, expect, it } from "vitest";
import type { Dataset } from "../dataset.ts";
import { blobs } from "./blobs.ts";
import { moons } from "./moons.ts";

const points = ({ rows }: Dataset): number[][] => {
  if (rows.kind !== "dense") throw new Error("expected dense rows");
  return Array.from({ length: rows.rows }, (_, i) => [...rows.values.subarray(i * rows.width, (i + 1) * rows.width)]);
};
const mean = (all: readonly (readonly number[])[]): number[] =>
  [0, 1].map((axis) => all.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / all.length);

describe("moons", () => {
  it("lie on two half circles, as scikit-learn's, class 0 above", () => {
    const { source } = moons({ noise: 0, centre: false, rows: 101 });
    points(source).forEach(([x = 0, y = 0], row) => {
      const upper = source.labels?.[row] === "0";
      expect(upper ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)).toBeCloseTo(1, 6);
      expect(upper ? y >= -1e-6 : y <= 0.5 + 1e-6).toBe(true);
    });
    expect(source.labels?.filter((label) => label === "0").length).toBe(50);
    expect(source.labels?.slice(0, 20)).not.toEqual(new Array(20).fill("0"));
  });

  it("turn the target, about the source's mean unless told otherwise", () => {
    const straight = moons({ rotation: 0, seed: 5 });
    const turned = moons({ rotation: 90, seed: 5 });
    expect(turned.source.rows).toEqual(straight.source.rows);
    points(turned.target).forEach(([x = 0, y = 0], row) => {
      const [u = 0, v = 0] = points(straight.target)[row] ?? [];
      expect([x, y]).toEqual([expect.closeTo(-v, 5), expect.closeTo(u, 5)]);
    });
    for (const each of mean(points(straight.source))) expect(each).toBeCloseTo(0, 6);
    const raw = moons({ rotation: 0, seed: 5, centre: false });
    const [dx = 0, dy = 0] = mean(points(raw.source));
    points(moons({ rotation: 0, seed: 5, scale: 2 }).target).forEach(([x = 0, y = 0], row) => {
      const [u = 0, v = 0] = points(raw.target)[row] ?? [];
      expect([x, y]).toEqual([expect.closeTo(2 * (u - dx), 5), expect.closeTo(2 * (v - dy), 5)]);
    });
  });

  it("have noise of the size asked for, different in the two domains and by seed", () => {
    const { source, target } = moons({ noise: 0.1, centre: false, rotation: 0, rows: 4000 });
    const off = points(source).map(
      ([x = 0, y = 0], row) => (source.labels?.[row] === "0" ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)) - 1,
    );
    const deviation = Math.sqrt(off.reduce((sum, d) => sum + d * d, 0) / off.length);
    expect(deviation).toBeGreaterThan(0.095);
    expect(deviation).toBeLessThan(0.105);
    expect(points(target)).not.toEqual(points(source));
    expect(points(moons({ seed: 1 }).source)).not.toEqual(points(moons({ seed: 2 }).source));
    expect(points(moons({ seed: 1 }).source)).toEqual(points(moons({ seed: 1 }).source));
  });
});

describe("blobs", () => {
  it("have a class each around its middle, and the target moved by the shift", () => {
    const options = { rows: 3000, classes: 4, width: 5, noise: 0.5, seed: 9 };
    const at = (dataset: Dataset): number[][] =>
      ["0", "1", "2", "3"].map((name) => {
        const own = points(dataset).filter((_, row) => dataset.labels?.[row] === name);
        return [0, 1, 2, 3, 4].map((axis) => own.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / own.length);
      });
    const { source, target } = blobs({ ...options, shift: 3 });
    const still = blobs({ ...options, shift: 0 });
    at(source).forEach((middle, i) => {
      expect(Math.hypot(...middle)).toBeCloseTo(4, 0);
      expect(Math.hypot(...middle.map((x, axis) => x - (at(still.target)[i]?.[axis] ?? 0)))).toBeLessThan(0.15);
      expect(Math.hypot(...middle.map((x, axis) => x - (at(target)[i]?.[axis] ?? 0)))).toBeCloseTo(3, 0);
    });
  });

  it("turn and stretch the target", () => {
    const plain = points(blobs({ shift: 0, seed: 2 }).target);
    const changed = points(blobs({ shift: 0, seed: 2, rotation: 90, scale: 2 }).target);
    changed.forEach(([x = 0, y = 0], row) => {
      const [u = 0, v = 0] = plain[row] ?? [];
      expect([x, y]).toEqual([expect.closeTo(-2 * v, 4), expect.closeTo(2 * u, 4)]);
    });
  });
});
