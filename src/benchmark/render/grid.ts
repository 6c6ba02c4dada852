/**
 * A table as texts in rows and columns, before any markup: what Markdown, LaTeX and a terminal share. As papers have it,
 * a row a model and a column a task; with many tasks the other way round.
 */
import type { BenchmarkTable, TableRow } from "../table.ts";

export interface Grid {
  /** The first one heads the labels. */
  readonly heading: readonly string[];
  /** A label and its cells. */
  readonly rows: readonly (readonly string[])[];
  /** Sources of printed figures, a line each, numbered as in the labels. */
  readonly sources: readonly string[];
}

/** More tasks than this are rows: columns of `0.776 ± 0.012` do not fit side by side. */
const mostColumns = 5;

interface Line {
  readonly label: string;
  /** By task, and `mean`. */
  readonly cell: (task: string | undefined) => string;
}

export function gridOf(table: BenchmarkTable): Grid {
  const sources = [...new Set(table.printed.map(({ source }) => source))];
  const lines = [...table.rows.flatMap((row) => linesOf(row, table)), ...printedLines(table, sources)];
  const means = table.rows.some(({ mean }) => mean !== null);
  const measured = table.tasks.filter(({ state }) => state !== "missing-data").length;
  const columns = [
    ...table.tasks.map(({ name, title }) => ({ task: name, title })),
    ...(means ? [{ task: undefined, title: `mean of ${measured}` }] : []),
  ];
  const numbered = sources.map((source, i) => `[${i + 1}] ${source}`);
  if (columns.length <= mostColumns) {
    return {
      heading: ["", ...columns.map(({ title }) => title)],
      rows: lines.map(({ label, cell }) => [label, ...columns.map(({ task }) => cell(task))]),
      sources: numbered,
    };
  }
  return {
    heading: ["task", ...lines.map(({ label }) => label)],
    rows: columns.map(({ task, title }) => [title, ...lines.map(({ cell }) => cell(task))]),
    sources: numbered,
  };
}

/** A model is a line; where it is compared with source-only, the difference is one more. */
function linesOf(row: TableRow, table: BenchmarkTable): Line[] {
  const noData = new Set(table.tasks.filter(({ state }) => state === "missing-data").map(({ name }) => name));
  const label = labelOf(row);
  const value: Line = {
    label,
    cell(task) {
      if (task === undefined) return row.mean === null ? "" : spread(row.mean.target, table.seeds.length);
      if (noData.has(task)) return "no data";
      const cell = row.cells[task];
      return cell === undefined ? "-" : spread(cell.target, table.seeds.length);
    },
  };
  const compared = row.selectable && (row.mean?.difference != null || Object.values(row.cells).some(hasDifference));
  if (!compared) return [value];
  return [
    value,
    {
      label: `${label}: difference to source-only`,
      cell: (task) => interval(task === undefined ? row.mean?.difference : row.cells[task]?.difference),
    },
  ];
}

const hasDifference = ({ difference }: TableRow["cells"][string]): boolean => difference !== null;

const how = {
  last: ", last epoch",
  validator: ", selected without target labels",
  oracle: ", best epoch by target labels (not selectable)",
  "target-trained": " (not selectable)",
  none: "",
} as const;

export function labelOf({ model, setting, selection, selectable }: TableRow): string {
  // Source-only and AdaBN have one epoch, the last: it is the method's that has to be told from the selected one.
  const said = (model === "source-only" || model === "adabn") && selectable ? "" : how[selection];
  return `${model}${said}${setting === "" ? "" : ` (${setting})`}`;
}

function printedLines({ printed }: BenchmarkTable, sources: readonly string[]): Line[] {
  return printed.map(({ label, source, values, mean }) => ({
    label: `printed: ${label} [${sources.indexOf(source) + 1}]`,
    cell: (task) => figure(task === undefined ? mean : values[task]),
  }));
}

/** `0.776 ± 0.012`, and n where it is not the number of seeds. */
function spread({ mean, se, n }: { mean: number; se: number | null; n: number }, seeds: number): string {
  const error = se === null ? "" : ` ± ${se.toFixed(3)}`;
  return `${mean.toFixed(3)}${error}${n === seeds ? "" : ` (n=${n})`}`;
}

/** `+0.101 [0.092, 0.110]` */
function interval(value: { mean: number; low: number | null; high: number | null } | null | undefined): string {
  if (value == null) return "";
  const sign = value.mean >= 0 ? "+" : "";
  const ends = value.low === null || value.high === null ? "" : ` [${value.low.toFixed(3)}, ${value.high.toFixed(3)}]`;
  return `${sign}${value.mean.toFixed(3)}${ends}`;
}

/** With as many digits as were printed, but at least three. */
const figure = (value: number | null | undefined): string =>
  value == null ? "" : value.toFixed(Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-9 ? 3 : 4);

/** What stands under every table. */
export function remarks(table: BenchmarkTable): string[] {
  const { metric, seeds, tasks, failures, diverged, notes, made, version } = table;
  const names = { accuracy: "Accuracy", balancedAccuracy: "Balanced accuracy", macroF1: "Macro F1" } as const;
  const missing = [...new Set(tasks.flatMap((task) => task.missing))];
  const all = tasks.reduce((sum, task) => sum + task.seconds, 0);
  const jobs = tasks.reduce((sum, task) => sum + task.jobs, 0);
  return [
    `${names[metric]} on target rows: mean ± standard error, n = ${seeds.length} ${seeds.length === 1 ? "seed" : `seeds (${seeds.join(", ")})`}; differences are paired by seed, with 95 % intervals (Student's t).`,
    "Rows marked not selectable use labels of the target: bounds, not results.",
    ...notes,
    ...(missing.length === 0
      ? []
      : [`No data for ${missing.join(", ")}: ${missing.map((set) => `dann data fetch ${set}`).join("; ")}.`]),
    ...(diverged === 0 ? [] : [`${diverged} of ${jobs} runs diverged; their rows are missing.`]),
    ...failures.map(({ task, seed, reason }) => `Failed: ${task}, seed ${seed}: ${reason}`),
    `${jobs} jobs, ${duration(all)} of computing in all${jobs === 0 ? "" : `, ${duration(all / jobs)} each`}${made === null ? "" : `; ${made.date}, ${made.machine}, ${made.engine}`}; dann ${version}.`,
  ];
}

export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
