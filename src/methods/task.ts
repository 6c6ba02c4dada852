/** Which methods have a meaning for which labels, told by their formulas. */
import { usageError } from "../errors.ts";
import type { TaskKind } from "../task.ts";
import type { Combination } from "./combination.ts";
import type { MethodConfig } from "./config.ts";
import { methods } from "./registry.ts";

/** Methods and terms that take labels that are numbers; refinements begin with predicted classes. */
export const regressionMethods: readonly string[] = methods
  .filter(({ role, needsClasses }) => role.kind !== "refinement" && needsClasses === undefined)
  .map(({ name }) => name);

/** Refuses a method whose formula says nothing of the task's labels. */
export function checkTask(
  { name, rows }: Combination,
  {
    labelSmoothing = 0,
    classWeights = "none",
    regressionLoss = "squared",
  }: Pick<MethodConfig, "labelSmoothing" | "classWeights" | "regressionLoss">,
  task: TaskKind | undefined,
): void {
  if (task === undefined) return;
  if (task !== "regression") {
    if (regressionLoss === "squared") return;
    throw usageError(
      "regression-loss",
      `method.regressionLoss: expected nothing, because the labels are classes, got ${regressionLoss}`,
      "Leave it out, or train on numbers with --task regression.",
    );
  }
  const stray = rows.find((row) => !regressionMethods.includes(row.name));
  if (stray !== undefined)
    throw usageError(
      "method-task",
      `method ${name}: expected one that takes numbers for labels, because the task is a regression, got ${stray.name}: ${stray.needsClasses ?? "it goes on from a classifier"}`,
      `Use one of ${regressionMethods.join(", ")}.`,
    );
  if (labelSmoothing > 0)
    throw usageError(
      "label-smoothing",
      `method.labelSmoothing: expected 0, because the labels of a regression are no classes, got ${labelSmoothing}`,
      "Leave it out.",
    );
  if (classWeights !== "none")
    throw usageError(
      "class-weights",
      `method.classWeights: expected none, because the labels of a regression are no classes, got ${classWeights}`,
      "Leave it out.",
    );
}
