/** Classes: the words of the labels in a fixed order, and rows as numbers of classes. */
import type { Dataset } from "./dataset.ts";
import { selectDataset } from "./select.ts";

/** The different labels, numbers in numeric order before words in alphabetic order (by code unit, the same everywhere). */
export function classesOf(labels: readonly (string | undefined)[]): string[] {
  const found = new Set<string>();
  for (const label of labels) if (label !== undefined) found.add(label);
  return [...found].sort((a, b) => {
    const [x, y] = [Number(a), Number(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** The class of each row; -1 for rows without a label and for labels that are no class. */
export function encodeLabels(labels: readonly (string | undefined)[], classes: readonly string[]): Int32Array {
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return Int32Array.from(labels, (label) => (label === undefined ? -1 : (numbers.get(label) ?? -1)));
}

/** Rows per class, in the order of `classes`. */
export function classCounts(labels: readonly (string | undefined)[], classes: readonly string[]): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of encodeLabels(labels, classes)) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** The rows that have a label; the data set itself where all have. */
export function labelledRows(dataset: Dataset): Dataset {
  const { labels } = dataset;
  if (labels === undefined || !labels.includes(undefined)) return dataset;
  return selectDataset(
    dataset,
    labels.flatMap((label, row) => (label === undefined ? [] : [row])),
  );
}

/** The rows without their labels: what a target is before its labels, if there are any, score a finished run. */
export function withoutLabels(dataset: Dataset): Dataset {
  const { labels: _, ...rest } = dataset;
  return rest;
}
