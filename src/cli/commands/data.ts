/** `dann data`: look at data sets; the commands that get and make them are beside it. */
import { readInputsOf } from "../../adapt/inputs.ts";
import { checkData } from "../../data/checks.ts";
import type { Dataset } from "../../data/dataset.ts";
import { type ColumnSummary, type DatasetSummary, inspect } from "../../data/inspect.ts";
import { likeFirst, readDataset } from "../../data/read.ts";
import { usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { InspectDocument } from "../documents.ts";
import { helpOf, imageFlags, readFlags } from "../flags.ts";
import { foldersWith, readingWith } from "../model.ts";
import { createOutput } from "../output.ts";
import type { Paint } from "../render/style.ts";
import { renderTable } from "../render/table.ts";
import { buildCommand } from "./data-build.ts";
import { fetchCommand } from "./data-fetch.ts";

type Made = ReturnType<typeof makeCommand>;

export function command(): Made {
  const data = makeCommand("data", "fetch, inspect and build data sets");
  data.addCommand(inspectCommand());
  data.addCommand(fetchCommand());
  data.addCommand(buildCommand());
  return data;
}

function inspectCommand(): Made {
  const made = makeCommand(
    "inspect",
    "what is in files: rows, columns, classes; with two files also whether they fit together",
  )
    .argument("<files...>", "one or more files or image folders; the first is taken for the source")
    .option("--labels <column|file>", "labels of the first file");
  for (const flag of [...readFlags, ...imageFlags]) made.option(flag.flags, helpOf(flag));
  made
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (files: unknown, given: unknown) => runInspect(files as string[], given as InspectOptions));
  return made as unknown as Made;
}

type InspectOptions = { readonly labels?: string; readonly json?: boolean; readonly quiet?: boolean } & Record<
  string,
  unknown
>;

async function runInspect(files: readonly string[], given: InspectOptions): Promise<void> {
  const output = createOutput(given);
  const read = readingWith({}, given);
  const [path, ...others] = files;
  if (path === undefined) throw usageError("missing-argument", "data inspect: expected a file, got none");
  const images = foldersWith(given);
  const first = await readInputsOf(path, given.labels, read, images);
  const { group: _, ...like } = likeFirst(first, read);
  const rest: Dataset[] = [];
  for (const other of others) rest.push(await readDataset(other, like, images));
  // Without labels asked for, their absence is no finding.
  const findings = (rest.length === 0 ? [undefined] : rest)
    .flatMap((target) => checkData({ source: first, target, read, preprocess: images }))
    .filter(({ code }) => given.labels !== undefined || code !== "no-labels");
  const unique = [...new Map(findings.map((finding) => [finding.message, finding])).values()];
  const document: InspectDocument = { schema: 1, datasets: [first, ...rest].map(inspect), findings: unique };
  output.document(document);
  for (const summary of document.datasets) output.result(renderSummary(summary, output.paint));
  for (const { level, message, remedy } of unique) {
    output.result(
      `${output.paint(level === "error" ? "red" : "yellow", level)}: ${message}${remedy === undefined ? "" : `. ${remedy}`}\n`,
    );
  }
}

function renderSummary(summary: DatasetSummary, paint: Paint): string {
  const { origin, kind, rows, shape, columns, values, density, classes, unlabelled, groups } = summary;
  const facts = [
    `${rows} rows of ${kind === "table" ? `${shape[0]} columns` : `${kind} [${shape.join(", ")}]`}`,
    ...(density === undefined ? [] : [`${(100 * density).toFixed(1)} % of the entries are not zero`]),
    ...(values === undefined
      ? []
      : [
          `values ${brief(values.min)} to ${brief(values.max)}, mean ${brief(values.mean)}${values.notFinite > 0 ? `, ${values.notFinite} not finite` : ""}`,
        ]),
    ...(classes === undefined
      ? []
      : [
          `${classes.length} classes: ${classes
            .slice(0, 12)
            .map((c) => `${c.name} (${c.rows})`)
            .join(", ")}${classes.length > 12 ? ", …" : ""}`,
        ]),
    ...(unlabelled === undefined || unlabelled === 0 ? [] : [`${unlabelled} rows without a label`]),
    ...(groups === undefined ? [] : [`${groups} groups`]),
  ];
  const table =
    columns === undefined
      ? ""
      : renderTable(
          [{ title: "column" }, { title: "type" }, { title: "missing", align: "right" }, { title: "holds" }],
          columns.map((column) => [column.name, column.kind, String(column.missing), holds(column)]),
          { indent: "  ", paint },
        );
  return `${paint("bold", origin)}\n${facts.map((fact) => `  ${fact}\n`).join("")}${table}\n`;
}

function holds(column: ColumnSummary): string {
  switch (column.kind) {
    case "number":
      return column.min === undefined
        ? "nothing"
        : `${brief(column.min)} to ${brief(column.max ?? 0)}, mean ${brief(column.mean ?? 0)}`;
    case "category":
      return `${column.categories} words: ${column.top
        .slice(0, 5)
        .map(({ word, rows }) => `${word} (${rows})`)
        .join(", ")}`;
    case "text":
      return `such as "${(column.example ?? "").slice(0, 40)}"`;
    default:
      return column satisfies never;
  }
}

const brief = (value: number): string => String(Number(value.toPrecision(4)));
