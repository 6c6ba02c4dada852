/** Checks of labels that are numbers: that they are, and that they are not all the same. */
import type { Dataset } from "../dataset.ts";
import { count } from "../names.ts";
import { labelNumber } from "../number-labels.ts";
import { type Finding, problem } from "./finding.ts";
import { missingLabels, unlabelledRows } from "./labels.ts";

export function checkSourceNumbers(source: Dataset): Finding[] {
  const { labels, origin } = source;
  if (labels === undefined || labels.every((label) => label === undefined)) return [missingLabels(source)];
  const stray = strayLabel(source);
  if (stray !== undefined) return [stray];
  const different = new Set(labels.flatMap((label) => (label === undefined ? [] : [Number(label)])));
  const [first] = different;
  return [
    ...(different.size > 1
      ? []
      : [
          problem(
            "one-label",
            `${origin}: expected labels that differ, got ${first} in every row`,
            "Check that --source-labels names the right column.",
          ),
        ]),
    ...unlabelledRows(source),
  ];
}

/** Numbers that are only scored against. */
export function checkScoredNumbers(scored: Dataset): Finding[] {
  if (scored.labels === undefined) return [];
  if (scored.labels.every((label) => label === undefined))
    return [problem("no-labels", `${scored.origin}: expected labels to score with, got none`)];
  const stray = strayLabel(scored);
  return stray === undefined ? [] : [stray];
}

function strayLabel({ labels = [], origin }: Dataset): Finding | undefined {
  const isStray = (label: string | undefined): label is string =>
    label !== undefined && labelNumber(label) === undefined;
  const row = labels.findIndex(isStray);
  if (row < 0) return undefined;
  const more = labels.filter(isStray).length - 1;
  return problem(
    "label-number",
    `${origin}: label of row ${row + 1}: expected a finite number, because the task is a regression, got "${labels[row]}"${more === 0 ? "" : ` (and ${count(more, "more")})`}`,
    "Correct it, or leave --task out: then labels are classes.",
  );
}
