/**
 * Turns fields in file order into a data set: which field is the label, the id, the group, which are dropped, and a
 * column builder for each of the rest. The readers of CSV, JSONL and Parquet share it.
 */
import { dataError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { Column, Dataset, TableRows } from "../dataset.ts";
import { missingColumn } from "../names.ts";
import { type CellRules, cellRules, isMissing, ownText, parseNumber } from "./cells.ts";
import { type BuilderType, type ColumnBuilder, columnBuilder, dictionary, type Sink } from "./column-builder.ts";

/** What is decided about a table besides the options: only some columns, or types found earlier. */
export interface TablePlan {
  /** Decode these columns only, as these types; others are skipped. */
  readonly columns?: Readonly<Record<string, Exclude<BuilderType, undefined>>>;
  /** Whether label, id and group are collected. Default true. */
  readonly roles?: boolean;
  /** How many rows there will be, roughly: memory is taken for as many. */
  readonly expectedRows?: number | undefined;
}

export interface TableBuilder {
  readonly rows: number;
  /** A place for each field, in file order; `undefined` is skipped. */
  readonly sinks: readonly (Sink | undefined)[];
  /** The name of a field, for messages. */
  name(field: number): string;
  /** A field that was first met at a later row (JSONL): the rows before it lack it. */
  addField(name: string): void;
  /** Counts a row whose cells were pushed. */
  endRow(): void;
  /** Columns that must be read again as words. */
  rereads(): readonly string[];
  finish(): Dataset & { readonly rows: TableRows };
}

/** Begins (or goes on with) a table once the names of its columns are known. */
export type MakeTable = (names: readonly string[], expectedRows?: number) => TableBuilder;

type Role = "labels" | "id" | "group";

export function tableBuilder(
  names: readonly string[],
  origin: string,
  options: ReadOptions,
  plan: TablePlan = {},
): TableBuilder {
  const rules = cellRules(options);
  const fieldNames: string[] = [];
  const sinks: (Sink | undefined)[] = [];
  const builders = new Map<string, ColumnBuilder>();
  const collected: { [R in Role]?: WordList } = {};
  const dropped = new Set(options.drop ?? []);
  let rows = 0;

  const roleOf = (field: number, name: string): Role | undefined =>
    name === options.id
      ? "id"
      : name === options.group
        ? "group"
        : name === options.labels || field === labelField(names, options.labels)
          ? "labels"
          : undefined;

  const sinkFor = (field: number, name: string): Sink | undefined => {
    const role = roleOf(field, name);
    if (role !== undefined) {
      if (plan.roles === false) return undefined;
      const words = role === "labels" && options.labelType === "number" ? numberList(rules) : wordList(role, rules);
      collected[role] = words;
      return words;
    }
    if (dropped.has(name)) return undefined;
    if (plan.columns !== undefined && plan.columns[name] === undefined) return undefined;
    const builder = columnBuilder(name, plan.columns?.[name] ?? options.types?.[name], rules, plan.expectedRows);
    builders.set(name, builder);
    return builder;
  };
  const addField = (name: string): void => {
    const sink = sinkFor(fieldNames.length, name);
    fieldNames.push(name);
    sinks.push(sink);
    for (let row = 0; row < rows; row++) sink?.pushMissing();
  };

  refuseRepeated(names, origin);
  for (const name of names) addField(name);

  return {
    get rows() {
      return rows;
    },
    sinks,
    name: (field) => fieldNames[field] ?? `c${field}`,
    addField,
    endRow() {
      rows++;
    },
    rereads: () => [...builders].filter(([, builder]) => builder.needsRereading).map(([name]) => name),
    finish() {
      requireRoles(fieldNames, origin, options, collected, plan);
      const columns: Column[] = [];
      for (const builder of builders.values()) columns.push(builder.finish());
      const { labels, id, group } = collected;
      return {
        origin,
        rows: { kind: "table", rows, columns },
        fields: fieldNames,
        ...(labels === undefined ? {} : { labels: labels.words() }),
        ...(id === undefined ? {} : { ids: id.words().map((word) => word ?? "") }),
        ...(group === undefined ? {} : { groups: group.words().map((word) => word ?? "") }),
      };
    },
  };
}

/** The field that `labels` names: by name, else by index, from the end if negative; -1 when it names none. */
export function labelField(names: readonly string[], labels: string | undefined): number {
  if (labels === undefined) return -1;
  const byName = names.indexOf(labels);
  if (byName >= 0 || !/^-?\d+$/.test(labels)) return byName;
  const index = Number(labels) < 0 ? names.length + Number(labels) : Number(labels);
  return index >= 0 && index < names.length ? index : -1;
}

/** The columns of a finished table with some of them replaced by name. */
export const replaceColumns = (columns: readonly Column[], replacements: readonly Column[]): Column[] => {
  const byName = new Map(replacements.map((column) => [column.name, column]));
  return columns.map((column) => byName.get(column.name) ?? column);
};

interface WordList extends Sink {
  words(): (string | undefined)[];
}

/** Labels and groups repeat and are kept once each; ids do not. A row without a group could not be split fairly. */
function wordList(role: Role, rules: CellRules): WordList {
  const found: (string | undefined)[] = [];
  const known = dictionary();
  const keep = (word: string): string => (role === "id" ? ownText(word) : (known.words[known.code(word)] ?? word));
  const pushMissing = (): string | undefined => {
    found.push(undefined);
    return role === "group" ? "a group" : undefined;
  };
  return {
    push(cell) {
      if (isMissing(cell, rules)) return pushMissing();
      found.push(keep(cell.trim()));
      return undefined;
    },
    pushNumber(value) {
      found.push(Number.isNaN(value) ? undefined : keep(String(value)));
    },
    pushMissing,
    words: () => found,
  };
}

/** Labels that are numbers, spelled alike whatever the decimal mark. A cell that says NaN is no missing label. */
function numberList(rules: CellRules): WordList {
  const words = wordList("labels", rules);
  return {
    ...words,
    push(cell) {
      const value = /nan/i.test(cell) ? undefined : parseNumber(cell, rules);
      if (value === undefined || Math.abs(value) === Number.POSITIVE_INFINITY) return numberLabel;
      words.pushNumber(value);
      return undefined;
    },
  };
}

/** What is expected of each label of a regression. */
export const numberLabel = "a finite number for a label, because the task is a regression";

function refuseRepeated(names: readonly string[], origin: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw dataError(
        "repeated-column",
        `${origin}: expected every column to have its own name, got "${name}" twice`,
        "Rename one of them in the header.",
      );
    }
    seen.add(name);
  }
}

function requireRoles(
  names: readonly string[],
  origin: string,
  options: ReadOptions,
  collected: { readonly [R in Role]?: WordList },
  plan: TablePlan,
): void {
  if (plan.roles === false) return;
  for (const role of ["labels", "id", "group"] as const) {
    const wanted = options[role];
    if (wanted === undefined || collected[role] !== undefined) continue;
    throw missingColumn(wanted, role, names, origin);
  }
}
