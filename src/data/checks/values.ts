/** Checks of the values of one data set: nothing that is no number, and nothing that cannot be learned from. */
import type { ReadOptions } from "../config.ts";
import type { Column, Dataset, TableRows } from "../dataset.ts";
import { count, list } from "../names.ts";
import { columnMoments } from "../preprocess/statistics.ts";
import { isBeyond } from "../readers/cells.ts";
import { aFloat } from "../readers/column-builder.ts";
import { checkFarValues } from "./far-values.ts";
import { type Finding, problem, warning } from "./finding.ts";
import { checkWords, refuseTexts } from "./words.ts";

/** @param read how the file was read: columns whose type was given are what was asked for. */
export function checkValues(dataset: Dataset, read: Pick<ReadOptions, "types" | "decimal"> = {}): Finding[] {
  const { rows, origin } = dataset;
  if (rows.rows === 0) return [problem("empty-file", `${origin}: expected at least one row, got none`)];
  if (rows.kind === "table") return checkTable(origin, rows, read);
  if (rows.kind === "image") return checkPixels(origin, rows.pixels);
  const width = rows.kind === "dense" ? rows.width : rows.kind === "signal" ? rows.channels * rows.length : undefined;
  return checkFinite(origin, rows.values, width);
}

function checkFinite(origin: string, values: Float32Array, width: number | undefined): Finding[] {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return [];
  const where = width === undefined ? `entry ${at}` : `row ${Math.floor(at / width)}, feature ${at % width}`;
  return [
    problem(
      "not-finite",
      `${origin}: ${where} (counted from 0): expected a finite number, got ${values[at]}`,
      Number.isNaN(values[at])
        ? "Fill missing values first, or give the data as CSV, where they are imputed."
        : "Correct or remove the row.",
    ),
  ];
}

/** Pixels that stop far below 255 are usually of another range (0..16 in optdigits), which shifts the domains apart. */
function checkPixels(origin: string, pixels: Uint8Array): Finding[] {
  let largest = 0;
  for (const value of pixels) if (value > largest) largest = value;
  if (largest >= 64) return [];
  return [
    warning(
      "dim-images",
      `${origin}: the largest pixel is ${largest}, where 255 is white: every image is nearly black`,
      "If its range is smaller, stretch it to 0..255 first.",
    ),
  ];
}

function checkTable(origin: string, rows: TableRows, read: Pick<ReadOptions, "types" | "decimal">): Finding[] {
  const findings: Finding[] = [];
  const constant: string[] = [];
  const empty: string[] = [];
  const texts: Extract<Column, { kind: "text" }>[] = [];
  for (const column of rows.columns) {
    if (column.kind === "text") {
      const found = checkWords(origin, column, read);
      findings.push(...found);
      if (column.guessed === true && found.length === 0) texts.push(column);
      else if (column.values.every((text) => text === undefined)) empty.push(column.name);
    } else if (column.kind === "category") {
      if (column.vocabulary.length <= 1) (column.vocabulary.length === 0 ? empty : constant).push(column.name);
      findings.push(...checkWords(origin, column, read));
    } else {
      const kind = numberKind(column.values);
      if (kind === "empty") empty.push(column.name);
      if (kind === "constant") constant.push(column.name);
      findings.push(...checkNumbers(origin, column, rows.rows));
    }
  }
  findings.push(...refuseTexts(origin, texts));
  if (empty.length > 0)
    findings.push(
      warning(
        "empty-column",
        `${origin}: no value at all in ${list(empty)}`,
        `Leave it out with --drop ${empty.join(",")}.`,
      ),
    );
  if (constant.length > 0) {
    findings.push(
      warning(
        "constant-column",
        `${origin}: the same value in every row of ${list(constant)}: nothing can be learned from it here`,
      ),
    );
  }
  return findings;
}

function numberKind(values: Float64Array): "empty" | "constant" | "varied" {
  let first = Number.NaN;
  for (const value of values) {
    if (Number.isNaN(value) || value === first) continue;
    if (!Number.isNaN(first)) return "varied";
    first = value;
  }
  return Number.isNaN(first) ? "empty" : "constant";
}

function checkNumbers(origin: string, column: Extract<Column, { kind: "number" }>, rows: number): Finding[] {
  const { name, values } = column;
  const beyond = values.findIndex(isBeyond);
  if (beyond >= 0) {
    return [
      problem(
        "not-finite",
        `${origin}: column "${name}", row ${beyond} (counted from 0): expected ${aFloat}, got ${values[beyond]}`,
        "Correct the cell, or say that it means missing (--missing).",
      ),
    ];
  }
  const missing = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
  if (missing === rows) return [];
  const findings: Finding[] = [];
  if (missing > rows / 2)
    findings.push(
      warning("mostly-missing", `${origin}: column "${name}" is missing in ${missing} of ${count(rows, "row")}`),
    );
  if (rows >= 10 && values.every((value, row) => value === (values[0] ?? 0) + row)) {
    findings.push(
      warning(
        "row-numbers",
        `${origin}: column "${name}" counts the rows: it tells the domains apart and nothing else`,
        `Pass --id ${name} or --drop ${name}.`,
      ),
    );
  }
  const moments = columnMoments(values);
  // The model reads float32: beyond 2^20 deviations from zero, fewer than four bits of a deviation are left.
  if (moments !== undefined && moments.deviation > 0 && Math.abs(moments.mean) > 2 ** 20 * moments.deviation) {
    findings.push(
      warning(
        "large-offset",
        `${origin}: column "${name}" varies by ${moments.deviation.toPrecision(3)} around ${moments.mean.toPrecision(6)}: float32 loses most of it`,
        "Subtract a constant first.",
      ),
    );
  }
  if (moments !== undefined) findings.push(...checkFarValues(origin, column, moments.deviation));
  return findings;
}
