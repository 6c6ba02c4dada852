/**
 * Preprocessing is learned from the training rows (`fitPreprocess`) and carried out inside the graph (`preprocess`), so
 * that a saved model takes raw rows. This file only chooses by kind of rows; `preprocess/` has a file a kind.
 */
import type { Domain } from "../domain.ts";
import { dataError, internalError, usageError } from "../errors.ts";
import type { Var } from "../graph/index.ts";
import type { Dim, TensorType } from "../graph/tensor.ts";
import { type ColumnType, checkOptions, type PreprocessOptions, preprocessOptions } from "./config.ts";
import type { Rows } from "./dataset.ts";
import { featureGraph, featureInputs, fitFeatures } from "./preprocess/features.ts";
import { fitImages, imageGraph, imageInputs } from "./preprocess/image.ts";
import { fitSignals, signalGraph, signalInputs } from "./preprocess/signal.ts";
import type { PreprocessSpec } from "./preprocess/spec.ts";
import { fitTable, tableGraph, tableInputs, tableWidth } from "./preprocess/table.ts";
import type { TokensRequest } from "./preprocess/tokens.ts";

export { type PreprocessSpec, preprocessSpec } from "./preprocess/spec.ts";

/**
 * Learns preprocessing from training rows.
 * @param target rows of the target; without them the source's statistics serve both domains.
 * @param request makes tokens of a table's text, for an encoder; without it texts become hashed n-grams.
 */
export function fitPreprocess(
  source: Rows,
  target: Rows | undefined,
  options: PreprocessOptions = {},
  request?: TokensRequest,
): PreprocessSpec {
  checkOptions(preprocessOptions, options, "preprocess");
  if (source.kind === "table") return fitTable(source, sameKind(source, target, "table"), options, request);
  if (request !== undefined)
    throw usageError(
      "no-text",
      `expected a table with a column of text for the tokenizer, got ${kindNames[source.kind]}`,
      "Leave --tokenizer out, or give a table.",
    );
  if (source.kind === "image") return fitImages(source, sameKind(source, target, "image"), options);
  if (source.kind === "signal") return fitSignals(source, sameKind(source, target, "signal"), options);
  return fitFeatures(source, sameKind(source, target, "dense", "sparse"), options);
}

function sameKind<K extends Rows["kind"]>(
  source: Rows,
  target: Rows | undefined,
  ...kinds: readonly K[]
): Extract<Rows, { kind: K }> | undefined {
  if (target === undefined) return undefined;
  if ((kinds as readonly string[]).includes(target.kind)) return target as Extract<Rows, { kind: K }>;
  throw kindsDiffer(source, target);
}

const kindNames: Readonly<Record<Rows["kind"], string>> = {
  table: "a table with named columns",
  dense: "unnamed features",
  sparse: "sparse features",
  image: "images",
  signal: "signals",
};

export const kindsDiffer = (source: Rows, target: Rows): Error =>
  dataError(
    "kind-mismatch",
    `expected the same kind of rows in both domains, got ${kindNames[source.kind]} in the source and ${kindNames[target.kind]} in the target`,
    "Give both domains in the same format; --layout says what an array file holds.",
  );

/**
 * The raw inputs of a model by name: `numeric`, `categorical`, `text` or `input_ids` and `attention_mask` of a
 * table, `image`, or `signal`; `rows` is their first size.
 */
export function rawInputs(spec: PreprocessSpec, rows: Dim): Record<string, TensorType> {
  switch (spec.kind) {
    case "table":
      return tableInputs(spec, rows);
    case "features":
      return featureInputs(spec, rows);
    case "image":
      return imageInputs(spec, rows);
    case "signal":
      return signalInputs(spec, rows);
    default:
      throw internalError(`no preprocessing of kind ${spec satisfies never}`);
  }
}

export interface PreprocessGraphOptions {
  /**
   * Which numbers of a table may be missing: `any` (default) guards every column, `seen` only guards when a column had
   * missing values in training. Encoded rows (`encodeRows`) are whole elsewhere, so training passes `seen`: it saves a
   * pass over the rows.
   */
  readonly missing?: "any" | "seen";
}

/** Builds the graph from raw inputs (`rawInputs`) to the network's float32 input. */
export function preprocess(
  spec: PreprocessSpec,
  raw: Readonly<Record<string, Var>>,
  domain: Domain,
  options: PreprocessGraphOptions = {},
): Var {
  switch (spec.kind) {
    case "table":
      return tableGraph(spec, raw, domain, options.missing ?? "any");
    case "features":
      return featureGraph(spec, required(raw, "numeric"), domain);
    case "image":
      return imageGraph(spec, required(raw, "image"), domain);
    case "signal":
      return signalGraph(spec, required(raw, "signal"), domain);
    default:
      throw internalError(`no preprocessing of kind ${spec satisfies never}`);
  }
}

function required(raw: Readonly<Record<string, Var>>, name: string): Var {
  const variable = raw[name];
  if (variable === undefined) throw internalError(`preprocessing needs the raw input ${name}`);
  return variable;
}

/** Shape of the network's input without the batch: [C, H, W], [C, T] or [D]. */
export function inputShape(spec: PreprocessSpec): readonly number[] {
  switch (spec.kind) {
    case "table":
      return [tableWidth(spec)];
    case "features":
      return [spec.width];
    case "image":
      return [spec.channels, spec.height, spec.width];
    case "signal":
      return [spec.channels, spec.length];
    default:
      throw internalError(`no preprocessing of kind ${spec satisfies never}`);
  }
}

/** The columns that a model reads, by name: what to decode of a file that is to be predicted. */
export const columnsOf = (spec: PreprocessSpec): Readonly<Record<string, ColumnType>> =>
  spec.kind !== "table"
    ? {}
    : Object.fromEntries([
        ...spec.numeric.map(({ name }) => [name, "number"] as const),
        ...spec.categorical.map(({ name }) => [name, "category"] as const),
        ...(spec.text?.columns ?? []).map((name) => [name, "text"] as const),
        ...(spec.tokens === undefined ? [] : [[spec.tokens.column, "text"] as const]),
      ]);
