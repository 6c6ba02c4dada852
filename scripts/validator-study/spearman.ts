/** Spearman's rank correlation: Pearson's of the ranks, equal values sharing their mean rank. */

/** -1 to 1; null for fewer than three pairs, and where either side does not vary. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new Error(`expected as many values on both sides, got ${a.length} and ${b.length}`);
  if (a.length < 3) return null;
  const [first, second] = [centred(ranks(a)), centred(ranks(b))];
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  const scale = Math.sqrt(product(first, first) * product(second, second));
  return scale === 0 ? null : product(first, second) / scale;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const result = values.map(() => 0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) result[index] = (start + end - 1) / 2;
    start = end;
  }
  return result;
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
