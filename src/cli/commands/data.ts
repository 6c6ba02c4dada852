/** `dann data`: look at data sets, and build the ones that are made of others. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readInputsOf } from "../../adapt/inputs.ts";
import { buildMnistM } from "../../data/build/mnist-m.ts";
import { checkData } from "../../data/checks.ts";
import type { Dataset } from "../../data/dataset.ts";
import { type ColumnSummary, type DatasetSummary, inspect } from "../../data/inspect.ts";
import { likeFirst, readDataset } from "../../data/read.ts";
import { dataError, usageError } from "../../errors.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import type { BuildDocument, InspectDocument } from "../documents.ts";
import { helpOf, imageFlags, readFlags } from "../flags.ts";
import { foldersWith, readingWith } from "../model.ts";
import { createOutput } from "../output.ts";
import { formatBytes } from "../render/progress.ts";
import type { Paint } from "../render/style.ts";
import { renderTable } from "../render/table.ts";

type Made = ReturnType<typeof makeCommand>;

export function command(): Made {
  const data = makeCommand("data", "inspect and build data sets");
  data.addCommand(inspectCommand());
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

function buildCommand(): Made {
  const build = makeCommand("build", "build a data set from others");
  const mnistM = makeCommand("mnist-m", "MNIST-M: digits blended into photographs, as in the paper")
    .requiredOption("--mnist <folder>", "folder of MNIST: {train,t10k}-images-idx3-ubyte[.gz] and their labels")
    .requiredOption("--patches <folder>", "folder of {train,val}-patches-idx4-ubyte[.gz], cut from photographs")
    .requiredOption("--out <folder>", "where to write")
    .option("--seed <n>", "decides which patch each digit gets", "0")
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .action(async (given: unknown) => runBuild(given as BuildOptions));
  build.addCommand(mnistM as unknown as Made);
  return build;
}

interface BuildOptions {
  readonly mnist: string;
  readonly patches: string;
  readonly out: string;
  readonly seed: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

async function runBuild(given: BuildOptions): Promise<void> {
  const output = createOutput(given);
  const seed = Number(given.seed);
  if (!Number.isInteger(seed) || seed < 0)
    throw usageError("flag-value", `--seed: expected a whole number of at least 0, got "${given.seed}"`);
  const part = async (
    name: "train" | "test",
    digits: string,
    patches: string,
  ): Promise<Parameters<typeof buildMnistM>[0][number]> => ({
    name,
    images: await found(given.mnist, `${digits}-images-idx3-ubyte`),
    labels: await found(given.mnist, `${digits}-labels-idx1-ubyte`),
    patches: await found(given.patches, `${patches}-patches-idx4-ubyte`),
  });
  // No photograph is in both parts (design of the paper's own set).
  const paths = await buildMnistM(
    [await part("train", "train", "train"), await part("test", "t10k", "val")],
    given.out,
    { seed },
  );
  const files = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  const document: BuildDocument = { schema: 1, built: "mnist-m", seed, files };
  output.document(document);
  for (const { path, bytes } of files) output.result(`${path} (${formatBytes(bytes)})\n`);
}

/** The file as it is or gzipped. */
async function found(folder: string, name: string): Promise<string> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw dataError(
    "file-not-found",
    `${folder}: expected ${name} or ${name}.gz, got neither`,
    "Check --mnist and --patches.",
  );
}
