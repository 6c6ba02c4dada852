/**
 * Values so far from all others of their column that they take its spread: a device that failed, a number that stands for a
 * missing one. Divided by a deviation that a few cells have made, all other rows are the same number.
 */
import type { Column } from "../dataset.ts";
import { count } from "../names.ts";
import { type Finding, warning } from "./finding.ts";

type NumberColumn = Extract<Column, { kind: "number" }>;

/** Of the deviation to what the middle half of the values tells; 20 in a log-normal column with a sigma of 2. */
const squeezed = 20;
/** Fewer have no middle half to speak of. */
const fewest = 20;
/** Quartiles of so many values, evenly taken, are exact enough. */
const most = 10_000;
/** Distance of the quartiles of a normal distribution, in deviations. */
const quartilesApart = 1.349;

/** @param deviation of the column's values. */
export function checkFarValues(origin: string, { name, values }: NumberColumn, deviation: number): Finding[] {
  const present = values.filter((value) => !Number.isNaN(value));
  if (present.length < fewest) return [];
  const stride = Math.ceil(present.length / most);
  const sorted = present.filter((_, i) => i % stride === 0).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, middle, high] = [at(0.25), at(0.5), at(0.75)];
  const usual = (high - low) / quartilesApart;
  if (usual === 0 || deviation <= squeezed * usual) return [];
  const isFar = (value: number): boolean => Math.abs(value - middle) > squeezed * usual;
  const farthest = present.reduce((far, value) => (Math.abs(value - middle) > Math.abs(far - middle) ? value : far));
  return [
    warning(
      "far-values",
      `${origin}: column "${name}": ${count(present.filter(isFar).length, "value")} such as ${farthest} (row ${values.indexOf(farthest)}, counted from 0) where half of them are from ${low} to ${high}: standardised with such a value, all others are nearly the same`,
      "Correct it, or say that it means missing (--missing); of a column that spans many powers of ten, give the logarithm.",
    ),
  ];
}
