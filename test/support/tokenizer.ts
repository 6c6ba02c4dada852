/** Tiny tokenizers in the format of `tokenizer.json`, and texts for the encoder of `golden/make_text_encoder.py`. */
import { random } from "../../src/random.ts";

const special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"];
/** Tokens 4 to 39 of the encoder. */
export const words: readonly string[] = [
  ...["good", "great", "joy", "fine", "bad", "dull", "awful", "waste"],
  ...["story", "hero", "ending", "page", "blade", "steel", "handle", "edge"],
  ...["the", "a", "it", "was", "is", "and", "very", "##s", "##ly", "##er", ".", "!", ","],
  ...["not", "of", "with", "one", "two", "all", "old"],
];

const bytesOf = (file: object): Uint8Array => new TextEncoder().encode(JSON.stringify(file));

/** BERT's: lower case, pieces of words, `[CLS] text [SEP]`. */
export const wordPiece = (vocabulary: readonly string[] = words, more: object = {}): Uint8Array =>
  bytesOf({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false },
      ...{ normalized: false, special: true },
    })),
    normalizer: {
      ...{ type: "BertNormalizer", clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: null, lowercase: true },
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [2], tokens: ["[SEP]"] },
      },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
      vocab: Object.fromEntries([...special, ...vocabulary].map((word, id) => [word, id])),
    },
    ...more,
  });

/** Pairs of bytes merged, without special tokens: an empty text has no token. */
export const bytePairs = (): Uint8Array =>
  bytesOf({
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      ...{ type: "BPE", dropout: null, unk_token: null },
      vocab: Object.fromEntries(["g", "o", "d", "b", "a", "Ġ", "go", "od", "good"].map((piece, id) => [piece, id])),
      merges: ["g o", "o d", "go od"],
    },
  });

const nouns = { books: words.slice(8, 12), knives: words.slice(12, 16) };

/** Reviews as CSV, `review,stars,opinion`: opinions in words that both shops share, among nouns that are its own. */
export function reviews(shop: keyof typeof nouns, rows: number): string {
  const draw = random(shop);
  const pick = (from: readonly string[]): string => from[draw.integer(from.length)] ?? "";
  let text = "review,stars,opinion\n";
  for (let row = 0; row < rows; row++) {
    const good = row % 2 === 0;
    const said = (): string => pick(good ? words.slice(0, 4) : words.slice(4, 8));
    const more = row % 3 === 0 ? ` And very ${said()}, all of it.` : "";
    text += `"The ${pick(nouns[shop])} was ${said()}, the ${pick(nouns[shop])}s ${said()}!${more}",${1 + draw.integer(5)},${good ? "yes" : "no"}\n`;
  }
  return text;
}
