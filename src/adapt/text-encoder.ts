/**
 * An encoder of text as people export it: `input_ids` and `attention_mask`, whole numbers [N, T], and perhaps
 * `token_type_ids`. What of it decides how texts are read: how many tokens it takes, and how many it knows.
 */
import type { TokensRequest } from "../data/preprocess/tokens.ts";
import { openTokenizer, type Tokenizer } from "../data/text/tokenizer.ts";
import { dataError, usageError } from "../errors.ts";
import { input, inputsOf, printType, topologicalOrder, type Var } from "../graph/index.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";
import { evaluate } from "../runtime/reference.ts";
import { readBytes } from "../train/read-bytes.ts";
import type { BackboneFile } from "./backbone-file.ts";
import type { BackboneSource } from "./plan.ts";

/** Tokens of a text, at most, where nobody says. */
const defaultMaxTokens = 128;
const known: ReadonlySet<string> = new Set(["input_ids", "attention_mask", "token_type_ids"]);

export const readsTokens = ({ info }: BackboneFile): boolean => Object.hasOwn(info.inputs, "input_ids");

/** The tokens that an encoder is to get; undefined for a network of other rows. */
export async function tokensFor(file: BackboneFile, source: BackboneSource): Promise<TokensRequest | undefined> {
  const { tokenizer: place, maxTokens } = source;
  if (!readsTokens(file)) {
    if (place === undefined && maxTokens === undefined) return undefined;
    throw usageError(
      "tokenizer",
      `${file.name}: expected an encoder of text behind the tokenizer, with the inputs input_ids and attention_mask, got ${typesOf(file)}`,
      "Leave --tokenizer and --max-tokens out.",
    );
  }
  checkInputs(file);
  if (place === undefined)
    throw usageError(
      "no-tokenizer",
      `${file.name}: an encoder of text (it takes input_ids), and no tokenizer was given: without it words cannot become tokens`,
      "Give the tokenizer.json that belongs to it with --tokenizer, and name the column with --text.",
    );
  const tokenizer = await readTokenizer(place);
  const { positions, vocabulary } = await tablesOf(file, source.features, tokenizer);
  return { tokenizer, vocabulary: vocabulary ?? tokenizer.size, length: lengthFor(file, maxTokens, positions) };
}

/** Reads and opens a tokenizer from its path, address or bytes. */
export async function readTokenizer(place: string | Uint8Array): Promise<Tokenizer> {
  if (typeof place !== "string") return openTokenizer(place);
  const bytes = await readBytes(place).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw dataError("tokenizer-unreadable", said, "Check the path or address of the tokenizer.json.", {
      cause: cause as Error,
    });
  });
  return openTokenizer(bytes, place);
}

const typesOf = ({ info }: BackboneFile): string =>
  Object.entries(info.inputs)
    .map(([name, type]) => `${name} ${printType(type)}`)
    .join(", ") || "none";

function checkInputs(file: BackboneFile): void {
  const { inputs } = file.info;
  const whole = ({ dtype, shape }: TensorType): boolean => shape.length === 2 && dtype !== "uint8" && dtype !== "bool";
  const fits = Object.entries(inputs).every(([name, type]) => known.has(name) && whole(type));
  if (fits && Object.hasOwn(inputs, "attention_mask")) return;
  throw usageError(
    "encoder-inputs",
    `${file.name}: expected an encoder of text with the inputs input_ids and attention_mask [N, tokens], and at most token_type_ids, got ${typesOf(file)}`,
    "Export it with these inputs alone; the mask is how it tells a text from what pads it.",
  );
}

/** The number of tokens that a file was exported for, where it takes no other. */
function fixedLength({ info }: BackboneFile): number | undefined {
  const size = info.inputs.input_ids?.shape[1];
  return typeof size === "number" && size > 0 ? size : undefined;
}

