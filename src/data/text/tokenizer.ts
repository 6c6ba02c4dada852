/**
 * A `tokenizer.json` (the format of Hugging Face's tokenizers), read by their JavaScript port. Loaded only where there is
 * such a file: who uses no encoder of text carries none of it.
 */
import { dataError } from "../../errors.ts";

export interface Tokenizer {
  /** The file as it was given: it is kept with a run. */
  readonly bytes: Uint8Array;
  /** Of the bytes, as `sha256sum` prints it: a model knows its tokenizer by it. */
  readonly sha256: string;
  /** The token that stands where a text has ended; encoders are told by their mask to look past it. */
  readonly pad: number;
  /** Largest token + 1. */
  readonly size: number;
  /** Special tokens behind every text: they stay where its end is cut off. */
  readonly closing: number;
  /** Tokens of a whole text, special ones included. */
  encode(text: string): ArrayLike<number>;
  /** How a token is written. */
  nameOf(token: number): string;
}

/** What padding is called where the file does not say. */
const padNames = ["[PAD]", "<pad>", "<|pad|>", "<|padding|>", "<|endoftext|>"];
/** Splits of which the port makes others than the file asks for. */
const unsupportedSplits: ReadonlySet<unknown> = new Set(["MergedWithPrevious", "MergedWithNext", "Contiguous"]);

/**
 * Opens the bytes of a `tokenizer.json`.
 * @param name of the file, for messages.
 * @throws DannError of kind `data` when it is none, or asks for what is not supported.
 */
export async function openTokenizer(bytes: Uint8Array, name = "the tokenizer"): Promise<Tokenizer> {
  const file = parse(bytes, name);
  const { Tokenizer: Port } = await import("@huggingface/tokenizers");
  let port: InstanceType<typeof Port>;
  let closing: number;
  try {
    port = new Port(file, {});
    closing = closingOf(port);
  } catch (cause) {
    throw notOne(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const vocabulary = port.get_vocab(true);
  let size = 0;
  for (const token of vocabulary.values()) size = Math.max(size, token + 1);
  return {
    bytes,
    sha256: await sha256(bytes),
    pad: padOf(file, vocabulary),
    size,
    closing,
    encode: (text) => port.encode(text).ids,
    nameOf: (token) => port.id_to_token(token) ?? "?",
  };
}

/** The same tokenizer with a memory: rows are measured, split and scored, and each time their tokens are asked for. */
export function remembering(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, ArrayLike<number>>();
  return {
    ...tokenizer,
    encode(text) {
      const found = known.get(text) ?? Uint32Array.from(tokenizer.encode(text));
      known.set(text, found);
      return found;
    },
  };
}

function parse(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  let file: unknown;
  try {
    file = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw notOne(name, "it is no JSON", cause);
  }
  if (typeof file !== "object" || file === null || !("model" in file)) throw notOne(name, "it has no model");
  const split = splitsOf(file).find((behaviour) => unsupportedSplits.has(behaviour));
  if (split !== undefined) throw notOne(name, `splits of the kind ${String(split)} are not supported`);
  // The port insists on a decoder, which nothing here uses.
  return { decoder: null, ...file };
}

/** Every `behavior` that stands anywhere in front of the model. */
function splitsOf(part: unknown): unknown[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === "behavior" ? [value] : key === "model" || key === "added_tokens" ? [] : splitsOf(value),
  );
}

const notOne = (name: string, why: string, cause?: unknown): Error =>
  dataError(
    "tokenizer",
    `${name}: expected a tokenizer.json, got a file that cannot be used: ${why}`,
    "Give the tokenizer.json that belongs to the encoder (not vocab.txt or tokenizer_config.json).",
    { cause },
  );

/** Special tokens at the end: what stands behind the tokens of a text that are there without special ones. */
function closingOf(port: { encode(text: string, options?: object): { ids: number[] } }): number {
  const text = "a";
  const whole = port.encode(text).ids;
  const own = port.encode(text, { add_special_tokens: false }).ids;
  const start = whole.findIndex((_, at) => own.every((token, i) => whole[at + i] === token));
  if (start < 0) throw new Error("its special tokens do not surround the text");
  return whole.length - start - own.length;
}

function padOf(file: Readonly<Record<string, unknown>>, vocabulary: ReadonlyMap<string, number>): number {
  const { padding } = file as { padding?: { pad_id?: unknown } | null };
  if (typeof padding?.pad_id === "number") return padding.pad_id;
  const named = padNames.find((name) => vocabulary.has(name));
  return named === undefined ? 0 : (vocabulary.get(named) ?? 0);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto;
  if (subtle === undefined)
    throw dataError(
      "tokenizer-hash",
      "the tokenizer cannot be told by its hash: this page has no crypto.subtle",
      "Serve the page by https, or from localhost.",
    );
  const digest = new Uint8Array(await subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
