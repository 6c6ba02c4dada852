import { expect, test } from "vitest";
import { random } from "../random.ts";
import { domainDistance } from "./domain-distance.ts";
import { type BothMatrices, leadingDirections } from "./leading.ts";
import type { Matrix } from "./logistic.ts";

/** Rows that vary in `broad` directions; every column holds a mixture of them and a little noise of its own. */
function features(width: number, offset: number, shift: number, seed: number): Matrix {
  const [chance, mixing] = [random(seed), random(7)];
  const broad = 3;
  const mixture = Array.from({ length: broad * width }, () => mixing.normal());
  const rows = 300;
  const values = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    const z = Array.from({ length: broad }, (_, k) => chance.normal() + (k === 0 ? shift : 0));
    for (let j = 0; j < width; j++)
      values[i * width + j] =
        z.reduce((sum, one, k) => sum + one * (mixture[k * width + j] ?? 0), 0) +
        0.01 * chance.normal() +
        (j === 0 ? offset : 0);
  }
  return { rows, width, values };
}
const distance = ({ source, target }: BothMatrices): number => domainDistance(source, target);

test.each([12, 400])(
  "of %d columns: an offset where nothing varies is no distance, a shift of what varies is",
  (width) => {
    const source = features(width, 0, 0, 1);
    const [offset, moved] = [features(width, 0.05, 0, 2), features(width, 0, 3, 3)];
    expect(distance({ source, target: offset })).toBeGreaterThan(0.8);
    expect(distance(leadingDirections({ source, target: offset }, 0))).toBeLessThan(0.4);
    expect(distance(leadingDirections({ source, target: moved }, 0))).toBeGreaterThan(1.2);
  },
);

test("keeps few directions, and rows that do not vary have none to lose", () => {
  const both = { source: features(12, 0, 0, 1), target: features(12, 0, 0, 2) };
  expect(leadingDirections(both, 0).source).toMatchObject({ rows: 300, width: 3 });
  const constant: Matrix = { rows: 5, width: 2, values: new Float64Array(10).fill(4) };
  const still = leadingDirections({ source: constant, target: constant }, 0);
  expect([...Array.from(still.source.values)].every((value) => value === 0)).toBe(true);
});
