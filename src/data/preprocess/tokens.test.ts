import { beforeAll, describe, expect, it } from "vitest";
import { bytePairs, wordPiece, words } from "../../../test/support/tokenizer.ts";
import { input, type Var } from "../../graph/index.ts";
import { random } from "../../random.ts";
import { evaluate } from "../../runtime/reference.ts";
import type { TableRows } from "../dataset.ts";
import { type EncodedTable, encodeRows, gather, gatherInto } from "../encode.ts";
import {
  fitPreprocess,
  inputShape,
  type PreprocessSpec,
  preprocess,
  preprocessSpec,
  rawInputs,
} from "../preprocess.ts";
import { randomRows } from "../random-rows.ts";
import { selectEncoded } from "../select.ts";
import { openTokenizer, type Tokenizer } from "../text/tokenizer.ts";
import type { TokensRequest } from "./tokens.ts";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await openTokenizer(wordPiece());
});
const idOf = (word: string): number => 4 + words.indexOf(word);

const table = (reviews: readonly (string | undefined)[], stars?: readonly number[]): TableRows => ({
  kind: "table",
  rows: reviews.length,
  columns: [
    ...(stars === undefined
      ? []
      : ([{ kind: "number", name: "stars", values: Float64Array.from(stars) } as const] as const)),
    { kind: "text", name: "review", values: reviews },
  ],
});
const request = (more: Partial<TokensRequest> = {}): TokensRequest => ({
  tokenizer,
  length: { kind: "most", tokens: 128 },
  vocabulary: 40,
  ...more,
});
const encoded = (rows: TableRows, spec: PreprocessSpec): EncodedTable =>
  encodeRows(rows, spec, tokenizer) as EncodedTable;
const rowsOf = ({ tokens = new Int32Array(), rows }: EncodedTable): number[][] =>
  Array.from({ length: rows }, (_, row) => [
    ...tokens.slice((row * tokens.length) / rows, ((row + 1) * tokens.length) / rows),
  ]);

