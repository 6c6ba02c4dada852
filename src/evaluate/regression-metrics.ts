/** How near predicted numbers are, once labels are known. */
import { usageError } from "../errors.ts";
import type { LabelScale } from "../task.ts";

export interface RegressionMetrics {
  readonly rows: number;
  /** Mean absolute error, in the label's unit. */
  readonly mae: number;
  /** Root of the mean squared error, in the label's unit. */
  readonly rmse: number;
  /** 1 - squared error / squared error of the rows' own mean; null where all labels are the same. */
  readonly r2: number | null;
}

/** Labels and predictions standardised by the scale: small numbers, so that a large offset costs no digits. */
export function regressionMetrics(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { deviation }: Pick<LabelScale, "deviation">,
): RegressionMetrics {
  const rows = truth.length;
  if (rows !== predicted.length)
    throw usageError(
      "metrics-length",
      `metrics: expected as many predictions as labels (${rows}), got ${predicted.length}`,
    );
  let [sum, absolute, squared] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const [label, error] = [truth[i] as number, (predicted[i] as number) - (truth[i] as number)];
    sum += label;
    absolute += Math.abs(error);
    squared += error * error;
  }
  let total = 0;
  for (let i = 0; i < rows; i++) total += ((truth[i] as number) - sum / rows) ** 2;
  return {
    rows,
    mae: (deviation * absolute) / rows,
    rmse: deviation * Math.sqrt(squared / rows),
    r2: total === 0 ? null : 1 - squared / total,
  };
}
