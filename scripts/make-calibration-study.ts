/**
 * Writes the table of `docs/calibration.md`, between its marks: expected calibration error on the target before and after
 * the temperature, of small tasks and seeds 0, 1, 2 (a few minutes on one core):
 * npx tsx --conditions=dann-source scripts/make-calibration-study.ts DATA [PAGE.md [SEEDS]]; then biome format
 */
import { readFileSync, writeFileSync } from "node:fs";
import { adapt } from "../src/adapt/adapt.ts";
import type { AdaptResult, ModelRow } from "../src/adapt/result.ts";
import { type StudyTask, studyTasks } from "./calibration-study/tasks.ts";

const [data, page = new URL("../docs/calibration.md", import.meta.url), list = "0,1,2"] = process.argv.slice(2);
if (data === undefined) throw new Error("expected the folder of the data sets");
const seeds = list.split(",").map(Number);

type Calibration = NonNullable<ModelRow["calibration"]>;

async function results(task: StudyTask): Promise<AdaptResult[]> {
  const found: AdaptResult[] = [];
  for (const seed of seeds) {
    const run = await adapt({
      ...(await task.load(seed)),
      train: { steps: task.steps, seed, threads: 1 },
      evaluate: { targetTrained: false, adabn: false, evaluations: 10 },
      preprocess: task.imageSize === undefined ? {} : { imageSize: task.imageSize },
      thread: "same",
    });
    found.push(await run.done);
  }
  return found;
}

const spread = (values: readonly number[]): string => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return `${mean.toFixed(3)} ± ${sd.toFixed(3)}`;
};

function line(task: StudyTask, model: string, rows: readonly ModelRow[]): string {
  const found = rows.flatMap(({ calibration }): Calibration[] => (calibration === undefined ? [] : [calibration]));
  const of = (value: (one: Calibration) => number | undefined): string => {
    const values = found.flatMap((one) => value(one) ?? []);
    return values.length === 0
      ? "-"
      : `${spread(values)}${values.length < seeds.length ? ` (n = ${values.length})` : ""}`;
  };
  const bases = (["weighted", "source", "none"] as const)
    .map((basis) => [found.filter((one) => one.basis === basis).length, basis] as const)
    .flatMap(([count, basis]) => (count === 0 ? [] : [`${count} ${basis}`]));
  const cells = [
    task.name,
    model,
    spread(rows.map(({ metrics }) => metrics.target?.accuracy ?? Number.NaN)),
    of(({ temperature }) => temperature),
    bases.join(", "),
    of(({ estimatedTargetEce }) => estimatedTargetEce?.before),
    of(({ estimatedTargetEce }) => estimatedTargetEce?.after),
    of(({ target }) => target?.ece.before),
    of(({ target }) => target?.ece.after),
  ];
  return `| ${cells.join(" | ")} |`;
}

const lines = [
  "| task | model | accuracy | temperature | from | ECE estimated, before | after | ECE by labels, before | after |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];
for (const task of studyTasks(data)) {
  const found = await results(task);
  for (const selection of ["last", "validator"] as const) {
    const rows = found.flatMap(({ models }) =>
      models.filter((row) => row.selection === selection && (selection === "validator" || row.name === "source-only")),
    );
    lines.push(line(task, selection === "last" ? "source-only" : "dann, selected", rows));
    console.log(lines.at(-1));
  }
}
const [open, close] = ["<!-- table -->", "<!-- end of table -->"];
const text = readFileSync(page, "utf8");
const [before, after] = [text.indexOf(open), text.indexOf(close)];
if (before < 0 || after < before) throw new Error(`the page has no marks ${open} and ${close}`);
writeFileSync(page, `${text.slice(0, before)}${open}\n\n${lines.join("\n")}\n\n${text.slice(after)}`);