describe("tokens of a table", () => {
  const source = table(["The heros, dull!", undefined], [1, 3]);
  const target = table(["a joy, a great joy, a very very fine story"], [2]);

  it("are as many as the longest text of both domains has, in steps of 8, and no more than asked for", () => {
    // [CLS] a joy , a great joy , a very very fine story [SEP]
    expect(fitPreprocess(source, target, {}, request())).toMatchObject({
      tokens: { column: "review", length: 16, pad: 0, vocabulary: 40, tokenizer: tokenizer.sha256 },
    });
    const most = (tokens: number, kind: "most" | "fixed"): PreprocessSpec =>
      fitPreprocess(source, target, {}, request({ length: { kind, tokens } }));
    expect(most(10, "most")).toMatchObject({ tokens: { length: 10 } });
    expect(most(24, "fixed")).toMatchObject({ tokens: { length: 24 } });
  });

  it("stand between special tokens, and end in nothing; a cut text keeps its last special token and is counted", () => {
    const spec = fitPreprocess(source, target, {}, request({ length: { kind: "most", tokens: 8 } }));
    const [first, missing] = rowsOf(encoded(source, spec));
    expect(first).toEqual([1, idOf("the"), idOf("hero"), idOf("##s"), idOf(","), idOf("dull"), idOf("!"), 2]);
    expect(missing).toEqual([1, 2, -1, -1, -1, -1, -1, -1]);
    expect(encoded(source, spec).truncated).toBe(0);
    const [cut] = rowsOf(encoded(target, spec));
    expect(cut).toEqual([1, idOf("a"), idOf("joy"), idOf(","), idOf("a"), idOf("great"), idOf("joy"), 2]);
    expect(encoded(target, spec).truncated).toBe(1);
  });

  it("are whole numbers in the graph, behind numbers, and -1 wherever the mask is 0", () => {
    const spec = fitPreprocess(source, target, { standardise: "none" }, request());
    expect(inputShape(spec)).toEqual([1 + 16]);
    const raw: Record<string, Var> = {};
    for (const [name, type] of Object.entries(rawInputs(spec, "N"))) raw[name] = input(name, type);
    const feeds = gather(encoded(source, spec), [1, 0], spec);
    expect(feeds.input_ids?.dims).toEqual([2, 16]);
    expect([...((feeds.attention_mask?.data ?? []) as BigInt64Array)].map(Number).slice(0, 16)).toEqual([
      ...[1, 1],
      ...new Array(14).fill(0),
    ]);
    // A training step fills one input after the other.
    for (const name of ["input_ids", "attention_mask"]) {
      const data = new BigInt64Array(32).fill(-7n);
      gatherInto(encoded(source, spec), [1, 0], { [name]: { dtype: "int64", dims: [2, 16], data } });
      expect(data, name).toEqual(feeds[name]?.data);
    }
    // What stands behind the end of a text does not matter.
    (feeds.input_ids?.data as BigInt64Array)[5] = 33n;
    const x = evaluate({ name: "x", outputs: { x: preprocess(spec, raw, "target") } }, feeds).x?.data as Float64Array;
    expect([...x.slice(0, 8)]).toEqual([3, 1, 2, -1, -1, -1, -1, -1]);
    expect([...x.slice(17, 22)]).toEqual([1, 1, idOf("the"), idOf("hero"), idOf("##s")]);
  });

  it("go with their rows, survive as JSON, and can be made up", () => {
    const spec = fitPreprocess(source, target, {}, request());
    expect(rowsOf(selectEncoded(encoded(source, spec), [1, 0, 1]) as EncodedTable)).toEqual(
      [1, 0, 1].map((row) => rowsOf(encoded(source, spec))[row]),
    );
    expect(preprocessSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    const made = rowsOf(randomRows(spec, 50, random("made")) as EncodedTable);
    expect(made.every(([first = -1]) => first >= 0)).toBe(true);
    expect(Math.max(...made.flat())).toBe(39);
    expect(new Set(made.map((row) => row.filter((token) => token < 0).length)).size).toBeGreaterThan(8);
  });

  it("of an empty text without special tokens are the padding alone", async () => {
    const pairs = await openTokenizer(bytePairs());
    const rows = table(["", "good good", "abba"]);
    const spec = fitPreprocess(rows, undefined, {}, request({ tokenizer: pairs, vocabulary: 9 }));
    expect(rowsOf(encodeRows(rows, spec, pairs) as EncodedTable).map((row) => row.slice(0, 5))).toEqual([
      [0, -1, -1, -1, -1],
      // "good", and "good" with the blank in front of it.
      [8, 5, 8, -1, -1],
      [4, 3, 3, 4, -1],
    ]);
  });

  it("are refused where they cannot be", async () => {
    const learn = (rows: TableRows, more: Partial<TokensRequest> = {}): PreprocessSpec =>
      fitPreprocess(rows, undefined, {}, request(more));
    const two = { ...source, columns: [...source.columns, { ...source.columns[1], name: "title" }] } as TableRows;
    expect(() => learn(two)).toThrow("expected one column of text for the encoder, got review, title");
    expect(() => learn({ ...source, columns: source.columns.slice(0, 1) })).toThrow(
      "expected a column of text for the tokenizer, got none (columns: stars)",
    );
    const guessed = { ...source, columns: source.columns.map((column) => ({ ...column, guessed: true })) } as TableRows;
    expect(() => learn(guessed)).toThrow("got free text in review");
    const dense = { kind: "dense", rows: 1, width: 1, values: Float32Array.of(1) } as const;
    expect(() => fitPreprocess(dense, undefined, {}, request())).toThrow("expected a table with a column of text");
    const few = learn(source, { vocabulary: 8 });
    expect(() => encodeRows(source, few, tokenizer)).toThrow(
      /the tokenizer gives the token \d+ \(".+"\), but the encoder has 8 tokens \(0 to 7\)/,
    );
    const spec = learn(source);
    expect(() => encodeRows(source, spec)).toThrow("no tokenizer was given");
    const other = await openTokenizer(wordPiece([...words].reverse()));
    expect(() => encodeRows(source, spec, other)).toThrow("expected the tokenizer that the model was trained with");
  });
});

describe("a tokenizer.json", () => {
  it("has a hash, the padding's token and the special tokens that close a text", async () => {
    // echo -n '…' | sha256sum of the very bytes is what people compare.
    const { createHash } = await import("node:crypto");
    expect(tokenizer.sha256).toBe(createHash("sha256").update(wordPiece()).digest("hex"));
    expect(tokenizer).toMatchObject({ pad: 0, closing: 1, size: 40 });
    expect((await openTokenizer(wordPiece(words, { padding: { pad_id: 7, pad_token: "x" } }))).pad).toBe(7);
    expect((await openTokenizer(bytePairs())).closing).toBe(0);
  });

  it.each([
    ["{", /it is no JSON/],
    ["[PAD]\n[UNK]", /it is no JSON/],
    ['{"tokenizer_class": "BertTokenizer"}', /it has no model/],
    ['{"model": {"type": "Unknown", "vocab": {}}}', /x\.json: expected a tokenizer\.json/],
    [
      new TextDecoder().decode(
        wordPiece(words, {
          pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithNext", invert: false },
        }),
      ),
      /splits of the kind MergedWithNext are not supported/,
    ],
  ])("%.20j is refused", async (text, message) => {
    await expect(openTokenizer(new TextEncoder().encode(text), "x.json")).rejects.toThrow(message);
  });
});
