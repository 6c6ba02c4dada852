/**
 * Tables: numbers standardised, missing ones imputed and flagged, categories one-hot in the source's vocabulary, texts
 * as weights of hashed n-grams or as tokens.
 */
import type { Domain } from "../../domain.ts";
import { dataError } from "../../errors.ts";
import {
  cast,
  concat,
  equal,
  floats,
  gather,
  ints,
  isNaN as isNaNOf,
  type TensorType,
  type Var,
  where,
} from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import type { PreprocessOptions, Standardise } from "../config.ts";
import type { Column, TableRows } from "../dataset.ts";
import { featureGraph } from "./features.ts";
import type { CategoricalColumn, NumberStatistics, NumericColumn, TableSpec } from "./spec.ts";
import { standardised } from "./standardise.ts";
import { columnMoments, median, usableScale } from "./statistics.ts";
import { fitText } from "./text.ts";
import { fitTokens, type TokensRequest, tokenInputs, tokensPart } from "./tokens.ts";

/** @param request makes tokens of the text; without it texts become hashed n-grams. */
export function fitTable(
  source: TableRows,
  target: TableRows | undefined,
  options: PreprocessOptions,
  request?: TokensRequest,
): TableSpec {
  const wanted = options.standardise ?? "auto";
  const standardise: Standardise = wanted === "auto" ? "source" : wanted;
  const inTarget = new Map((target?.columns ?? []).map((column) => [column.name, column]));
  const numeric: NumericColumn[] = [];
  const categorical: CategoricalColumn[] = [];
  for (const column of source.columns) {
    if (column.kind === "number") numeric.push(fitNumber(column, inTarget.get(column.name), standardise, options));
    else if (column.kind === "category") categorical.push({ name: column.name, vocabulary: column.vocabulary });
  }
  const tokens = request && fitTokens(source, target, request);
  const text = tokens === undefined ? fitText(source, target, options) : undefined;
  if (numeric.length + categorical.length === 0 && text === undefined && tokens === undefined) {
    throw dataError("no-features", "expected at least one feature column, got none", "Check --drop, --id and --group.");
  }
  return { kind: "table", standardise, numeric, categorical, ...(text && { text }), ...(tokens && { tokens }) };
}

function fitNumber(
  column: Extract<Column, { kind: "number" }>,
  other: Column | undefined,
  standardise: Standardise,
  options: PreprocessOptions,
): NumericColumn {
  const otherValues = other?.kind === "number" ? other.values : undefined;
  const source = numberStatistics(column.values, standardise, options) ?? { mean: 0, scale: 1, fill: 0 };
  const own =
    standardise === "perDomain" && otherValues !== undefined
      ? numberStatistics(otherValues, standardise, options)
      : undefined;
  const flagged = column.values.some(Number.isNaN) || (otherValues?.some(Number.isNaN) ?? false);
  return { name: column.name, flagged, source, target: own ?? source };
}

/** Undefined when every value is missing. Infinities are refused by the checks; they would spoil every statistic. */
function numberStatistics(
  values: Float64Array,
  standardise: Standardise,
  options: PreprocessOptions,
): NumberStatistics | undefined {
  const moments = columnMoments(values);
  if (moments === undefined) return undefined;
  const fill = options.impute === "median" ? (median(values) ?? moments.mean) : moments.mean;
  if (standardise === "none") return { mean: 0, scale: 1, fill };
  return { mean: moments.mean, scale: usableScale(moments.deviation, moments.mean), fill };
}

export function tableInputs(spec: TableSpec, rows: Dim): Record<string, TensorType> {
  const { numeric, categorical, text, tokens } = spec;
  return {
    ...(numeric.length === 0 ? {} : { numeric: { dtype: "float32", shape: [rows, numeric.length] } as const }),
    ...(categorical.length === 0
      ? {}
      : { categorical: { dtype: "int64", shape: [rows, categorical.length] } as const }),
    ...(text && { text: { dtype: "float32", shape: [rows, text.weights.width] } as const }),
    ...(tokens && tokenInputs(tokens, rows)),
  };
}

export const tableWidth = (spec: TableSpec): number =>
  spec.numeric.length +
  spec.numeric.filter((column) => column.flagged).length +
  spec.categorical.reduce((sum, column) => sum + column.vocabulary.length, 0) +
  (spec.text?.weights.width ?? 0) +
  (spec.tokens?.length ?? 0);

/** @param impute whether columns that were whole in training are guarded as well. */
export function tableGraph(
  spec: TableSpec,
  raw: Readonly<Record<string, Var>>,
  domain: Domain,
  impute: "any" | "seen",
): Var {
  const { numeric, categorical, text, input_ids: ids, attention_mask: mask } = raw;
  const parts: Var[] = [];
  if (numeric !== undefined) parts.push(...numericParts(spec, numeric, domain, impute));
  const oneHot = categorical === undefined ? undefined : oneHotPart(spec.categorical, categorical);
  if (oneHot !== undefined) parts.push(oneHot);
  if (text !== undefined && spec.text !== undefined) parts.push(featureGraph(spec.text.weights, text, domain));
  if (ids !== undefined && mask !== undefined) parts.push(tokensPart(ids, mask));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : concat(parts, 1);
}

/** [N, k] numbers and, behind them, the flags of the columns that have one. */
function numericParts(spec: TableSpec, numeric: Var, domain: Domain, impute: "any" | "seen"): Var[] {
  const columns = spec.numeric.map((column) => column[domain]);
  const k = columns.length;
  const flagged = spec.numeric.flatMap((column, index) => (column.flagged ? [index] : []));
  let values = numeric;
  const flags: Var[] = [];
  if (impute === "any" || flagged.length > 0) {
    // One mask over all columns: slicing out the few that need it costs more passes than it saves.
    const absent = isNaNOf(numeric);
    values = where(
      absent,
      floats(
        [1, k],
        columns.map((column) => column.fill),
      ),
      numeric,
    );
    if (flagged.length > 0)
      flags.push(cast(flagged.length === k ? absent : gather(absent, ints(flagged), 1), "float32"));
  }
  const ready = standardised(
    values,
    columns.map((column) => column.mean),
    columns.map((column) => column.scale),
    [1, k],
  );
  return [ready, ...flags];
}

/**
 * All columns at once: entry j of the output is 1 where the code of its column equals its word. -1 equals none, so an
 * unknown or missing word is all zeros. Three nodes however many columns there are.
 */
function oneHotPart(columns: readonly CategoricalColumn[], categorical: Var): Var | undefined {
  const owners = columns.flatMap((column, index) => column.vocabulary.map(() => index));
  if (owners.length === 0) return undefined;
  const words = columns.flatMap((column) => column.vocabulary.map((_, word) => word));
  return cast(equal(gather(categorical, ints(owners), 1), ints(words)), "float32");
}
