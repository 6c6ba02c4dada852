/** Standardising in the graph: at most two passes over the rows, none where the constants say there is nothing to do. */
import { floats, mul, sub, type Var } from "../../graph/index.ts";

/** `(x - mean) / scale` with constants of the shape `dims`, which broadcasts over the rows. */
export function standardised(x: Var, mean: readonly number[], scale: readonly number[], dims: readonly number[]): Var {
  const centred = mean.every((value) => value === 0) ? x : sub(x, floats(dims, mean));
  // Subtract, then multiply: folded into x*a + b, a column with a large offset would lose its digits in float32.
  return scale.every((value) => value === 1)
    ? centred
    : mul(
        centred,
        floats(
          dims,
          scale.map((value) => 1 / value),
        ),
      );
}
