/** Splitting rows into training and hold-out: seeded, stratified by class, and never through a group. */
import type { Random } from "../random.ts";

export interface Split {
  /** Row numbers in ascending order. */
  readonly train: Int32Array;
  readonly holdout: Int32Array;
}

export interface SplitOptions {
  /** Share of the rows that is held out. Default 0.1. */
  readonly fraction?: number;
  /** Rows of equal value stay together. Default: every row is on its own. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Holds out about `fraction` of each class.
 * @param labels the class of each row (any number stands for a class; -1 is one, too).
 * A class always keeps a row, and with groups a group, for training: held-out rows of a class that was never trained
 * would measure nothing.
 */
export function holdOut(labels: ArrayLike<number>, random: Random, options: SplitOptions = {}): Split {
  const fraction = options.fraction ?? 0.1;
  const chosen =
    options.groups === undefined
      ? chooseRows(labels, fraction, random)
      : chooseGroups(labels, options.groups, fraction, random);
  const train: number[] = [];
  const holdout: number[] = [];
  for (let row = 0; row < labels.length; row++) (chosen.has(row) ? holdout : train).push(row);
  return { train: Int32Array.from(train), holdout: Int32Array.from(holdout) };
}

function rowsByClass(labels: ArrayLike<number>): Map<number, number[]> {
  const classes = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? -1;
    const rows = classes.get(label);
    if (rows === undefined) classes.set(label, [row]);
    else rows.push(row);
  }
  return classes;
}

function chooseRows(labels: ArrayLike<number>, fraction: number, random: Random): Set<number> {
  const chosen = new Set<number>();
  for (const [label, rows] of rowsByClass(labels)) {
    const wanted = Math.min(Math.max(1, Math.round(fraction * rows.length)), rows.length - 1);
    // Each class draws by itself: one more row of another does not change what is held out of this one.
    const order = random.split(label).shuffle(rows.slice());
    for (const row of order.slice(0, wanted)) chosen.add(row);
  }
  return chosen;
}

/**
 * Groups are taken in random order as long as they bring the classes nearer to their shares: exact shares are a
 * knapsack problem, and groups of one class or of many classes both occur.
 */
function chooseGroups(
  labels: ArrayLike<number>,
  groups: readonly string[],
  fraction: number,
  random: Random,
): Set<number> {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows === undefined) members.set(group, [row]);
    else rows.push(row);
  });
  const left = new Map<number, number>();
  const wanted = new Map<number, number>();
  for (const [label, rows] of rowsByClass(labels)) {
    left.set(label, rows.length);
    wanted.set(label, fraction * rows.length);
  }
  const chosen = new Set<number>();
  for (const rows of random.shuffle([...members.values()])) {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(labels[row] ?? -1, (counts.get(labels[row] ?? -1) ?? 0) + 1);
    let gain = 0;
    let empties = false;
    for (const [label, count] of counts) {
      const open = wanted.get(label) ?? 0;
      gain += Math.abs(open) - Math.abs(open - count);
      empties ||= (left.get(label) ?? 0) <= count;
    }
    if (gain <= 0 || empties) continue;
    for (const [label, count] of counts) {
      wanted.set(label, (wanted.get(label) ?? 0) - count);
      left.set(label, (left.get(label) ?? 0) - count);
    }
    for (const row of rows) chosen.add(row);
  }
  return chosen;
}
