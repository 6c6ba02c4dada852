/** What is in a data set, in numbers: for `dann data inspect` and for the first page of a report. */
import { internalError } from "../errors.ts";
import type { TaskKind } from "../task.ts";
import type { Column, Dataset, Rows } from "./dataset.ts";
import type { FolderSurvey } from "./images/survey.ts";
import { classCounts, classesOf } from "./labels.ts";
import { labelNumber } from "./number-labels.ts";

export interface NumberSummary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
}

export type ColumnSummary =
  | ({ readonly name: string; readonly kind: "number"; readonly missing: number } & {
      readonly [K in keyof NumberSummary]?: NumberSummary[K] | undefined;
    })
  | {
      readonly name: string;
      readonly kind: "category";
      readonly missing: number;
      readonly categories: number;
      /** The most frequent ones, at most ten. */
      readonly top: readonly { readonly word: string; readonly rows: number }[];
    }
  | { readonly name: string; readonly kind: "text"; readonly missing: number; readonly example?: string | undefined };

export interface DatasetSummary {
  readonly origin: string;
  readonly kind: Rows["kind"];
  readonly rows: number;
  /** Shape of one row: columns, features, [height, width, channels] or [channels, length]. */
  readonly shape: readonly number[];
  /** For tables. */
  readonly columns?: readonly ColumnSummary[] | undefined;
  /** Over all values, for the other kinds; missing when there is no finite one. */
  readonly values?: (NumberSummary & { readonly notFinite: number }) | undefined;
  /** Share of entries that are stored, for sparse rows. */
  readonly density?: number | undefined;
  readonly classes?: readonly { readonly name: string; readonly rows: number }[] | undefined;
  /** Labels that are numbers, in the place of `classes`: of those that are finite, and how many are not. */
  readonly labels?: (NumberSummary & { readonly notFinite: number }) | undefined;
  readonly unlabelled?: number | undefined;
  readonly groups?: number | undefined;
  /** For folders of images. */
  readonly folder?: FolderSurvey | undefined;
}

/** @param task what labels are: numbers of a regression are summed up, anything else is counted by class. */
export function inspect(dataset: Dataset, task: TaskKind = "classification"): DatasetSummary {
  const { rows, labels, groups, origin } = dataset;
  return {
    origin,
    kind: rows.kind,
    rows: rows.rows,
    ...summaryOf(rows),
    ...(labels === undefined ? {} : task === "regression" ? numbersOf(labels) : countsOf(labels)),
    ...(labels === undefined ? {} : { unlabelled: labels.filter((label) => label === undefined).length }),
    ...(groups === undefined ? {} : { groups: new Set(groups).size }),
  };
}

type LabelColumn = NonNullable<Dataset["labels"]>;

function countsOf(labels: LabelColumn): Pick<DatasetSummary, "classes"> {
  const classes = classesOf(labels);
  const counts = classCounts(labels, classes);
  return { classes: classes.map((name, i) => ({ name, rows: counts[i] ?? 0 })) };
}

function numbersOf(labels: LabelColumn): Pick<DatasetSummary, "labels"> {
  const present = labels.flatMap((label) => (label === undefined ? [] : [labelNumber(label) ?? Number.NaN]));
  const { summary, skipped } = summarise(present);
  return summary === undefined ? {} : { labels: { ...summary, notFinite: skipped } };
}

function summaryOf(rows: Rows): Pick<DatasetSummary, "shape" | "columns" | "values" | "density"> {
  switch (rows.kind) {
    case "table":
      return { shape: [rows.columns.length], columns: rows.columns.map(summariseColumn) };
    case "dense":
      return { shape: [rows.width], ...valuesOf(rows.values) };
    case "sparse":
      return {
        shape: [rows.width],
        density: rows.values.length / Math.max(1, rows.rows * rows.width),
        ...valuesOf(rows.values),
      };
    case "image":
      return { shape: [rows.height, rows.width, rows.channels], ...valuesOf(rows.pixels) };
    case "signal":
      return { shape: [rows.channels, rows.length], ...valuesOf(rows.values) };
    default:
      throw internalError(`no rows of kind ${rows satisfies never}`);
  }
}

function valuesOf(values: Float32Array | Uint8Array): Pick<DatasetSummary, "values"> {
  const { summary, skipped } = summarise(values);
  return summary === undefined ? {} : { values: { ...summary, notFinite: skipped } };
}

function summarise(values: ArrayLike<number>): { summary: NumberSummary | undefined; skipped: number } {
  let [min, max, sum, present] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    present++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const skipped = values.length - present;
  if (present === 0) return { summary: undefined, skipped };
  const mean = sum / present;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isFinite(value)) squares += (value - mean) ** 2;
  }
  return { summary: { min, max, mean, deviation: Math.sqrt(squares / present) }, skipped };
}

function summariseColumn(column: Column): ColumnSummary {
  const { name } = column;
  switch (column.kind) {
    case "number": {
      const missing = column.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
      return { name, kind: "number", missing, ...summarise(column.values).summary };
    }
    case "category": {
      const counts = new Array<number>(column.vocabulary.length).fill(0);
      let missing = 0;
      for (const code of column.codes) {
        if (code < 0) missing++;
        else counts[code] = (counts[code] ?? 0) + 1;
      }
      const top = column.vocabulary
        .map((word, code) => ({ word, rows: counts[code] ?? 0 }))
        .sort((a, b) => b.rows - a.rows);
      return { name, kind: "category", missing, categories: column.vocabulary.length, top: top.slice(0, 10) };
    }
    case "text": {
      const example = column.values.find((text) => text !== undefined);
      const missing = column.values.filter((text) => text === undefined).length;
      return { name, kind: "text", missing, ...(example === undefined ? {} : { example }) };
    }
    default:
      throw internalError(`no column of kind ${column satisfies never}`);
  }
}
