/** Softmax of rows of class logits [rows, classes] outside a graph, in float64; row-major. An application that only predicts loads it too. */
export function softmaxRows(logits: ArrayLike<number>, classes: number): Float64Array {
  const shares = Float64Array.from(logits);
  for (let start = 0; start < shares.length; start += classes) {
    const row = shares.subarray(start, start + classes);
    const highest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      row[c] = Math.exp((row[c] as number) - highest);
      sum += row[c] as number;
    }
    for (let c = 0; c < classes; c++) row[c] = (row[c] as number) / sum;
  }
  return shares;
}
