/** Rows of no source class, told from rows of classes that have moved a little; and what too few rows say. */
import { expect, test } from "vitest";
import { random } from "../../random.ts";
import { type OpenClassEvidence, openClassFindings, strangeRows } from "./open-classes.ts";

/** Rows round the corners of a square; the network's logits are minus half the squared distances to the known three. */
function rowsOf(rows: number, corners: readonly number[], seed: number) {
  const points = [
    [0, 0],
    [8, 0],
    [0, 8],
    [8, 8],
  ] as const;
  const chance = random(seed);
  const labels = Int32Array.from({ length: rows }, (_, row) => corners[row % corners.length] ?? 0);
  const values = Float64Array.from({ length: 2 * rows }, (_, i) => {
    const [x, y] = points[labels[i >> 1] ?? 0] ?? [0, 0];
    return (i % 2 === 0 ? x : y) + chance.normal();
  });
  const squares = (row: number, c: number): number =>
    ((values[2 * row] ?? 0) - (points[c]?.[0] ?? 0)) ** 2 + ((values[2 * row + 1] ?? 0) - (points[c]?.[1] ?? 0)) ** 2;
  const logits = Float64Array.from({ length: 3 * rows }, (_, i) => -squares(Math.floor(i / 3), i % 3) / 2);
  return { features: { rows, width: 2, values }, labels, logits: { rows, classes: 3, values: logits } };
}
const known = [0, 1, 2];
const evidence = (target: readonly number[], seed: number, rows = 400): OpenClassEvidence => ({
  known: rowsOf(rows, known, seed),
  heldOut: rowsOf(Math.ceil(rows / 3), known, seed + 100),
  target: rowsOf(rows, target, seed + 200),
  distance: 0.2,
});

test("a fourth class is told, on all of 20 seeds, with its share inside the interval", () => {
  for (let seed = 0; seed < 20; seed++) {
    const asked = evidence([0, 1, 2, 3], seed);
    expect(openClassFindings(asked).map(({ code }) => code)).toEqual(["open-classes"]);
    const { low, high } = strangeRows(asked) ?? { low: 1, high: 0 };
    expect(low).toBeLessThan(0.25);
    expect(high).toBeGreaterThan(0.2);
  }
});

test("the same classes are not, nor other shares of them", () => {
  for (let seed = 0; seed < 20; seed++) {
    expect(openClassFindings(evidence(known, seed))).toEqual([]);
    expect(openClassFindings(evidence([0, 0, 0, 0, 1, 2], seed))).toEqual([]);
  }
});

test("of domains that lie apart, and of few rows, nothing is said", () => {
  const open = evidence([0, 1, 2, 3], 0);
  expect(openClassFindings({ ...open, distance: 1.9 })).toEqual([]);
  expect(strangeRows(evidence([0, 1, 2, 3], 0, 90))).toBeNull();
});
