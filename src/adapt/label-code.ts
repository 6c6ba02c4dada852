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

export interface Labelling {
  /** What a hold-out of the source takes its share of: classes, or parts of the numbers' range. */
  strata(fraction: number): Int32Array;
  /** @param training rows of the source that train: mean and deviation of numbers are theirs. */
  code(training: Dataset): LabelCode;
}

/** @param source all labelled rows of the source: its classes. */
export function labelling(kind: TaskKind, source: Dataset): Labelling {
  if (kind !== "regression") {
    const classes = classesOf(source.labels ?? []);
    const encode = ({ labels = [] }: Dataset): Int32Array => encodeLabels(labels, classes);
    return { strata: () => encode(source), code: () => ({ task: { kind }, classes, encode }) };
  }
  return {
    strata: (fraction) => labelStrata(labelNumbers(source), fraction),
    code(training) {
      const scale = labelScale(labelNumbers(training));
      if (!(scale.deviation > 0))
        throw dataError(
          "one-label",
          `${training.origin}: expected labels that differ, got one number in every row that trains`,
          "Check that --source-labels names the right column.",
        );
      const encode = (dataset: Dataset): Labels => standardisedLabels(labelNumbers(dataset), scale);
      return { task: { kind, scale }, classes: [], encode };
    },
  };
}
