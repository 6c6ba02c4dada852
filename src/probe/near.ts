/** Rows of the target that are nearly rows of the source: the same picture saved twice, a measurement rounded again. */
import { stackRows } from "../evaluate/sample.ts";
import { standardise, type Writable } from "../evaluate/standardise.ts";
import type { NamedRows } from "./features/named.ts";

export interface NearRows {
  /** Rows of the target's sample that have a row of the source's sample within the tolerance, equal ones not counted. */
  readonly rows: number;
  /** The same among the target's own rows: what the density of the rows alone makes. */
  readonly within: number;
  readonly looked: { readonly source: number; readonly target: number };
  /** Root mean square over the features of the difference in standard deviations. */
  readonly tolerance: number;
  /** Places in the samples, source before target. */
  readonly examples: readonly (readonly [number, number])[];
}

const tolerance = 0.01;
const shown = 5;
/** Of wider rows fewer are compared: each pair is a pass over its features. */
const numbers = 2e8;

export function nearRows({ source, target }: NamedRows): NearRows {
  const { width } = source;
  const most = Math.max(50, Math.floor(Math.sqrt(numbers / Math.max(1, width))));
  const [own, others] = [source, target].map(({ rows, values }): Writable => {
    const count = Math.min(rows, most);
    return { rows: count, width, values: Float64Array.from({ length: count * width }, (_, at) => values[at] ?? 0) };
  }) as [Writable, Writable];
  standardise(stackRows([own, others]), own, others);
  const limit = tolerance * tolerance * width;
  const examples: [number, number][] = [];
  let [rows, within] = [0, 0];
  for (let row = 0; row < others.rows; row++) {
    const near = firstNear(own, others, row, limit, undefined);
    if (near !== undefined) {
      rows++;
      if (examples.length < shown) examples.push([near, row]);
    }
    if (firstNear(others, others, row, limit, row) !== undefined) within++;
  }
  return { rows, within, looked: { source: own.rows, target: others.rows }, tolerance, examples };
}

/** The first row of `among` that differs from the row asked for, by no more than the limit. */
function firstNear(
  among: Writable,
  { values }: Writable,
  row: number,
  limit: number,
  itself: number | undefined,
): number | undefined {
  const { width } = among;
  for (let other = 0; other < among.rows; other++) {
    if (other === itself) continue;
    let distance = 0;
    for (let j = 0, a = row * width, b = other * width; j < width && distance <= limit; j++, a++, b++)
      distance += ((values[a] as number) - (among.values[b] as number)) ** 2;
    if (distance > 0 && distance <= limit) return other;
  }
  return undefined;
}
