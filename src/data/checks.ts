/**
 * What is looked at before training: findings, each one sentence with what was expected and what came. The checks
 * change nothing and know no model.
 */
import { dataError } from "../errors.ts";
import type { TaskKind } from "../task.ts";
import { repeatedRows, sharedRows } from "./checks/duplicates.ts";
import { type Finding, problem, warning } from "./checks/finding.ts";
import { checkScoredLabels, checkSourceLabels, checkTargetLabels } from "./checks/labels.ts";
import { checkScoredNumbers, checkSourceNumbers } from "./checks/number-labels.ts";
import { checkSameRows } from "./checks/rows.ts";
import { checkValues } from "./checks/values.ts";
import type { PreprocessOptions, ReadOptions } from "./config.ts";
import type { Dataset } from "./dataset.ts";
import { closest, count, list } from "./names.ts";

export type { Finding } from "./checks/finding.ts";

/** The data of a run. Labels on `target`, `sourceTest` and `targetTest` are only compared with the source's classes. */
export interface CheckRequest {
  readonly source: Dataset;
  readonly target?: Dataset | undefined;
  /** Target rows whose labels train. */
  readonly targetLabelled?: Dataset | undefined;
  readonly sourceTest?: Dataset | undefined;
  readonly targetTest?: Dataset | undefined;
  /** The options the files were read with: names in them that no file has are reported. */
  readonly read?: ReadOptions | undefined;
  readonly preprocess?: PreprocessOptions | undefined;
  /** What the labels are; default `classification`. */
  readonly task?: TaskKind | undefined;
}

export function checkData(request: CheckRequest): Finding[] {
  const { source, target, targetLabelled, sourceTest, targetTest, preprocess = {}, task = "classification" } = request;
  const scored = [target, sourceTest, targetTest].filter((dataset) => dataset !== undefined);
  const others = targetLabelled === undefined ? scored : [...scored, targetLabelled];
  const scoredTarget = targetTest?.labels === undefined ? target : targetTest;
  return [
    ...[source, ...others].flatMap((dataset) => checkValues(dataset, request.read)),
    ...[source, ...others].flatMap(({ notes = [], origin }) =>
      notes.map((note) => warning("left-out", `${origin}: ${note}`)),
    ),
    ...(task === "regression" ? checkSourceNumbers(source) : checkSourceLabels(source, task)),
    ...others.flatMap((other) => checkSameRows(source, other, preprocess)),
    ...scored.flatMap((other) =>
      task === "regression" ? checkScoredNumbers(other) : checkScoredLabels(source, other),
    ),
    ...(targetLabelled === undefined ? [] : checkTargetLabels(source, targetLabelled)),
    ...checkNames([source, ...others], request.read ?? {}),
    ...repeatedSources(source),
    ...duplicates(source, target, "of the source"),
    ...duplicates(source, sourceTest, "of the source"),
    ...duplicates(target, targetTest, "that are adapted to"),
    // Rows of the target that nobody scores may well be the ones that somebody has labelled.
    ...(scoredTarget?.labels === undefined
      ? []
      : duplicates(targetLabelled, scoredTarget, "whose labels are trained on")),
  ];
}

/** Throws the first error, and says how many more there are. */
export function requireSound(findings: readonly Finding[]): void {
  const [first, ...more] = findings.filter((finding) => finding.level === "error");
  if (first === undefined) return;
  const also = more.length === 0 ? "" : ` (and ${count(more.length, "more error")})`;
  throw dataError(first.code, first.message + also, first.remedy);
}

/** `drop` and `types` go over all files, so a name must be in one of them. */
function checkNames(datasets: readonly Dataset[], read: ReadOptions): Finding[] {
  const known = [...new Set(datasets.flatMap((dataset) => dataset.fields ?? []))];
  const asked = [...(read.drop ?? []), ...Object.keys(read.types ?? {})];
  return asked
    .filter((name) => !known.includes(name))
    .map((name) => {
      const guess = closest(name, known);
      return problem(
        "no-such-column",
        `expected --drop and --types to name columns, but no file has "${name}" (columns: ${list(known) || "none"})`,
        guess === undefined ? undefined : `Did you mean "${guess}"?`,
      );
    });
}

function repeatedSources(source: Dataset): Finding[] {
  const { sources } = source;
  return repeatedRows(source).flatMap((repeated, at) => {
    if (sources === undefined || repeated === 0) return [];
    const all = sources.of.filter((each) => each === at).length;
    return [
      warning(
        "duplicate-rows",
        `${sources.names[at]}: ${repeated} of ${count(all, "row")} ${repeated === 1 ? "is" : "are"} also in an earlier source`,
        repeated === all
          ? "Was the same source given twice?"
          : "Where one of two equal rows is held out and the other trains, the score on the source flatters the model.",
      ),
    ];
  });
}

function duplicates(a: Dataset | undefined, b: Dataset | undefined, whose: string): Finding[] {
  if (a === undefined || b === undefined) return [];
  const shared = sharedRows(a, b)?.length ?? 0;
  if (shared === 0) return [];
  const all = shared === b.rows.rows;
  return [
    warning(
      "duplicate-rows",
      `${b.origin}: ${shared} of ${count(b.rows.rows, "row")} ${shared === 1 ? "is" : "are"} also among the rows ${whose} (${a.origin})`,
      all ? "Was the same file given twice?" : "Scores on rows that were trained on flatter the model.",
    ),
  ];
}
