import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../random.ts";
import { balancedStream, batchStream, epochEnd } from "./batches.ts";
import { holdOut } from "./splits.ts";

const count = (values: Iterable<number>): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

describe("batches", () => {
  it("pass over every row equally often, whatever the sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer(),
        (rows, batch, seed) => {
          const at = batchStream(rows, batch, random(seed));
          // rows steps of batch rows are batch passes.
          const seen = count(Array.from({ length: rows }, (_, step) => [...at(step)]).flat());
          expect([...seen.values()]).toEqual(new Array(rows).fill(batch));
        },
      ),
    );
  });

  it("depend on seed and step alone: asking in another order, or from the middle, gives the same", () => {
    const forward = batchStream(10, 4, random(3));
    const expected = Array.from({ length: 8 }, (_, step) => [...forward(step)]);
    const other = batchStream(10, 4, random(3));
    for (const step of [7, 0, 3, 3, 6, 1]) expect([...other(step)]).toEqual(expected[step]);
    expect([...batchStream(10, 4, random(4))(0)]).not.toEqual(expected[0]);
  });

  it("are shuffled anew at every pass", () => {
    const at = batchStream(50, 50, random(0));
    expect([...at(0)]).not.toEqual([...at(1)]);
    expect([...at(0)]).not.toEqual(Array.from({ length: 50 }, (_, row) => row));
  });

  it("count epochs by rows, not by batches", () => {
    expect([epochEnd(1, 60_000, 64), epochEnd(2, 60_000, 64), epochEnd(1, 64, 64)]).toEqual([938, 1875, 1]);
  });
});

describe("hold-out", () => {
  it("takes a tenth of each class, and the rest trains", () => {
    const labels = Int32Array.from({ length: 1000 }, (_, row) => (row < 700 ? 0 : row < 990 ? 1 : 2));
    const { train, holdout } = holdOut(labels, random(0));
    expect(count(Array.from(holdout, (row) => labels[row] ?? -1))).toEqual(
      new Map([
        [0, 70],
        [1, 29],
        [2, 1],
      ]),
    );
    expect([...train, ...holdout].sort((a, b) => a - b)).toEqual(Array.from(labels, (_, row) => row));
    expect([...train]).toEqual([...train].sort((a, b) => a - b));
  });

  it("depends on the seed and keeps the last row of a class for training", () => {
    const labels = Array.from({ length: 50 }, (_, row) => (row === 0 ? 1 : 0));
    expect(holdOut(labels, random(1)).train[0]).toBe(0);
    expect([...holdOut(labels, random(1)).holdout]).toEqual([...holdOut(labels, random(1)).holdout]);
    expect([...holdOut(labels, random(1)).holdout]).not.toEqual([...holdOut(labels, random(2)).holdout]);
  });

  it("never cuts a group, never takes all of a class, and comes near the share", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 10, max: 60 }), (seed, groupCount) => {
        const chance = random(seed);
        const labels: number[] = [];
        const groups: string[] = [];
        for (let group = 0; group < groupCount; group++) {
          for (let row = 0; row < 1 + chance.integer(6); row++) {
            labels.push(chance.integer(3));
            groups.push(`g${group}`);
          }
        }
        const { train, holdout } = holdOut(labels, random(seed), { groups, fraction: 0.25 });
        const inTrain = new Set(Array.from(train, (row) => groups[row]));
        for (const row of holdout) expect(inTrain.has(groups[row])).toBe(false);
        for (const label of new Set(labels)) expect(Array.from(train, (row) => labels[row])).toContain(label);
        expect(Math.abs(holdout.length - labels.length / 4)).toBeLessThan(8);
      }),
      { numRuns: 50 },
    );
  });
});

describe("balanced batches", () => {
  // 9 rows of class 0, 2 of class 2, none of class 1.
  const labels = Int32Array.from([0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0]);

  it("have every class that has rows equally often, and go through the rows of each in shuffles", () => {
    const stream = balancedStream(labels, 6, random(3));
    const rows = Array.from({ length: 6 }, (_, step) => [...stream(step)]);
    for (const batch of rows) expect(batch.filter((row) => labels[row] === 2)).toHaveLength(3);
    const common = rows.flat().filter((row) => labels[row] === 0);
    expect(new Set(common.slice(0, 9)).size).toBe(9);
    expect(new Set(common.slice(9, 18)).size).toBe(9);
    expect(common.slice(0, 9)).not.toEqual(common.slice(9, 18));
  });

  it("are a function of seed and step, in any order of asking", () => {
    const stream = balancedStream(labels, 4, random(3));
    const later = [...stream(5)];
    stream(0);
    expect([...balancedStream(labels, 4, random(3))(5)]).toEqual(later);
    expect([...stream(5)]).toEqual(later);
    expect([...balancedStream(labels, 4, random(4))(5)]).not.toEqual(later);
  });
});
