/**
 * What labels are. The networks differ in the last layer of G_y alone, and every method that is not about class
 * probabilities takes either: "our approach is generic and can handle any output label space that other deep
 * feed-forward models can handle" (Ganin and Lempitsky, ICML 2015, section 3.1).
 */

import { internalError } from "./errors.ts";

/**
 * `classification`: a logit a class. `binary`: two classes by one logit, sigmoid cross-entropy. `regression`: numbers,
 * squared error.
 */
export type TaskKind = "classification" | "binary" | "regression";

export const taskKinds = ["classification", "binary", "regression"] as const satisfies readonly TaskKind[];

/** Labels of a regression are standardised by the source's training rows: z = (y - mean) / deviation. */
export interface LabelScale {
  readonly mean: number;
  readonly deviation: number;
}

/** With what a trained regression needs to answer in the label's own unit. */
export type Task =
  | { readonly kind: "classification" | "binary" }
  | { readonly kind: "regression"; readonly scale: LabelScale };

export const classification: Task = { kind: "classification" };

/** Numbers that G_y gives a row: one a class, of a regression one. */
export const outputsOf = ({ kind }: Task, classes: readonly string[]): number =>
  kind === "regression" ? 1 : classes.length;

/** Of each row its class index, or the standardised number of a regression. */
export type Labels = Int32Array | Float32Array;

/** Labels of what is about classes alone. */
export function classIndices(labels: Labels): Int32Array {
  if (labels instanceof Int32Array) return labels;
  throw internalError("numbers were taken for class indices");
}

/** The share of each class among class indices; 0 where there are none. */
export function classShares(indices: Iterable<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  let all = 0;
  for (const index of indices) {
    counts[index] = (counts[index] ?? 0) + 1;
    all += 1;
  }
  return counts.map((count) => count / Math.max(1, all));
}
