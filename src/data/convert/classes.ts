/** Names of classes, and the numbers that stand for them in files of labels. */
import { dataError, usageError } from "../../errors.ts";
import { classesOf } from "../labels.ts";
import { count, list } from "../names.ts";

/** A class, the number that stands for it, and how many images it has. */
export interface ConvertedClass {
  readonly name: string;
  readonly number: number;
  readonly images: number;
}

/**
 * Labels by the names given. Labels that are names stay; numbers 0, 1, 2, ... become the name in that place.
 * @param names of the classes 0, 1, 2, ...; undefined: labels stay as they are.
 */
export function named(labels: readonly string[], names: readonly string[] | undefined, origin: string): string[] {
  if (names === undefined) return [...labels];
  requireDistinct(names);
  const known = new Set(names);
  const words = labels.filter((label) => !known.has(label));
  if (words.length === 0) return [...labels];
  return labels.map((label) => {
    const name = isNumber(label) ? names[Number(label)] : undefined;
    if (name !== undefined) return name;
    const unknown = [...new Set(words)].filter((word) => !isNumber(word) || Number(word) >= names.length);
    throw dataError(
      "unknown-class",
      `${origin}: expected labels 0 to ${names.length - 1} or the names ${list(names)}, got ${list(unknown)}`,
      "Give --classes a name for every class.",
    );
  });
}

function requireDistinct(names: readonly string[]): void {
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined)
    throw usageError("class-names", `--classes: expected different names, got "${repeated}" twice`);
}

/** 0, 1, 2, ... as they are written, so that the name can be had back from the number. */
const isNumber = (label: string): boolean => /^(0|[1-9]\d{0,8})$/.test(label);

/**
 * The classes of labels with their numbers: their place in `names`, where those are given; numbers stand for
 * themselves; other names are counted from 0 in their order.
 */
export function numbered(labels: readonly string[], names: readonly string[] | undefined): ConvertedClass[] {
  const found = classesOf(labels);
  const rows = new Map<string, number>();
  for (const label of labels) rows.set(label, (rows.get(label) ?? 0) + 1);
  const own = names === undefined && found.every(isNumber);
  const order = names ?? found;
  const places = new Map(order.map((name, place) => [name, own ? Number(name) : place]));
  return order.map((name) => ({ name, number: places.get(name) ?? 0, images: rows.get(name) ?? 0 }));
}

/** Whether the numbers say all that the names say. */
export const selfEvident = (classes: readonly ConvertedClass[]): boolean =>
  classes.every(({ name, number }) => name === String(number));

/** The labels of rows that must all have one. */
export function requireLabels(
  rows: readonly { readonly row: number; readonly label?: string | undefined }[],
  origin: string,
): string[] {
  const labels = rows.flatMap(({ label }) => (label === undefined ? [] : [label]));
  if (labels.length === rows.length) return labels;
  const without = rows.filter(({ label }) => label === undefined).map(({ row }) => row);
  throw dataError(
    "missing-labels",
    `${origin}: expected a label for every image, got none for ${count(without.length, "row")} (from 0): ${list(without)}`,
    "Leave them out with --where, or leave --labels out.",
  );
}
