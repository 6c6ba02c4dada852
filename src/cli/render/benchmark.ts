/** Benchmarks for people: the table, the list of suites, the plan of a dry run. */
import { choicesOf, choicesTitle } from "../../benchmark/render/choices.ts";
import { gridOf, remarks } from "../../benchmark/render/grid.ts";
import { duration } from "../../benchmark/render/texts.ts";
import type { BenchmarkTable } from "../../benchmark/table.ts";
import type { BenchmarkPlan, BenchmarkSuites } from "../benchmark-documents.ts";
import type { Paint } from "./style.ts";
import { renderTable, type TableColumn } from "./table.ts";

const right = (title: string): TableColumn => ({ title, align: "right" });

/** Tasks side by side: more do not fit on a terminal. */
const abreast = 4;

export function renderBenchmark(table: BenchmarkTable, paint: Paint): string {
  const { heading, rows, sources } = gridOf(table, "tasks");
  const choices = choicesOf(table);
  const blocks = Math.max(1, Math.ceil((heading.length - 1) / abreast));
  return [
    `${paint("bold", `${table.suite}: ${table.title}`)}\n\n`,
    ...Array.from({ length: blocks }, (_, block) => {
      const [from, to] = [1 + block * abreast, 1 + (block + 1) * abreast];
      const of = (cells: readonly string[]): string[] => [cells[0] ?? "", ...cells.slice(from, to)];
      const [first = "", ...others] = of(heading);
      // A model that no task of this block has is left out of it.
      const own = rows.map(of).filter((cells) => cells.slice(1).some((cell) => cell !== "" && cell !== "-"));
      return `${renderTable([{ title: first }, ...others.map(right)], own, { paint })}\n`;
    }),
    ...(choices === undefined
      ? []
      : [
          `${choicesTitle}\n`,
          renderTable(
            choices.heading.map((title) => ({ title })),
            choices.rows.map((row) => [...row]),
            { paint },
          ),
          "\n",
        ]),
    ...remarks(table).map((text) => `${text.startsWith("Failed") ? paint("red", text) : paint("dim", text)}\n`),
    ...sources.map((text) => `${paint("dim", text)}\n`),
    `repeat: ${table.command}\n`,
  ].join("");
}

export function renderSuites({ suites, workers }: BenchmarkSuites, paint: Paint): string {
  const columns = [
    { title: "suite" },
    right("tasks"),
    right("seeds"),
    right("jobs"),
    right("time, about"),
    { title: "what" },
  ];
  const rows = suites.map(({ name, title, tasks, seeds, jobs, seconds }) => [
    name,
    String(tasks.length),
    String(seeds.length),
    String(jobs),
    duration(seconds / workers),
    title,
  ]);
  const details = suites.flatMap(({ name, tasks }) => {
    const missing = [...new Set(tasks.flatMap((task) => task.missing))];
    const how = missing.map((set) => `dann data fetch ${set}`).join("; ");
    return [
      `${paint("bold", name)}: ${tasks.map((task) => task.name).join(", ")}\n`,
      ...(missing.length === 0 ? [] : [`  ${paint("yellow", `no data for ${missing.join(", ")}`)}: ${how}\n`]),
    ];
  });
  return [
    renderTable(columns, rows, { paint }),
    `${paint("dim", `time with ${workers} ${workers === 1 ? "process" : "processes"}, for the tasks whose data are here`)}\n\n`,
    ...details,
    "\ndann benchmark SUITE runs one; --dry-run says what would be done.\n",
  ].join("");
}

export function renderPlan(plan: BenchmarkPlan): string {
  const jobs = plan.tasks.flatMap((task) => task.jobs);
  const left = jobs.filter(({ state }) => state !== "finished");
  return [
    ...plan.tasks.map(({ title, missing, jobs: own }) =>
      missing.length > 0
        ? `${title}: no data for ${missing.join(", ")} (${missing.map((set) => `dann data fetch ${set}`).join("; ")})\n`
        : `${title}: ${own.length} jobs, ${own.filter(({ state }) => state === "finished").length} finished, ${own.filter(({ state }) => state === "begun").length} begun\n`,
    ),
    `${left.length} of ${jobs.length} jobs to do, on ${plan.workers} ${plan.workers === 1 ? "process" : "processes"} with ${plan.threads} ${plan.threads === 1 ? "thread" : "threads"} each: about ${duration(plan.seconds)}\n`,
    `store: ${plan.store}\n`,
    "nothing was trained or written (--dry-run)\n",
  ].join("");
}
