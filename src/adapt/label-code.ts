/** How the labels of a task become what the network learns: indices of classes, or standardised numbers. */
import type { Dataset } from "../data/dataset.ts";
import { classesOf, encodeLabels } from "../data/labels.ts";
import { labelNumbers, labelScale, labelStrata, standardisedLabels } from "../data/number-labels.ts";
import { dataError } from "../errors.ts";
import type { Labels, TaskKind } from "../task.ts";
import type { Answers } from "./plan.ts";

export interface LabelCode extends Answers {
  encode(dataset: Dataset): Labels;
}

/**
 * @param source all labelled rows of the source: its classes.
 * @param training those of them that train: mean and deviation of numbers.
 */
export function labelCode(kind: TaskKind, source: Dataset, training: Dataset): LabelCode {
  if (kind !== "regression") {
    const classes = classesOf(source.labels ?? []);
    return { task: { kind }, classes, encode: ({ labels = [] }) => encodeLabels(labels, classes) };
  }
  const scale = labelScale(labelNumbers(training));
  if (!(scale.deviation > 0))
    throw dataError(
      "one-label",
      `${training.origin}: expected labels that differ, got one number in every row that trains`,
      "Check that --source-labels names the right column.",
    );
  return {
    task: { kind, scale },
    classes: [],
    encode: (dataset) => standardisedLabels(labelNumbers(dataset), scale),
  };
}

/** What a hold-out of the source takes its share of: classes, or parts of the numbers' range. */
export const sourceStrata = (kind: TaskKind, source: Dataset, fraction: number): Int32Array =>
  kind === "regression"
    ? labelStrata(labelNumbers(source), fraction)
    : encodeLabels(source.labels ?? [], classesOf(source.labels ?? []));
