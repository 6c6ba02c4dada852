/** A table as a file: Markdown, LaTeX, CSV or JSON. */
import { nodeModules } from "../../data/files.ts";
import { csvLine } from "../../data/writers/text.ts";
import { usageError } from "../../errors.ts";
import type { BenchmarkTable } from "../table.ts";
import { choicesOf, choicesTitle } from "./choices.ts";
import { gridOf, remarks } from "./grid.ts";
import { cell, markdownTable } from "./markdown.ts";

export type TableFormat = "md" | "tex" | "csv" | "json";

const formats: Readonly<Record<TableFormat, (table: BenchmarkTable) => string>> = {
  md: (table) => toMarkdown(table),
  tex: toLatex,
  csv: toCsv,
  json: (table) => `${JSON.stringify(table, undefined, 2)}\n`,
};

/** The format that a file's name asks for. */
export function formatOf(file: string): TableFormat {
  const format = nodeModules().path.extname(file).slice(1).toLowerCase();
  if (format in formats) return format as TableFormat;
  throw usageError(
    "table-format",
    `--out: expected a name that ends in ${Object.keys(formats)
      .map((name) => `.${name}`)
      .join(", ")}, got ${file}`,
  );
}

export const renderFile = (table: BenchmarkTable, format: TableFormat): string => formats[format](table);

/** @param name in the heading; default the suite's. */
export function toMarkdown(table: BenchmarkTable, name: string = table.suite): string {
  const { heading, rows, sources } = gridOf(table);
  const choices = choicesOf(table);
  return [
    `## ${cell(name)}: ${cell(table.title)}\n\n`,
    markdownTable(heading, rows),
    "\n",
    ...remarks(table).map((text) => `${cell(text)}\n`),
    ...(sources.length === 0 ? [] : ["\n", ...sources.map((text) => `${cell(text)}  \n`)]),
    ...(choices === undefined ? [] : [`\n${choicesTitle}\n\n`, markdownTable(choices.heading, choices.rows)]),
    `\n    ${table.command}\n`,
  ].join("");
}

/** A `table` that needs no package. */
export function toLatex(table: BenchmarkTable): string {
  const { heading, rows, sources } = gridOf(table);
  const choices = choicesOf(table);
  return [
    `% ${table.command}\n`,
    "\\begin{table}\n\\centering\n",
    `\\caption{${latex(sentence(table.title))} ${[...remarks(table), ...sources].map(latex).join(" ")}}\n`,
    `\\label{tab:${table.suite.replace(/[^A-Za-z0-9.-]+/g, "-")}}\n`,
    tabular("r", heading, rows),
    ...(choices === undefined ? [] : [`\n${latex(choicesTitle)}\n\n`, tabular("l", choices.heading, choices.rows)]),
    "\\end{table}\n",
  ].join("");
}

/** @param align of all columns but the first. */
function tabular(align: "l" | "r", heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `${cells.map(latex).join(" & ")} \\\\\n`;
  return [
    `\\begin{tabular}{l${align.repeat(heading.length - 1)}}\n\\hline\n`,
    line(heading),
    "\\hline\n",
    ...rows.map(line),
    "\\hline\n\\end{tabular}\n",
  ].join("");
}

const special: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "±": "$\\pm$",
  "<": "$<$",
  ">": "$>$",
};

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/**
 * Text of ours and of errors as LaTeX prints it. A bracket behind a line's end would be taken for its argument, and a
 * hyphen before a number is no minus.
 */
const latex = (text: string): string =>
  text
    .replaceAll("->", "→")
    .replace(/[\\~^±<>&%$#_{}]/g, (c) => special[c] ?? `\\${c}`)
    .replace(/(?<=^|[\s[])-(?=[\d.])/g, "$$-$$")
    .replaceAll("→", "$\\rightarrow$")
    .replace(/^\[/, "{[}");

/** A line a number: rows of ours with their error and difference, then figures that others have printed. */
export function toCsv(table: BenchmarkTable): string {
  const { suite, metric, rows, printed } = table;
  const heading = [
    ...["suite", "task", "kind", "model", "method", "setting", "selection", "selectable", "metric", "mean", "sd", "se"],
    ...["n", "difference", "low", "high", "source"],
  ];
  const measured = rows.flatMap(({ model, method, setting, selection, selectable, cells }) =>
    Object.entries(cells).map(([task, { target, difference }]) => [
      ...[suite, task, "measured", model, method ?? "", setting, selection, String(selectable), metric],
      ...[target.mean, target.sd ?? "", target.se ?? "", target.n],
      ...[difference?.mean ?? "", difference?.low ?? "", difference?.high ?? "", ""],
    ]),
  );
  const others = printed.flatMap(({ label, source, values }) =>
    Object.entries(values).map(([task, value]) => [
      ...[suite, task, "printed", label, "", "", "", "", metric, value, "", "", "", "", "", "", source],
    ]),
  );
  return [heading, ...measured, ...others].map((cells) => csvLine(cells)).join("");
}
