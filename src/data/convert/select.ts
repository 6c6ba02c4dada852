/** Which rows are converted: those with certain values, and one of several parts that share no group. */
import { dataError } from "../../errors.ts";
import { random } from "../../random.ts";
import { count, list } from "../names.ts";
import type { Values } from "./columns.ts";

/** `--where COLUMN=VALUE,VALUE`: rows with one of the values. */
export interface Condition {
  readonly column: string;
  readonly values: readonly string[];
}

/** `--part 1/2`: the first of two parts. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly seed: number;
}

/** Whether each row meets a condition. Numbers are equal however they are written; an empty value means: no value. */
export function meets({ column, values }: Condition, found: Values, origin: string): boolean[] {
  const wanted = new Set(values.map(canonical));
  const met = found.map((value) => wanted.has(canonical(value ?? "")));
  if (met.includes(true)) return met;
  const there = [...new Set(found.map((value) => value ?? ""))].sort(
    (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1),
  );
  throw dataError(
    "no-rows",
    `${origin}: expected rows with ${column} ${list(values)}, got none among ${count(found.length, "row")}`,
    `Values of ${column}: ${list(there)}.`,
  );
}

function canonical(value: string): string {
  const text = value.trim();
  const number = Number(text);
  return text === "" || Number.isNaN(number) ? text : String(number);
}

interface Dealt {
  readonly label?: string | undefined;
  readonly group?: string | undefined;
}

/**
 * Whether each row belongs to a part. Of every class the groups (without groups: the rows) are shuffled and dealt out
 * in turn, so that parts have about as much of every class and no group is in two. It depends on all rows, seed and
 * `of` alone: parts of different selections share no group either.
 */
export function inPart(rows: readonly Dealt[], { number, of, seed }: Part): boolean[] {
  const chance = random(seed).split("parts");
  const classes = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const names = rows.map(({ group }, row) => group ?? `row ${row}`);
  rows.forEach(({ label }, row) => {
    const name = names[row] ?? "";
    // A group with rows of several classes is dealt once, with the first.
    if (seen.has(name)) return;
    seen.add(name);
    const key = label ?? "";
    const groups = classes.get(key) ?? new Set();
    classes.set(key, groups.add(name));
  });
  const parts = new Map<string, number>();
  // Going on where the last class ended keeps the parts equal where classes are small.
  let turn = 0;
  for (const key of [...classes.keys()].sort()) {
    for (const name of chance.split(key).shuffle([...(classes.get(key) ?? [])])) parts.set(name, 1 + (turn++ % of));
  }
  return names.map((name) => parts.get(name) === number);
}
