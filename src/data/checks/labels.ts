/** Checks of labels: enough classes, enough rows of each, and the same words where they are compared. */
import type { TaskKind } from "../../task.ts";
import type { Dataset } from "../dataset.ts";
import { classCounts, classesOf } from "../labels.ts";
import { count, list } from "../names.ts";
import { type Finding, problem, warning } from "./finding.ts";

/** Below this a class can neither be held out from nor told apart; a warning only. */
const fewRows = 10;

/** @param task a binary one has two classes. */
export function checkSourceLabels(source: Dataset, task: Exclude<TaskKind, "regression">): Finding[] {
  const { labels, origin } = source;
  if (labels === undefined || labels.every((label) => label === undefined)) return [missingLabels(source)];
  const findings: Finding[] = [];
  const classes = classesOf(labels);
  const counts = classCounts(labels, classes);
  const [first] = classes;
  if (classes.length === 1) {
    findings.push(
      problem(
        "one-class",
        `${origin}: expected at least two classes, got "${first}" in every row`,
        byKind(source, "Check that --source-labels names the right column.", "--source-labels"),
      ),
    );
  } else if (task === "binary" && classes.length > 2) {
    findings.push(
      problem(
        "binary-classes",
        `${origin}: expected the two classes of a binary task, got ${classes.length}: ${list(classes)}`,
        "Leave --task out: a classification takes any number of classes.",
      ),
    );
  } else if (classes.length > 1000 || (classes.length > 20 && classes.length > labels.length / 2)) {
    findings.push(
      problem(
        "too-many-classes",
        `${origin}: expected labels that repeat, got ${classes.length} different ones in ${count(labels.length, "row")}`,
        "Check that --source-labels names the column of classes, not of ids; of numbers: --task regression.",
      ),
    );
  } else {
    findings.push(...rareClasses(origin, classes, counts));
  }
  return [...findings, ...unlabelledRows(source)];
}

export const missingLabels = (source: Dataset): Finding =>
  problem(
    "no-labels",
    `${source.origin}: expected labels for the source, got none`,
    byKind(source, "Name the label column, or a file of labels, with --source-labels.", "--source-labels"),
  );

/** Images have no columns: a folder names their class. */
const byKind = ({ rows }: Dataset, columns: string, flag: string): string =>
  rows.kind === "image"
    ? `Put the images of each class into a folder of its own, or name a file of labels with ${flag}.`
    : columns;

export function unlabelledRows({ labels = [], origin }: Dataset): Finding[] {
  const missing = labels.filter((label) => label === undefined).length;
  if (missing === 0) return [];
  return [
    warning(
      "unlabelled-rows",
      `${origin}: ${missing} of ${count(labels.length, "row")} have no label and are left out of training`,
    ),
  ];
}

function rareClasses(origin: string, classes: readonly string[], counts: readonly number[]): Finding[] {
  const rare = (limit: number, from = 0): string[] =>
    classes.filter((_, i) => (counts[i] ?? 0) < limit && (counts[i] ?? 0) >= from);
  const named = (names: readonly string[]): string =>
    list(names.map((name) => `"${name}" (${counts[classes.indexOf(name)]})`));
  const single = rare(2);
  const few = rare(fewRows, 2);
  return [
    ...(single.length === 0
      ? []
      : [
          problem(
            "class-too-small",
            `${origin}: expected at least 2 rows of every class, got ${named(single)}`,
            "Add rows of it, merge it with another class, or leave its rows out.",
          ),
        ]),
    ...(few.length === 0
      ? []
      : [warning("class-small", `${origin}: fewer than ${fewRows} rows of ${named(few)}: scores of it mean little`)]),
  ];
}

/** Labels that are only scored against. */
export function checkScoredLabels(source: Dataset, scored: Dataset): Finding[] {
  if (source.labels === undefined || scored.labels === undefined) return [];
  const classes = classesOf(source.labels);
  const found = classesOf(scored.labels);
  const unknown = found.filter((name) => !classes.includes(name));
  const absent = classes.filter((name) => !found.includes(name));
  if (found.length === 0) return [problem("no-labels", `${scored.origin}: expected labels to score with, got none`)];
  if (unknown.length === found.length) {
    return [
      problem(
        "label-sets-differ",
        `${scored.origin}: expected the classes ${list(classes)}, got ${list(found)}`,
        "The labels of both files must be spelled alike.",
      ),
    ];
  }
  return [
    ...(unknown.length === 0
      ? []
      : [
          warning(
            "unknown-classes",
            `${scored.origin}: the source has no class ${list(unknown)}: their rows can only be scored as wrong`,
          ),
        ]),
    ...(absent.length === 0
      ? []
      : [
          warning(
            "absent-classes",
            `${scored.origin}: no rows of ${list(absent)}: alignment can mislead where classes are missing`,
          ),
        ]),
  ];
}

/** Labels of the target that are trained on: a class that the source lacks would have no output. */
export function checkTargetLabels(source: Dataset, target: Dataset): Finding[] {
  const { labels = [], origin } = target;
  if (source.labels === undefined) return [];
  const classes = classesOf(source.labels);
  const found = classesOf(labels);
  const unknown = found.filter((name) => !classes.includes(name));
  if (found.length === 0)
    return [
      problem(
        "no-labels",
        `${origin}: expected labels for the labelled rows of the target, got none`,
        byKind(
          target,
          "Name their column, or a file of labels, with --target-labelled-labels.",
          "--target-labelled-labels",
        ),
      ),
    ];
  if (unknown.length > 0)
    return [
      problem(
        "unknown-classes",
        `${origin}: expected the classes ${list(classes)}, got ${list(unknown)}`,
        "Rows that are trained on must be of the source's classes, spelled alike.",
      ),
    ];
  return unlabelledRows(target);
}
