/** The tokenizer of a saved model of texts: given, or the file that lies beside it. */
import { requireSame } from "../data/preprocess/tokens.ts";
import { openTokenizer, type Tokenizer } from "../data/text/tokenizer.ts";
import { dataError } from "../errors.ts";
import type { ModelMetadata } from "./metadata.ts";
import { readBytes } from "./read-bytes.ts";

/** In a run's folder, beside `model.onnx`. */
const inFolder = "tokenizer.json";

/** The name of a tokenizer that belongs to one of several models in a folder: `b.tokenizer.json` for `b.onnx`. */
export const tokenizerBeside = (model: string): string => model.replace(/(\.onnx)?$/, ".tokenizer.json");

/**
 * Opens the tokenizer that a model was trained with; undefined for a model that reads no tokens.
 * @param model its path or address, or undefined for bytes.
 * @throws DannError where none is found, or another one.
 */
export async function tokenizerOf(
  { preprocess }: Pick<ModelMetadata, "preprocess">,
  model: string | undefined,
  given: string | URL | Uint8Array | undefined,
): Promise<Tokenizer | undefined> {
  const spec = preprocess.kind === "table" ? preprocess.tokens : undefined;
  if (spec === undefined) return undefined;
  const { bytes, name } = await found(model, given);
  const tokenizer = await openTokenizer(bytes, name);
  requireSame(tokenizer, spec);
  return tokenizer;
}

async function found(
  model: string | undefined,
  given: string | URL | Uint8Array | undefined,
): Promise<{ bytes: Uint8Array; name: string }> {
  if (given instanceof Uint8Array) return { bytes: given, name: "the tokenizer" };
  const beside = model === undefined ? [] : [tokenizerBeside(model), model.replace(/[^/\\]*$/, inFolder)];
  const places = given === undefined ? beside : [String(given)];
  for (const name of places) {
    const bytes = await readBytes(name).catch(() => undefined);
    if (bytes !== undefined) return { bytes, name };
  }
  throw dataError(
    "no-tokenizer",
    `${model ?? "the model"}: it reads texts by a tokenizer, and there is none${places.length === 0 ? "" : ` (${places.join(", ")})`}`,
    "Put the tokenizer.json of its run beside it, or give it to loadModel as `tokenizer`.",
  );
}
