/** Errors of operators that cannot take what they got. */
import { type DannError, usageError } from "../errors.ts";
import type { Var } from "./node.ts";
import { printType, type TensorType } from "./tensor.ts";

/** The error of an operator that cannot take what it got: operation first, expected, then what came. */
export const operatorError = (
  op: string,
  expected: string,
  ...got: readonly (Var | TensorType | string | undefined)[]
): DannError => usageError("graph-type", `${op}: expected ${expected}, got ${got.map(describe).join(" and ")}`);

function describe(got: Var | TensorType | string | undefined): string {
  if (got === undefined) return "nothing";
  if (typeof got === "string") return got;
  return printType("node" in got ? got.type : got);
}
