/** `dann data inspect`: what is in files and folders, and whether they fit together. */
import { readInputsOf } from "../../adapt/inputs.ts";
import { checkData, type Finding } from "../../data/checks.ts";
import type { ImageReading, ReadOptions } from "../../data/config.ts";
import type { Dataset } from "../../data/dataset.ts";
import { isFolder } from "../../data/files.ts";
import { type FolderSurvey, surveyFolder } from "../../data/images/survey.ts";
import { type ColumnSummary, type DatasetSummary, inspect } from "../../data/inspect.ts";
import { count, list } from "../../data/names.ts";
import { folderRequest, likeFirst } from "../../data/read.ts";
import { usageError } from "../../errors.ts";
import { type TaskKind, taskKinds } from "../../task.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { InspectDocument } from "../documents.ts";
import { addFlags, imageFlags, readFlags } from "../flags.ts";
import { foldersWith, readingWith } from "../model.ts";
import { createOutput } from "../output.ts";
import type { Paint } from "../render/style.ts";
import { renderTable } from "../render/table.ts";

type Made = ReturnType<typeof makeCommand>;

export function inspectCommand(): Made {
  const made = makeCommand(
    "inspect",
    "what is in files: rows, columns, classes; with two files also whether they fit together",
  )
    .argument("<files...>", "one or more files or image folders; the first is taken for the source")
    .option("--labels <column|file>", "labels of the first file");
  addFlags(made, [...readFlags, ...imageFlags]);
  made
    .option("--task <kind>", `what the labels are: ${taskKinds.join(", ")} (default classification)`)
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (files: unknown, given: unknown) => runInspect(files as string[], given as InspectOptions));
  return made as unknown as Made;
}

type InspectOptions = {
  readonly labels?: string;
  readonly task?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
} & Record<string, unknown>;

async function runInspect(files: readonly string[], given: InspectOptions): Promise<void> {
  const output = createOutput(given);
  const read = readingWith({}, given);
  const [path, ...others] = files;
  if (path === undefined) throw usageError("missing-argument", "data inspect: expected a file, got none");
  const images = foldersWith(given);
  const task = taskOf(given.task);
  const first = await lookInto(path, given.labels, read, images);
  // As for training: the target's groups do not matter, but a window never leaves its recording.
  const { group, ...rest } = likeFirst(first.dataset, read);
  const like = read.window === undefined ? rest : { ...rest, group };
  const seconds: LookedInto[] = [];
  for (const other of others) seconds.push(await lookInto(other, undefined, like, likeSize(first, images)));
  // Without labels asked for, their absence is no finding.
  const findings = (seconds.length === 0 ? [undefined] : seconds)
    .flatMap((target) => checkData({ source: first.dataset, target: target?.dataset, read, preprocess: images, task }))
    .filter(({ code }) => given.labels !== undefined || code !== "no-labels");
  const all = [...[first, ...seconds].flatMap((one) => one.findings), ...findings];
  const unique = [...new Map(all.map((finding) => [finding.message, finding])).values()];
  const datasets = [first, ...seconds].map(({ dataset, survey }) => ({
    ...inspect(dataset, task),
    ...(survey && { folder: survey }),
  }));
  const document: InspectDocument = { schema: 1, datasets, findings: unique };
  output.document(document);
  for (const summary of document.datasets) output.result(renderSummary(summary, output.paint));
  for (const { level, message, remedy } of unique) {
    output.result(
      `${output.paint(level === "error" ? "red" : "yellow", level)}: ${message}${remedy === undefined ? "" : `. ${remedy}`}\n`,
    );
  }
}

function taskOf(name = "classification"): TaskKind {
  const kind = taskKinds.find((one) => one === name);
  if (kind !== undefined) return kind;
  throw usageError("task", `--task: expected ${taskKinds.join(", ")}, got ${name}`);
}

interface LookedInto {
  readonly dataset: Dataset;
  readonly survey?: FolderSurvey | undefined;
  readonly findings: readonly Finding[];
}

/** A folder is looked through whatever is wrong with it; a file is read as for training. */
async function lookInto(
  path: string,
  labels: string | undefined,
  read: ReadOptions,
  images: ImageReading,
): Promise<LookedInto> {
  if (!(await isFolder(path)) || read.window !== undefined)
    return { dataset: await readInputsOf(path, labels, read, images), findings: [] };
  return surveyFolder(path, folderRequest(path, { ...read, labels }, images));
}

/** Where the first folder was too large for its own size, the others are looked at in the same smaller one. */
const likeSize = ({ survey }: LookedInto, images: ImageReading): ImageReading =>
  survey === undefined || images.imageSize !== undefined || survey.lookedAt === survey.sizes.commonest.size
    ? images
    : { ...images, imageSize: survey.lookedAt };

function renderSummary(summary: DatasetSummary, paint: Paint): string {
  const { origin, kind, rows, shape, columns, values, density, classes, unlabelled, groups, folder, labels } = summary;
  const facts = [
    `${rows} rows of ${kind === "table" ? `${shape[0]} columns` : `${kind} [${shape.join(", ")}]`}`,
    ...(folder === undefined ? [] : surveyFacts(folder)),
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
    ...(labels === undefined
      ? []
      : [
          `labels ${brief(labels.min)} to ${brief(labels.max)}, mean ${brief(labels.mean)}, deviation ${brief(labels.deviation)}${labels.notFinite > 0 ? `, ${labels.notFinite} not a number` : ""}`,
        ]),
    ...(unlabelled === undefined || unlabelled === 0 ? [] : [`${unlabelled} rows without a label`]),
    ...(groups === undefined ? [] : [count(groups, "group")]),
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

function surveyFacts({ sizes, channels, formats, turned, bad }: FolderSurvey): string[] {
  const { different, smallest, largest, commonest } = sizes;
  const kinds = (
    [
      ["JPEG", formats.jpeg],
      ["PNG", formats.png],
      ["WebP", formats.webp],
    ] as const
  ).flatMap(([name, images]) => (images === 0 ? [] : [`${images} ${name}`]));
  return [
    [
      ...kinds,
      ...(channels.grey > 0 ? [`${channels.grey} grey`] : []),
      ...(turned > 0 ? [`${turned} turned upright by EXIF`] : []),
    ].join(", "),
    different === 1
      ? `all of ${commonest.size}`
      : `${different} sizes from ${smallest} to ${largest}, the commonest ${commonest.size} (${commonest.images})`,
    ...(bad.length === 0 ? [] : [`${bad.length} that cannot be read: ${list(bad.map(({ id }) => id))}`]),
  ];
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
