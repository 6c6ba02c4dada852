/**
 * A table as texts in rows and columns, before any markup: what Markdown, LaTeX and a terminal share. As papers have it,
 * a row a model and a column a task; the other way round where there are many tasks and fewer models.
 */
import type { Difference, Spread } from "../statistics.ts";
import type { Quantity } from "../suite.ts";
import { type BenchmarkTable, groupsOf, type TableRow } from "../table.ts";
import { duration, interval, spread } from "./texts.ts";

export interface Grid {
  /** The first one heads the labels. */
  readonly heading: readonly string[];
  /** A label and its cells. */
  readonly rows: readonly (readonly string[])[];
  /** Sources of printed figures, a line each, numbered as in the labels. */
  readonly sources: readonly string[];
}

/** This many columns of `0.776 ± 0.012` fit side by side. */
const fittingColumns = 5;

/** A task, or the mean of a group. */
type Place = { readonly task: string } | { readonly group: string };

interface Line {
  readonly label: string;
  /** Under the line that it belongs to. */
  readonly short?: string;
  readonly cell: (place: Place) => string;
}

/** @param heads what the columns are; default: tasks, if they are few enough or fewer than the lines. */
export function gridOf(table: BenchmarkTable, heads: "tasks" | "fitting" = "fitting"): Grid {
  const sources = [...new Set(table.printed.map(({ source }) => source))];
  const lines = [...table.rows.flatMap((row) => linesOf(row, table)), ...printedLines(table, sources)];
  const columns = columnsOf(table);
  const numbered = sources.map((source, i) => `[${i + 1}] ${source}`);
  if (heads === "tasks" || columns.length <= Math.max(fittingColumns, lines.length)) {
    return {
      heading: ["", ...columns.map(({ title }) => title)],
      rows: lines.map(({ label, short, cell }) => [short ?? label, ...columns.map(({ place }) => cell(place))]),
      sources: numbered,
    };
  }
  return {
    heading: ["task", ...lines.map(({ label }) => label)],
    rows: columns.map(({ place, title }) => [title, ...lines.map(({ cell }) => cell(place))]),
    sources: numbered,
  };
}

/** The tasks of each group, and behind them their mean where any row has one. */
function columnsOf({ tasks, rows }: BenchmarkTable): { readonly place: Place; readonly title: string }[] {
  return groupsOf(tasks).flatMap(([group, names]) => {
    const own = tasks.filter(({ name }) => names.includes(name));
    const columns = own.map(({ name, title }) => ({ place: { task: name }, title }));
    if (!rows.some(({ means }) => means[group] !== undefined)) return columns;
    const measured = own.filter(({ state }) => state !== "missing-data").length;
    return [...columns, { place: { group }, title: `${group} mean of ${measured}`.trimStart() }];
  });
}

/** A model is a line; where it is compared with source-only, the difference is one more. */
function linesOf(row: TableRow, table: BenchmarkTable): Line[] {
  const noData = new Set(table.tasks.filter(({ state }) => state === "missing-data").map(({ name }) => name));
  const label = labelOf(row);
  const value: Line = {
    label,
    cell(place) {
      if ("group" in place) return spreadOrNone(row.means[place.group]?.target, table.seeds.length);
      return noData.has(place.task) ? "no data" : spreadOrNone(row.cells[place.task]?.target, table.seeds.length);
    },
  };
  const differences = (place: Place): Difference | null | undefined =>
    "group" in place ? row.means[place.group]?.difference : row.cells[place.task]?.difference;
  if (!row.selectable || !Object.values(row.cells).some(({ difference }) => difference !== null)) return [value];
  return [
    value,
    {
      label: `${label}: difference to source-only`,
      short: "  difference to source-only",
      cell: (place) => interval(differences(place)),
    },
  ];
}

const how = {
  last: ", last epoch",
  validator: ", selected without target labels",
  oracle: ", best epoch by target labels (not selectable)",
  "target-trained": " (not selectable)",
  none: "",
} as const;

export function labelOf({ model, method, setting, selection, selectable }: TableRow): string {
  // Source-only and AdaBN beside a method have one epoch, the last: it is the method's that has to be told from the
  // selected one.
  const said = method === null && (model === "source-only" || model === "adabn") && selectable ? "" : how[selection];
  return `${model}${said}${setting === "" ? "" : ` (${setting})`}`;
}

function printedLines({ printed }: BenchmarkTable, sources: readonly string[]): Line[] {
  return printed.map(({ label, source, values, means }) => ({
    label: `printed: ${label} [${sources.indexOf(source) + 1}]`,
    cell: (place) => figure("group" in place ? means[place.group] : values[place.task]),
  }));
}

/** `0.776 ± 0.012`, and n where it is not the number of seeds. */
function spreadOrNone(value: Spread | undefined, seeds: number): string {
  if (value === undefined) return "-";
  return `${spread(value)}${value.n === seeds ? "" : ` (n=${value.n})`}`;
}

/** With as many digits as were printed, but at least three. */
const figure = (value: number | undefined): string =>
  value === undefined ? "" : value.toFixed(Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-9 ? 3 : 4);

const quantities: Readonly<Record<Quantity, string>> = {
  accuracy: "Accuracy on target rows",
  balancedAccuracy: "Balanced accuracy on target rows",
  macroF1: "Macro F1 on target rows",
  proxyDistance: "Proxy A-distance between source and target rows, 0 (alike) to 2",
};

/** A reason may have a stack trace under it: the document has it whole. */
const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

/** What stands under every table. */
export function remarks(table: BenchmarkTable): string[] {
  const { metric, seeds, tasks, rows, failures, diverged, notes, made, version } = table;
  const paired = rows.some(({ cells }) => Object.values(cells).some(({ difference }) => difference !== null));
  const times = rows.flatMap(({ model, selection, setting, trainingSeconds: time }) =>
    time === null || selection !== "last" ? [] : [`${model}${setting === "" ? "" : ` (${setting})`} ${duration(time)}`],
  );
  const missing = [...new Set(tasks.flatMap((task) => task.missing))];
  const all = tasks.reduce((sum, task) => sum + task.seconds, 0);
  const jobs = tasks.reduce((sum, task) => sum + task.jobs, 0);
  return [
    `${quantities[metric]}: mean ± standard error, n = ${seeds.length} ${seeds.length === 1 ? "seed" : `seeds (${seeds.join(", ")})`}${paired ? "; differences are paired by seed, with 95 % intervals (Student's t)" : ""}.`,
    ...(rows.every(({ selectable }) => selectable)
      ? []
      : ["Rows marked not selectable use labels of the target: bounds, not results."]),
    ...notes,
    ...(missing.length === 0
      ? []
      : [`No data for ${missing.join(", ")}: ${missing.map((set) => `dann data fetch ${set}`).join("; ")}.`]),
    ...(diverged.length === 0
      ? []
      : [
          `${diverged.length} of ${jobs} runs diverged, and have no rows: ${diverged.map(({ model, task, seed }) => `${model}, ${task}, seed ${seed}`).join("; ")}.`,
        ]),
    ...failures.map(({ task, model, seed, reason }) => `Failed: ${model}, ${task}, seed ${seed}: ${firstLine(reason)}`),
    ...(times.length === 0 ? [] : [`One training of the method alone, mean over its runs: ${times.join(", ")}.`]),
    `${jobs} jobs, ${duration(all)} of computing in all${jobs === 0 ? "" : `, ${duration(all / jobs)} each`}${made === null ? "" : `; ${made.date}, ${made.machine}, ${made.engine}`}; dann ${version}.`,
  ];
}
