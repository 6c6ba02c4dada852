/** `dann compare`: runs side by side, and paired tests over the seeds that they share. */
import { extname } from "node:path";
import { compareRuns } from "../../benchmark/compare/compare.ts";
import { type CompareDocument, compareDocument, comparedModels } from "../../benchmark/compare/document.ts";
import { readRuns } from "../../benchmark/compare/read.ts";
import { compareMarkdown } from "../../benchmark/compare/render.ts";
import { comparePage } from "../../benchmark/compare/report.ts";
import { writeAtomic } from "../../data/atomic.ts";
import { closest } from "../../data/names.ts";
import { usageError } from "../../errors.ts";
import { commandOf } from "../../report/shell.ts";
import { debugFlag, jsonFlag, makeCommand, quietFlag } from "../command.ts";
import { createOutput } from "../output.ts";
import { renderCompare } from "../render/compare.ts";
import { requirePage } from "../words.ts";

interface Options {
  readonly model: string;
  readonly metric: string;
  readonly out?: string;
  readonly report?: string | true;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function command(): ReturnType<typeof makeCommand> {
  return makeCommand("compare", "runs side by side: scores, configuration, paired differences over seeds")
    .argument("<run...>", "folders of runs or of seeds; the first one's group is what the others are compared to")
    .option("--model <name>", `which model of each run: ${comparedModels.join(", ")}`, "chosen")
    .option("--metric <name>", `${metrics.join(", ")}`, "accuracy")
    .option("--out <file>", "write the tables: .md or .json")
    .option("--report [file.html]", `also write a page with curves and every run's report; default: ${defaultPage}`)
    .option(...jsonFlag)
    .option(...quietFlag)
    .option(...debugFlag)
    .addHelpText(
      "after",
      `
Examples:
  dann compare runs/half runs/sum
  dann compare runs/sweep/jobs/* --model selected --out settings.md
  dann compare runs/half runs/sum --report half-sum.html

Runs that differ in nothing but the seed are one group: mean and standard error. Groups are compared over the seeds that
they share. Runs of other data are not compared.`,
    )
    .action(async (runs: unknown, given: unknown) => run(runs as readonly string[], given as Options)) as never;
}

const defaultPage = "compare.html";

const metrics = compareDocument.shape.metric.options;
const renderings: Readonly<Record<string, (document: CompareDocument) => string>> = {
  ".md": compareMarkdown,
  ".json": (document) => `${JSON.stringify(document, undefined, 2)}\n`,
};

async function run(paths: readonly string[], given: Options): Promise<void> {
  const output = createOutput(given);
  const choice = {
    model: oneOf(comparedModels, given.model, "--model"),
    metric: oneOf(metrics, given.metric, "--metric"),
  };
  const render = given.out === undefined ? undefined : renderings[extname(given.out).toLowerCase()];
  if (given.out !== undefined && render === undefined)
    throw usageError("table-format", `--out: expected a name that ends in .md or .json, got ${given.out}`);
  const report = given.report === true ? defaultPage : given.report;
  if (report !== undefined) requirePage("--report", report);
  const document = compareRuns(await readRuns(paths), choice);
  if (given.out !== undefined && render !== undefined) await writeAtomic(given.out, render(document));
  if (report !== undefined) {
    const words = ["compare", ...paths, "--model", given.model, "--metric", given.metric, "--report", report];
    await writeAtomic(report, await comparePage(document, commandOf("dann", words)));
  }
  output.document(document);
  output.result(renderCompare(document, output.paint));
}

function oneOf<T extends string>(names: readonly T[], text: string, flag: string): T {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  const guess = closest(text, names);
  throw usageError(
    "flag-value",
    `${flag}: expected one of ${names.join(", ")}, got ${text}`,
    guess === undefined ? undefined : `Did you mean ${guess}?`,
  );
}
