import { describe, expect, it } from "vitest";
import { input, type Var } from "../../graph/index.ts";
import { evaluate } from "../../runtime/reference.ts";
import type { TableRows } from "../dataset.ts";
import { encodeRows, gather, prepareRows } from "../encode.ts";
import { fitPreprocess, type PreprocessSpec, preprocess, preprocessSpec, rawInputs } from "../preprocess.ts";
import { selectEncoded } from "../select.ts";
import { hashTexts, placeOf } from "./hashed.ts";
import { murmur3 } from "./murmur3.ts";
import { eachNgram, type NgramOptions } from "./ngrams.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("murmur3", () => {
  // Published vectors: those of SMHasher's users, and of scikit-learn's tests ("foo").
  it.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0, 0xc0363e43],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
    ["The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd],
    ["foo", 0, -156908512 >>> 0],
    ["foo", 42, -1322301282 >>> 0],
  ])("of %j with seed %d", (text, seed, hash) => {
    expect(murmur3(bytes(text), 0, undefined, seed)).toBe(hash);
  });

  it("reads a part of an array as it reads the part by itself", () => {
    const all = bytes("abcdefghijk");
    for (let end = 3; end <= 11; end++) expect(murmur3(all, 2, end)).toBe(murmur3(all.slice(2, end)));
  });
});

describe("n-grams", () => {
  const of = (text: string, unit: NgramOptions["unit"], ngrams: readonly [number, number]): string[] => {
    const found: string[] = [];
    eachNgram(text, { unit, ngrams }, (all, start, end) => found.push(new TextDecoder().decode(all.slice(start, end))));
    return found;
  };

  it("are words alone and in pairs, in lower case and one spelling", () => {
    expect(of("Not good,  NOT bad!", "word", [1, 2])).toEqual([
      "not",
      "not good",
      "good",
      "good not",
      "not",
      "not bad",
      "bad",
    ]);
    expect(of("ﬁne Ｗörk №5", "word", [1, 1])).toEqual(["fine", "wörk", "no5"]);
    // A letter and its accent, in one character or two, are one word; so are marks that no character contains.
    expect(of("caf\u0065\u0301", "word", [1, 1])).toEqual(of("café", "word", [1, 1]));
    expect(of("हिन्दी भाषा", "word", [1, 1])).toEqual(["हिन्दी", "भाषा"]);
  });

  it("are characters, of any width, with one blank between words", () => {
    expect(of("a  b", "character", [2, 3])).toEqual(["a ", "a b", " b"]);
    expect(of("日本語", "character", [1, 2])).toEqual(["日", "日本", "本", "本語", "語"]);
    expect(of("😀x", "character", [1, 1])).toEqual(["😀", "x"]);
  });

  it("of no word there are none", () => {
    for (const text of ["", "  ", "?!.."]) expect(of(text, "word", [1, 3])).toEqual([]);
    expect(of("one", "word", [2, 3])).toEqual([]);
  });
});

describe("hashed texts", () => {
  const options = { unit: "word", ngrams: [1, 1], features: 1 << 18 } as const;

  it("are counts at the places of scikit-learn's HashingVectorizer", () => {
    // abs(-156908512) % 2^18
    expect(placeOf(murmur3(bytes("foo")), 1 << 18)).toBe(156908512 % (1 << 18));
    const { offsets, indices, values } = hashTexts([["foo bar foo", undefined, ""]], 3, options);
    expect([...offsets]).toEqual([0, 2, 2, 2]);
    const at = [...indices].indexOf(placeOf(murmur3(bytes("foo")), 1 << 18));
    expect(values[at]).toBe(2);
    expect(values[1 - at]).toBe(1);
  });

  it("have places of their own for each column", () => {
    const { indices, width } = hashTexts([["foo"], ["foo"]], 1, options);
    expect(width).toBe(2 << 18);
    expect((indices[1] ?? 0) - (indices[0] ?? 0)).toBe(1 << 18);
  });
});

