/**
 * Columns that tell the domains apart by themselves: an identifier, a date, a unit of measurement, a column that one place
 * never fills in. A network that may read one learns the place instead of the classes, and an adversary can only fight
 * that one column.
 */
import type { NamedRows } from "./features/named.ts";

export interface Separator {
  readonly column: string;
  /** Mean over the domains of the share of rows that the column alone gets right. */
  readonly accuracy: number;
  /** How, for people: "constant: 0 in the source, 1 in the target". */
  readonly why: string;
}

/** A column that is right less often is a difference between the places, not a label of the place. */
const certain = 0.99;

/** Columns that separate, surest first; a column is judged by the best of its features, and by its words together. */
export function separators(rows: NamedRows): Separator[] {
  const columns = new Map<string, number[]>();
  rows.features.forEach(({ column }, j) => {
    if (column !== undefined) columns.set(column, [...(columns.get(column) ?? []), j]);
  });
  return [...columns]
    .flatMap(([column, features]): Separator[] => {
      const best = features
        .map((j) => ({ j, accuracy: thresholdAccuracy(columnOf(rows, "source", j), columnOf(rows, "target", j)) }))
        .reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
      if (best.accuracy >= certain) return [{ column, accuracy: best.accuracy, why: whyOf(rows, best.j) }];
      const together = features.length < 2 ? 0 : wordAccuracy(rows, features);
      if (together < certain) return [];
      return [{ column, accuracy: together, why: "its words in one domain are not those in the other" }];
    })
    .sort((a, b) => b.accuracy - a.accuracy);
}

function columnOf(rows: NamedRows, domain: "source" | "target", j: number): Float64Array {
  const { rows: count, width, values } = rows[domain];
  return Float64Array.from({ length: count }, (_, row) => values[row * width + j] ?? 0);
}

/** Of the best threshold, in either direction: (1 + largest distance of the two distribution functions) / 2. */
export function thresholdAccuracy(source: Float64Array, target: Float64Array): number {
  const [a, b] = [source.slice().sort(), target.slice().sort()];
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return (1 + largest) / 2;
}

/** Of guessing by the words that a row has. Words of a single row are no features, so identifiers say nothing here. */
function wordAccuracy(rows: NamedRows, features: readonly number[]): number {
  const count = (domain: "source" | "target", j: number): number =>
    columnOf(rows, domain, j).reduce((sum, value) => sum + value, 0);
  const counts = new Map(features.map((j) => [j, { source: count("source", j), target: count("target", j) }]));
  const shareRight = (domain: "source" | "target"): number => {
    const { rows: all, width, values } = rows[domain];
    let right = 0;
    for (let row = 0; row < all; row++) {
      let evidence = 0;
      for (const j of features) {
        if (values[row * width + j] !== 1) continue;
        const found = counts.get(j) ?? { source: 0, target: 0 };
        const source = found.source / rows.source.rows;
        const target = found.target / rows.target.rows;
        if (source + target > 0) evidence += (target - source) / (source + target);
      }
      right += evidence === 0 ? 0.5 : evidence > 0 === (domain === "target") ? 1 : 0;
    }
    return right / all;
  };
  return (shareRight("source") + shareRight("target")) / 2;
}

function whyOf(rows: NamedRows, j: number): string {
  const [source, target] = [columnOf(rows, "source", j), columnOf(rows, "target", j)];
  const name = rows.features[j]?.name ?? "";
  const range = (values: Float64Array): string => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return low === high ? short(low) : `${short(low)} to ${short(high)}`;
  };
  if (name.endsWith(" is missing"))
    return `missing in ${percent(source)} of the source and in ${percent(target)} of the target`;
  if (/ (=|has) "/.test(name))
    return `${name} in ${percent(source)} of the source and ${percent(target)} of the target`;
  const apart = `${range(source)} in the source, ${range(target)} in the target`;
  return looksLikeNumber(source) && looksLikeNumber(target) ? `a running number: ${apart}` : apart;
}

/** Whole numbers that never repeat. */
const looksLikeNumber = (values: Float64Array): boolean =>
  values.every(Number.isInteger) && new Set(values).size === values.length;

const short = (value: number): string => String(Number(value.toPrecision(4)));
const percent = (flags: Float64Array): string =>
  `${((100 * flags.reduce((sum, flag) => sum + flag, 0)) / flags.length).toFixed(0)} %`;