function lengthFor(
  file: BackboneFile,
  asked: number | undefined,
  positions: number | undefined,
): TokensRequest["length"] {
  const fixed = fixedLength(file);
  const most = fixed ?? positions ?? Number.POSITIVE_INFINITY;
  const fits = asked === undefined || (fixed === undefined ? asked <= most : asked === fixed);
  if (!fits)
    throw usageError(
      "max-tokens",
      `${file.name}: expected ${fixed === undefined ? `at most ${most} tokens a text, for which it has positions` : `${fixed} tokens a text, for which it was exported`}, got --max-tokens ${asked}`,
      fixed === undefined ? `Give --max-tokens ${most} or fewer.` : "Leave --max-tokens out, or export it again.",
    );
  if (fixed !== undefined) return { kind: "fixed", tokens: fixed };
  return { kind: "most", tokens: asked ?? Math.min(defaultMaxTokens, most) };
}

/** Numbers for the sizes that a file leaves open: all its inputs have as many tokens. */
export function sizesFor({ info }: BackboneFile, tokens: number): Record<string, number> {
  const open = Object.entries(info.inputs).flatMap(([name, { shape }]) => {
    const size = shape[1];
    if (typeof size === "number" && size > 0) return [];
    // Some exporters write -1 or 0 for a size that is open; the importer names it so.
    return [typeof size === "string" ? size : `${name}_1`];
  });
  return Object.fromEntries(open.map((name) => [name, tokens]));
}

interface Tables {
  /** Tokens that the encoder has a vector for. */
  readonly vocabulary: number | undefined;
  /** Tokens of a text that it has positions for. */
  readonly positions: number | undefined;
}

/**
 * The encoder's tables, found by what is looked up in them for a text whose tokens go down: the tokens themselves, or
 * numbers that go up, its positions. An engine would answer a token or a place outside its table with an error at best.
 */
async function tablesOf(file: BackboneFile, features: string | undefined, { pad }: Tokenizer): Promise<Tables> {
  const length = fixedLength(file) ?? 4;
  const model = await file.import({
    sizes: sizesFor(file, length),
    ...(features !== undefined && { wanted: [features] }),
  });
  const tokens = Array.from({ length }, (_, at) => pad + length - at);
  const values: Readonly<Record<string, readonly number[]>> = {
    input_ids: tokens,
    attention_mask: tokens.map(() => 1),
    token_type_ids: tokens.map(() => 0),
  };
  const inputs: Record<string, Var> = {};
  const feeds: Record<string, Tensor> = {};
  for (const [name, { dtype }] of Object.entries(model.inputs)) {
    inputs[name] = input(name, { dtype, shape: [1, length] });
    feeds[name] = { dtype, dims: [1, length], data: arrayOf(dtype, values[name] ?? []) } as Tensor;
  }
  const built = model.build({ inputs, wanted: model.outputs });
  let vocabulary: number | undefined;
  let positions: number | undefined;
  for (const { rows, indices } of lookups(Object.values(built))) {
    const graph = { name: "lookup", outputs: { indices } };
    const read = Object.fromEntries([...inputsOf(graph).keys()].flatMap((name) => pair(name, feeds[name])));
    const found = Array.from(evaluate(graph, read).indices?.data ?? [], Number);
    if (found.length !== length) continue;
    const [first = 0] = found;
    if (found.every((index, at) => index === tokens[at])) vocabulary = Math.min(vocabulary ?? rows, rows);
    else if (found.every((index, at) => index === first + at))
      positions = Math.min(positions ?? Number.POSITIVE_INFINITY, rows - first);
  }
  return { vocabulary, positions };
}

const pair = (name: string, tensor: Tensor | undefined): [string, Tensor][] =>
  tensor === undefined ? [] : [[name, tensor]];

/** Gathers of rows from matrices. */
function lookups(outputs: readonly Var[]): { readonly rows: number; readonly indices: Var }[] {
  return topologicalOrder(outputs).flatMap(({ op, inputs: [table, indices], attributes }) => {
    const rows = table?.type.shape.length === 2 ? table.type.shape[0] : undefined;
    const first = (attributes.axis ?? 0) === 0;
    return op === "Gather" && first && typeof rows === "number" && indices !== undefined ? [{ rows, indices }] : [];
  });
}

function arrayOf(dtype: TensorType["dtype"], values: readonly number[]): Tensor["data"] {
  if (dtype === "int64") return BigInt64Array.from(values, BigInt);
  return dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values);
}
