/** Rows of both domains as numbers with names: what the probe separates the domains by, and what it says of it. */
import type { Matrix } from "../../evaluate/logistic.ts";

export interface NamedFeature {
  readonly name: string;
  /** The column of the data that it comes from, where there is one that could be left out. */
  readonly column?: string | undefined;
}

export interface NamedRows {
  /** What the numbers are, for people: "columns", "words". */
  readonly kind: "columns" | "features" | "pixels" | "signal" | "backbone";
  readonly features: readonly NamedFeature[];
  readonly source: Matrix;
  readonly target: Matrix;
}

/** A feature of one domain, a number a row. */
export type Values = ArrayLike<number>;

export interface FeaturePair extends NamedFeature {
  readonly source: Values;
  readonly target: Values;
}

export function namedRows(kind: NamedRows["kind"], rows: [number, number], pairs: readonly FeaturePair[]): NamedRows {
  const matrix = (count: number, of: (pair: FeaturePair) => Values): Matrix => {
    const width = pairs.length;
    const values = new Float64Array(count * width);
    pairs.forEach((pair, j) => {
      const column = of(pair);
      for (let row = 0, at = j; row < count; row++, at += width) values[at] = column[row] ?? 0;
    });
    return { rows: count, width, values };
  };
  return {
    kind,
    features: pairs.map(({ name, column }) => ({ name, column })),
    source: matrix(rows[0], ({ source }) => source),
    target: matrix(rows[1], ({ target }) => target),
  };
}

/** The same without the features of some columns. */
export function withoutColumns(rows: NamedRows, columns: readonly string[]): NamedRows {
  const kept = rows.features.flatMap(({ column }, j) => (column !== undefined && columns.includes(column) ? [] : [j]));
  const pick = ({ rows: count, width, values }: Matrix): Matrix => {
    const picked = new Float64Array(count * kept.length);
    for (let row = 0; row < count; row++)
      kept.forEach((j, at) => {
        picked[row * kept.length + at] = values[row * width + j] ?? 0;
      });
    return { rows: count, width: kept.length, values: picked };
  };
  return {
    kind: rows.kind,
    features: kept.flatMap((j) => rows.features[j] ?? []),
    source: pick(rows.source),
    target: pick(rows.target),
  };
}
