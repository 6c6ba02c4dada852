/** One line on how far the chosen model's probabilities can be believed. */
import type { ModelRow } from "../../adapt/result.ts";

export function renderCalibration({
  temperature,
  basis,
  why,
  weighted,
  estimatedTargetEce: estimated,
  target,
}: NonNullable<ModelRow["calibration"]>): string {
  const found = {
    weighted: `${temperature.toFixed(2)}, from held-out source rows weighted to the target (worth ${weighted.effectiveRows.toFixed(0)})`,
    source: `${temperature.toFixed(2)}, the source's: ${why}`,
    none: `1: ${why}`,
  }[basis];
  const change = ({ before, after }: { before: number; after: number }): string =>
    temperature === 1 ? before.toFixed(3) : `${before.toFixed(3)} -> ${after.toFixed(3)}`;
  const errors = [
    ...(estimated === null ? [] : [`${change(estimated)} estimated`]),
    ...(target === null ? [] : [`${change(target.ece)} by its labels`]),
  ];
  const error = errors.length === 0 ? "" : `; calibration error on the target ${errors.join(", ")}`;
  return `probabilities: temperature ${found}${error}`;
}
