/** A comparison as tables of texts, for a terminal and for Markdown. */
import { cell, markdownTable } from "../render/markdown.ts";
import { counts, duration, interval, show, spread } from "../render/texts.ts";
import type { CompareDocument } from "./document.ts";

export interface TextTable {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Comparison = CompareDocument["comparisons"][number];

/** Groups with their runs, what tells them apart, and the paired differences. Tables without rows are left out. */
export function compareTables({ groups, differences, comparisons, metric }: CompareDocument): TextTable[] {
  const names = groups.map(({ name }) => name);
  const tables: TextTable[] = [
    {
      title: "Runs",
      heading: ["", "seeds", `source ${metric}`, `target ${metric}`, "models", "verdicts", "time of a run"],
      rows: groups.map(({ name, runs, source, target, verdicts, seconds }) => [
        name,
        runs.map(({ seed }) => seed).join(", "),
        spread(source),
        spread(target),
        counts(tally(runs.map(modelText))),
        counts(verdicts),
        duration(seconds),
      ]),
    },
    {
      title: "What differs in the configuration",
      heading: ["key", ...names],
      rows: differences.map(({ key, values }) => [
        key,
        ...names.map((name) => (name in values ? show(values[name]) : "(absent)")),
      ]),
    },
    {
      title: "Paired differences",
      heading: ["", "seeds", "source", "p", "target", "p"],
      rows: comparisons.map((one) => [`${one.of} - ${one.to}`, ...pairedCells(one)]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

const pairedCells = ({ seeds, source, target, refused }: Comparison): string[] =>
  refused !== null
    ? [`not compared: ${refused}`, "", "", "", ""]
    : [String(seeds.length), interval(source), probability(source), interval(target) || "-", probability(target)];

const probability = (value: Comparison["source"]): string => (value?.p == null ? "" : value.p.toFixed(3));

const modelText = ({ model, selection }: CompareDocument["groups"][number]["runs"][number]): string =>
  model === null ? "none" : selection === "validator" ? `${model} (selected)` : model;

function tally(names: readonly string[]): Record<string, number> {
  const times: Record<string, number> = {};
  for (const name of names) times[name] = (times[name] ?? 0) + 1;
  return times;
}

/** What a reader has to know, a line each. */
export function compareRemarks({ comparisons, warnings, model }: CompareDocument): string[] {
  const what = {
    chosen: "the model that each run chose without target labels",
    selected: "the method's model as selected without target labels",
    last: "the method's model at its last epoch",
    "source-only": "source-only",
  } as const;
  return [
    `Compared: ${what[model]}; mean ± standard error over seeds.`,
    ...(comparisons.length === 0
      ? []
      : [
          "Differences are paired by seed, with 95 % intervals (Student's t); p is exact, two-sided, by flipping signs: n seeds cannot show less than 2 / 2^n.",
        ]),
    ...warnings.map((text) => `warning: ${text}`),
  ];
}

export function compareMarkdown(document: CompareDocument): string {
  return [
    ...compareTables(document).map(({ title, heading, rows }) => `## ${title}\n\n${markdownTable(heading, rows)}\n`),
    ...compareRemarks(document).map((text) => `${cell(text)}\n`),
    "\n",
    ...document.groups.map(({ name, runs }) => `${name}: ${cell(runs.map(({ run }) => run).join(", "))}  \n`),
  ].join("");
}
