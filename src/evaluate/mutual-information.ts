/**
 * Adjusted mutual information of two partitions (Vinh, Epps and Bailey, JMLR 11, 2010):
 * (I - E I) / ((H(a) + H(b)) / 2 - E I), E I over all partitions with the same sizes. 1 for equal partitions, about 0
 * for independent ones, whatever the number of parts.
 */
import { entropy } from "./probabilities.ts";

/** @returns 0 where both have one part only: then there is nothing to agree on. */
export function adjustedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const rows = a.length;
  const [first, second] = [compact(a), compact(b)];
  if (rows === 0 || (first.sizes.length === 1 && second.sizes.length === 1)) return 0;
  const joint = new Float64Array(first.sizes.length * second.sizes.length);
  for (let row = 0; row < rows; row++) {
    const at = (first.parts[row] as number) * second.sizes.length + (second.parts[row] as number);
    joint[at] = (joint[at] as number) + 1;
  }
  const shares = (counts: ArrayLike<number>): number[] => Array.from(counts, (count) => count / rows);
  const own = entropy(shares(first.sizes));
  const other = entropy(shares(second.sizes));
  const information = own + other - entropy(shares(joint));
  const expected = expectedInformation(first.sizes, second.sizes, rows);
  const scale = (own + other) / 2 - expected;
  // Parts of single rows agree by necessity: both differences are then rounding.
  return Math.abs(scale) < 1e-12 ? 0 : (information - expected) / scale;
}

/** Parts numbered from 0 in the order in which they come, and their sizes. */
function compact(parts: ArrayLike<number>): { parts: Int32Array; sizes: number[] } {
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const renamed = Int32Array.from(parts, (part) => {
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    sizes[number] = (sizes[number] ?? 0) + 1;
    return number;
  });
  return { parts: renamed, sizes };
}

/** Mean of the mutual information when rows are dealt anew: the joint counts are hypergeometric (equation 24a). */
function expectedInformation(a: readonly number[], b: readonly number[], rows: number): number {
  // ln k!, to `rows`.
  const factorials = new Float64Array(rows + 1);
  for (let k = 2; k <= rows; k++) factorials[k] = (factorials[k - 1] as number) + Math.log(k);
  const f = (k: number): number => factorials[k] as number;
  let sum = 0;
  for (const m of a) {
    for (const n of b) {
      const fixed = f(m) + f(n) + f(rows - m) + f(rows - n) - f(rows);
      for (let k = Math.max(1, m + n - rows); k <= Math.min(m, n); k++) {
        const chance = Math.exp(fixed - f(k) - f(m - k) - f(n - k) - f(rows - m - n + k));
        sum += (k / rows) * Math.log((rows * k) / (m * n)) * chance;
      }
    }
  }
  return sum;
}
