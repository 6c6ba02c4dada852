/**
 * Maximum mean discrepancy between a batch of each domain, by Gaussian kernels of several widths: 0 in expectation where
 * both come from one distribution.
 *
 *   MMD^2 = mean_{i != j} k(s_i, s_j) + mean_{i != j} k(t_i, t_j) - 2 mean_{i, j} k(s_i, t_j)
 *
 * the unbiased estimate (Gretton et al. 2012, equation 3), which can be below zero. With one space k is the multi-kernel
 * of DAN (Long et al. 2015); with several, the product over spaces is the joint kernel of JAN (Long et al. 2017).
 */
import { add, concat, div, exp, floats, mul, neg, reduceMean, reduceSum, stopGradient } from "../../graph/index.ts";
import { operatorError, type Var } from "../../graph/node.ts";
import { squaredDistances } from "./distances.ts";

/** Values of the rows of both domains in one space (features, predictions), and the widths that they are compared by. */
export interface KernelSpace {
  /** [Ns, F] */
  readonly source: Var;
  /** [Nt, F] */
  readonly target: Var;
  readonly widths: KernelWidths;
}

/** sigma^2 of the Gaussians: a fixed one, or multiples of the batch's mean squared distance, held constant. */
export type KernelWidths =
  | { readonly kind: "fixed"; readonly sigmaSquared: number }
  | { readonly kind: "relative"; readonly multiples: readonly number[] };

/** From an eighth to twice the mean squared distance: what the authors' releases use. */
export const relativeWidths: KernelWidths = { kind: "relative", multiples: [0.125, 0.25, 0.5, 1, 2] };

/** Of predictions in JAN's release: one Gaussian of sigma .92. */
export const predictionWidths: KernelWidths = { kind: "fixed", sigmaSquared: 0.92 ** 2 };

/** MMD^2 under the product of the spaces' kernels, a scalar. Batches need at least 2 rows of each domain. */
export function meanDiscrepancy(spaces: readonly [KernelSpace, ...KernelSpace[]]): Var {
  const [{ source, target }] = spaces;
  const [first, ...others] = spaces.map(kernelMatrix);
  if (first === undefined) throw operatorError("mean discrepancy", "at least one space", source);
  return reduceSum(mul(others.reduce(mul, first), pairWeights(rowsOf(source), rowsOf(target))));
}

/** Sum over widths of exp(-|z_i - z_j|^2 / (2 sigma^2)) for all rows of both domains, [Ns + Nt, Ns + Nt]. */
function kernelMatrix({ source, target, widths }: KernelSpace): Var {
  const rows = concat([source, target], 0);
  const distances = squaredDistances(rows, rows);
  const scaled = ((): Var[] => {
    switch (widths.kind) {
      case "fixed":
        return [div(distances, 2 * widths.sigmaSquared)];
      case "relative": {
        const mean = stopGradient(reduceMean(distances));
        // Equal rows everywhere: any width does, and none may divide by zero.
        const shares = div(distances, add(mean, 1e-12));
        return widths.multiples.map((multiple) => div(shares, 2 * multiple));
      }
      default:
        throw operatorError(`kernel widths ${String(widths satisfies never)}`, "fixed or relative", rows);
    }
  })();
  return scaled.map((each) => exp(neg(each))).reduce(add);
}

/** What each pair of rows counts in the three means. */
function pairWeights(source: number, target: number): Var {
  const size = source + target;
  const weights = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const [own, other] = [i < source, j < source];
      const rows = own ? source : target;
      weights[i * size + j] = own !== other ? -1 / (source * target) : i === j ? 0 : 1 / (rows * (rows - 1));
    }
  }
  return floats([size, size], weights);
}

function rowsOf(x: Var): number {
  const [rows] = x.type.shape;
  if (typeof rows !== "number" || rows < 2)
    throw operatorError("mean discrepancy", "a batch of at least 2 rows of each domain", x);
  return rows;
}