describe("a table with text", () => {
  const table = (reviews: readonly (string | undefined)[], stars: readonly number[]): TableRows => ({
    kind: "table",
    rows: reviews.length,
    columns: [
      { kind: "number", name: "stars", values: Float64Array.from(stars) },
      { kind: "text", name: "review", values: reviews },
      { kind: "category", name: "shop", codes: Int32Array.from(reviews, (_, i) => i % 2), vocabulary: ["a", "b"] },
    ],
  });
  const source = table(["good book", "bad book", undefined], [1, 2, 3]);
  const target = table(["good knife", "dull knife", "good"], [3, 4, 5]);
  const spec = fitPreprocess(source, target, { text: { features: 64, ngrams: [1, 1] } });

  const inputsOf = (rows: TableRows, by: PreprocessSpec, encoded = encodeRows(rows, by)): number[][] => {
    const raw: Record<string, Var> = {};
    for (const [name, type] of Object.entries(rawInputs(by, "N"))) raw[name] = input(name, type);
    const graph = { name: "x", outputs: { x: preprocess(by, raw, "target") } };
    const { x } = evaluate(graph, gather(encoded, [...Array(encoded.rows).keys()], by));
    const all = [...((x?.data ?? []) as Float64Array)];
    const width = all.length / encoded.rows;
    return Array.from({ length: encoded.rows }, (_, row) => all.slice(row * width, (row + 1) * width));
  };

  it("is numbers, categories and the tf-idf of the texts, documents counted in both domains", () => {
    const rows = inputsOf(source, spec);
    expect(rows[0]).toHaveLength(1 + 2 + 64);
    const place = (word: string): number => 3 + placeOf(murmur3(bytes(word)), 64);
    // Of 6 rows "good" is in 3 and "book" in 2; no label enters.
    const idf = (found: number): number => Math.log(7 / (1 + found)) + 1;
    const [good, book] = [Math.log(2) * idf(3), Math.log(2) * idf(2)];
    const length = Math.hypot(good, book);
    expect(rows[0]?.[place("good")]).toBeCloseTo((5 * good) / length, 5);
    expect(rows[0]?.[place("book")]).toBeCloseTo((5 * book) / length, 5);
    expect(rows[2]?.slice(3)).toEqual(new Array(64).fill(0));
  });

  it("is the same after what is done once before training, and in a subset of the rows", () => {
    const encoded = encodeRows(source, spec);
    const prepared = prepareRows(encoded, spec);
    const close = (a: number[][], b: number[][]): void =>
      a.flat().forEach((value, i) => {
        expect(value).toBeCloseTo(b.flat()[i] ?? Number.NaN, 5);
      });
    close(inputsOf(source, prepared.spec, prepared.rows), inputsOf(source, spec));
    close(
      inputsOf(source, spec, selectEncoded(encoded, [2, 0])),
      inputsOf(source, spec)
        .filter((_, row) => row !== 1)
        .reverse(),
    );
  });

  it("survives as JSON, as the metadata of a model have it", () => {
    expect(preprocessSpec.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it("follows its options", () => {
    const width = (options: object): number => encodeTextWidth(fitPreprocess(source, target, { text: options }));
    const encodeTextWidth = (by: PreprocessSpec): number => rawInputs(by, 1).text?.shape[1] as number;
    expect(width({})).toBe(16384);
    expect(width({ features: 100 })).toBe(100);
    const entries = (options: object): number => {
      const encoded = encodeRows(source, fitPreprocess(source, target, { text: options }));
      return encoded.kind === "table" ? (encoded.text?.indices.length ?? 0) : 0;
    };
    expect(entries({ ngrams: [1, 1] })).toBe(4);
    expect(entries({})).toBe(6);
    // "good boo", "ood book" and "bad book".
    expect(entries({ unit: "character", ngrams: [8, 8] })).toBe(3);
    const l2 = fitPreprocess(source, target, { counts: "l2", countScale: 2 });
    expect(l2.kind === "table" && l2.text?.weights).toMatchObject({ counts: "l2", countScale: 2 });
  });

  it("is refused where its text was only guessed, or is missing", () => {
    const guessed = {
      ...source,
      columns: source.columns.map((c) => (c.kind === "text" ? { ...c, guessed: true as const } : c)),
    };
    expect(() => fitPreprocess(guessed, undefined)).toThrow(/got free text in "?review/);
    const without = { ...source, columns: source.columns.filter(({ name }) => name !== "review") };
    expect(() => encodeRows(without, spec)).toThrow(/review/);
    expect(() => fitPreprocess(source, target, { text: { ngrams: [2, 1] } })).toThrow(/shortest first/);
  });
});
