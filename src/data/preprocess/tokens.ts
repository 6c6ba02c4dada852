/**
 * Free text in a table as tokens, for an encoder of text: whole numbers in rows of one length. The raw inputs of a saved
 * model are those of the encoders that people export, `input_ids` and `attention_mask`; inside, one variable carries a
 * row: [numbers | flags | one-hot categories | tokens], where a place behind the end of the text is -1.
 */
import { dataError, usageError } from "../../errors.ts";
import { cast, greater, type TensorType, type Var, where } from "../../graph/index.ts";
import type { Dim } from "../../graph/tensor.ts";
import type { TableRows } from "../dataset.ts";
import { count, list, missingColumn } from "../names.ts";
import { sharedInt32 } from "../shared-memory.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { TokensSpec } from "./spec.ts";
import { refuseGuessed, textsOf } from "./text.ts";

/** What an encoder takes, and the tokenizer that belongs to it. */
export interface TokensRequest {
  readonly tokenizer: Tokenizer;
  /** The one length that the encoder takes, or the most tokens of a row. */
  readonly length: { readonly kind: "fixed" | "most"; readonly tokens: number };
  /** Rows of the encoder's table of tokens. */
  readonly vocabulary: number;
}

/** Where a text has ended. */
export const noToken = -1;
/** float32 holds whole numbers up to here. */
const largestToken = 2 ** 24;
/** Lengths are multiples of this: a text that is a word longer than any in training still fits. */
const step = 8;

/** The length of a row is that of the longest text of both domains, as far as the request lets it. */
export function fitTokens(source: TableRows, target: TableRows | undefined, request: TokensRequest): TokensSpec {
  const { tokenizer, length, vocabulary } = request;
  const columns = source.columns.filter((column) => column.kind === "text");
  refuseGuessed(columns);
  const [column, ...others] = columns;
  if (column === undefined) throw noText(source.columns.map(({ name }) => name));
  if (others.length > 0) {
    const names = columns.map(({ name }) => name);
    throw dataError(
      "two-texts",
      `expected one column of text for the encoder, got ${list(names)}`,
      `Put them into one column, or leave out all but one with --drop ${names.slice(1).join(",")}.`,
    );
  }
  if (vocabulary >= largestToken)
    throw dataError("token-range", `expected an encoder of fewer than ${largestToken} tokens, got ${vocabulary}`);
  const { name } = column;
  const shared = { column: name, tokenizer: tokenizer.sha256, pad: tokenizer.pad, vocabulary };
  if (length.kind === "fixed") return { ...shared, length: length.tokens };
  let longest = 1;
  for (const rows of [source, target])
    for (const text of rows === undefined ? [] : textOf(rows, name))
      longest = Math.max(longest, tokenizer.encode(text ?? "").length);
  return { ...shared, length: Math.min(length.tokens, step * Math.ceil(longest / step)) };
}

const noText = (names: readonly string[]): Error =>
  usageError(
    "no-text",
    `expected a column of text for the tokenizer, got none (columns: ${list(names) || "none"})`,
    "Name it with --text COLUMN.",
  );

export interface EncodedTokens {
  /** [rows, length]; `noToken` behind the end of a text. */
  readonly tokens: Int32Array;
  /** Texts of which the end was cut off. */
  readonly truncated: number;
}

/**
 * The tokens of the column that a spec names. A text that is missing is an empty one; an empty one has at least one
 * token, the padding where the tokenizer adds no special ones: an encoder cannot attend to nothing.
 */
export function encodeTokens(rows: TableRows, spec: TokensSpec, tokenizer: Tokenizer | undefined): EncodedTokens {
  if (tokenizer === undefined)
    throw usageError(
      "no-tokenizer",
      `column "${spec.column}": the model reads tokens, and no tokenizer was given`,
      "Give the tokenizer.json of its run.",
    );
  requireSame(tokenizer, spec);
  const { length, pad, vocabulary } = spec;
  const tokens = sharedInt32(rows.rows * length).fill(noToken);
  let truncated = 0;
  textOf(rows, spec.column).forEach((text, row) => {
    const whole = tokenizer.encode(text ?? "");
    const start = row * length;
    const closing = Math.min(tokenizer.closing, length - 1);
    const cut = whole.length > length;
    if (cut) truncated++;
    const first = cut ? length - closing : whole.length;
    for (let i = 0; i < first; i++) tokens[start + i] = whole[i] ?? pad;
    if (cut) for (let i = 1; i <= closing; i++) tokens[start + length - i] = whole[whole.length - i] ?? pad;
    if (whole.length === 0) tokens[start] = pad;
  });
  const stray = tokens.find((token) => token >= vocabulary);
  if (stray !== undefined)
    throw dataError(
      "token-range",
      `column "${spec.column}": the tokenizer gives the token ${stray} ("${tokenizer.nameOf(stray)}"), but the encoder has ${count(vocabulary, "token")} (0 to ${vocabulary - 1})`,
      "Give the tokenizer.json that belongs to this encoder.",
    );
  return { tokens, truncated };
}

/** That the ends of texts were not read, for people. */
export const textsCut = (cut: number, all: number, { column, length }: TokensSpec): string =>
  `column "${column}": ${cut} of ${count(all, "text")} ${cut === 1 ? "has" : "have"} more than ${length} tokens, of which the last are not read`;

/** @throws DannError where a tokenizer is not the one of training: its tokens would mean other words. */
export function requireSame({ sha256 }: Tokenizer, spec: TokensSpec): void {
  if (sha256 === spec.tokenizer) return;
  throw dataError(
    "tokenizer-differs",
    `expected the tokenizer that the model was trained with (SHA-256 ${short(spec.tokenizer)}…), got another one (${short(sha256)}…)`,
    "Give the tokenizer.json of its run.",
  );
}

const short = (hash: string): string => hash.slice(0, 12);

function textOf(rows: TableRows, name: string): readonly (string | undefined)[] {
  const column = rows.columns.find((each) => each.name === name);
  if (column !== undefined) return textsOf(column);
  const names = rows.columns.map((each) => each.name);
  throw missingColumn(name, "read by the model", names, "the rows");
}

export const tokenInputs = ({ length }: TokensSpec, rows: Dim): Record<string, TensorType> => ({
  input_ids: { dtype: "int64", shape: [rows, length] },
  attention_mask: { dtype: "int64", shape: [rows, length] },
});

/** [N, length] float32, exact: whole numbers below 2^24. One variable for a row is what every layer takes. */
export const tokensPart = (ids: Var, mask: Var): Var => cast(where(greater(mask, 0), ids, noToken), "float32");

/** What stands where the mask is 0 does not matter: the graph puts the padding there. */
export const tokenId = (token: number): bigint => BigInt(Math.max(0, token));
export const tokenMask = (token: number): bigint => (token === noToken ? 0n : 1n);
