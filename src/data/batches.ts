/** Which rows make up the batch of a step: a pure function of seed and step, so that resuming needs the step alone. */
import type { Random } from "../random.ts";

/**
 * Batches from an endless stream of shuffles: each row once a shuffle, a partial last batch filled from the next one.
 * @param random the generator of this domain's batches; it is split by the number of the shuffle, never drawn from.
 * @returns row numbers of the batch of a step, counted from 0.
 */
export function batchStream(rows: number, batch: number, random: Random): (step: number) => Int32Array {
  // Steps mostly come in order: one shuffle is enough to keep.
  let kept = { number: -1, order: new Int32Array(0) };
  const shuffled = (number: number): Int32Array => {
    if (kept.number !== number) {
      kept = { number, order: random.split(number).shuffle(Int32Array.from({ length: rows }, (_, row) => row)) };
    }
    return kept.order;
  };
  return (step) => {
    const indices = new Int32Array(batch);
    for (let i = 0; i < batch; i++) {
      const position = step * batch + i;
      indices[i] = shuffled(Math.floor(position / rows))[position % rows] ?? 0;
    }
    return indices;
  };
}

/**
 * Batches in which every class that has rows comes equally often, whatever its share: one of each in random order, again
 * and again, and each class by endless shuffles of its own rows.
 */
export function balancedStream(labels: Int32Array, batch: number, random: Random): (step: number) => Int32Array {
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const streams = classes.map((label) => {
    const rows = Int32Array.from(labels.keys()).filter((row) => labels[row] === label);
    const pick = batchStream(rows.length, 1, random.split("class").split(label));
    return (turn: number): number => rows[pick(turn)[0] ?? 0] ?? 0;
  });
  const orderOf = batchStream(classes.length, classes.length, random.split("order"));
  return (step) =>
    Int32Array.from({ length: batch }, (_, i) => {
      const position = step * batch + i;
      const turn = Math.floor(position / classes.length);
      return streams[orderOf(turn)[position % classes.length] ?? 0]?.(turn) ?? 0;
    });
}

/** The number of steps after which `epoch` passes over the rows are complete. */
export const epochEnd = (epoch: number, rows: number, batch: number): number => Math.ceil((epoch * rows) / batch);
