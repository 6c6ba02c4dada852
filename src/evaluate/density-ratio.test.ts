import { expect, test } from "vitest";
import { random } from "../random.ts";
import { densityRatio } from "./density-ratio.ts";
import type { Matrix } from "./logistic.ts";

/**
 * Features of two groups along one broad direction, as an adapted network has them: every column is a mixture of three
 * broad directions with noise of a hundredth, and `offset` is what per-domain batch normalisation leaves between the
 * domains in the columns, a twentieth of their spread.
 */
function features(width: number, seed: number, { offset = 0, moved = 0 } = {}): Matrix {
  const [chance, mixing] = [random(seed), random(7)];
  const mixture = Array.from({ length: 3 * width }, () => mixing.normal());
  const offsets = Array.from({ length: width }, () => offset * mixing.normal());
  const rows = 300;
  const values = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const z = [chance.normal() + (i % 2 === 0 ? 3 : -3) + moved, chance.normal(), chance.normal()];
    for (let j = 0; j < width; j++)
      values[i * width + j] =
        z.reduce((sum, one, k) => sum + one * (mixture[k * width + j] ?? 0), 0) +
        0.01 * chance.normal() +
        (offsets[j] ?? 0);
  }
  return { rows, width, values };
}
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const overlap = (source: Matrix, target: Matrix): number => mean(densityRatio(source, target));

test.each([24, 400])("of %d columns: offsets where nothing lives take no source row's weight", (width) => {
  const source = features(width, 1);
  expect(overlap(source, features(width, 2, { offset: 0.25 }))).toBeGreaterThan(0.9);
  // What moves the rows themselves still does.
  expect(overlap(source, features(width, 2, { moved: 12 }))).toBeLessThan(0.2);
});

test("rows where the target is dense weigh more", () => {
  const source = features(24, 1);
  const weights = densityRatio(source, features(24, 2, { moved: 1.5 }));
  const side = (parity: number): number => mean(weights.filter((_, row) => row % 2 === parity));
  expect(side(0)).toBeGreaterThan(1.5 * side(1));
});
