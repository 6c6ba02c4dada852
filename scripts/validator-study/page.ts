/** `docs/validators.md`: the study as a page. Every figure in it comes from finished runs. */
import { counts as said } from "../../src/benchmark/render/texts.ts";
import { dataError } from "../../src/errors.ts";
import { validators } from "../../src/evaluate/validators/registry.ts";
import { methods } from "../../src/methods/registry.ts";
import type { StudyRuns } from "./runs.ts";
import { type Cell, overFamilies, type Study, selectNames, studyOf } from "./study.ts";

export function validatorsPage({ runs, leftOut }: StudyRuns, command: string): string {
  if (runs.length === 0)
    throw dataError(
      "study-empty",
      `expected runs that were scored on target labels at three evaluations or more, got none (${counts(leftOut) || "no jobs"})`,
      "Run dann benchmark on suites with target labels first.",
    );
  const study = studyOf(runs);
  const sharpening = methods
    .flatMap(({ name, sharpens }) => (sharpens === undefined ? [] : [`\`${name}\``]))
    .join(", ");
  const { cells, families } = study;
  return [
    "# Choosing without target labels: which validator?\n\n",
    "Made by `scripts/make-validator-study.ts` from finished runs; target labels were looked at only here, to judge the choice. ",
    "A cell is a task with a method, the mean of its seeds; a family is the mean of its cells, the last column the mean of the families.\n\n",
    `${runs.length} runs, ${cells.length} cells, ${families.length} ${families.length === 1 ? "family" : "families"}; left out: ${counts(leftOut) || "nothing"}.\n\n`,
    "    ",
    command,
    "\n\n## Rank correlation with target accuracy over the epochs\n\n",
    "Spearman's, 1 is best; the sign is turned for validators where lower is better.\n\n",
    byFamily(
      study,
      validators.map(({ name }) => name),
      (cell, name) => cell.correlation.get(name) ?? null,
      decimals,
    ),
    "\n## Accuracy lost against the best epoch\n\n",
    "Points of target accuracy, 0 is best; the best epoch is the one that target labels would have chosen.\n\n",
    byFamily(study, selectNames, (cell, name) => cell.lost.get(name) ?? null, points),
    "\n## A family judged by what the others would choose\n\n",
    leftOutTable(study),
    "\n## What the verdicts were worth\n\n",
    "The method's model, its epoch selected by the run's own `--select`, against source-only, by what the verdict of its run said. ",
    "Only after `helped` is it the chosen one. ",
    `Methods that sharpen (${sharpening}) make predictions `,
    "on the target decided by themselves: the verdict calls their help weak evidence.\n\n",
    table(
      [
        "verdict",
        "methods",
        "runs",
        "method - source-only",
        "better by more than a point",
        "worse by more than a point",
      ],
      study.judged.map(({ verdict, sharpens, mean, ...counted }) => [
        verdict,
        sharpens ? "sharpen" : "others",
        String(counted.runs),
        points(mean),
        String(counted.better),
        String(counted.worse),
      ]),
    ),
    "\n## Tasks\n\n",
    "Best: target accuracy of the best epoch. Then the points that `auto` and `last` lose against it, and the model that the verdict of its run chose against source-only, mean and worst seed.\n\n",
    table(
      ["task", "method", "runs", "evaluations", "best", "auto", "last", "chosen - source-only", "worst", "verdicts"],
      cells.map((cell) => [
        `${cell.family}: ${cell.task}`,
        cell.method,
        String(cell.runs),
        cell.epochs.toFixed(0),
        points(cell.oracle),
        points(cell.lost.get("auto") ?? null),
        points(cell.lost.get("last") ?? null),
        points(cell.gain.mean),
        points(cell.gain.worst),
        verdictsOf(cell),
      ]),
    ),
  ].join("");
}

/** A single run's is one word. */
const verdictsOf = ({ runs, verdicts }: Cell): string => {
  const text = said(verdicts);
  return runs === 1 ? text.replace(/ 1$/, "") : text;
};

function byFamily(
  { cells, families }: Study,
  names: readonly string[],
  value: (cell: Cell, name: string) => number | null,
  print: (value: number | null) => string,
): string {
  return table(
    ["", ...families, "all"],
    names.map((name) => [
      name,
      ...families.map((family) =>
        print(
          overFamilies(
            cells.filter((cell) => cell.family === family),
            (cell) => value(cell, name),
          ),
        ),
      ),
      print(overFamilies(cells, (cell) => value(cell, name))),
    ]),
  );
}

function leftOutTable({ cells, leftOut }: Study): string {
  if (leftOut.length === 0) return "Needs two families or more.\n";
  const own = (family: string, name: string): number | null =>
    overFamilies(
      cells.filter((cell) => cell.family === family),
      (cell) => cell.lost.get(name) ?? null,
    );
  return table(
    ["family", "chosen on the others", "points lost", "auto", "last"],
    leftOut.map(({ family, choice, lost }) => [
      family,
      choice,
      points(lost),
      points(own(family, "auto")),
      points(own(family, "last")),
    ]),
  );
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [heading, heading.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map(line).join("");
}

const decimals = (value: number | null): string => (value === null ? "-" : value.toFixed(2));
const points = (value: number | null): string => (value === null ? "-" : (100 * value).toFixed(1));
const counts = (leftOut: Readonly<Record<string, number>>): string =>
  Object.entries(leftOut)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, jobs]) => `${jobs} (${reason})`)
    .join(", ");
