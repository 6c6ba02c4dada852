import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DannError } from "../../errors.ts";
import type { ReadOptions } from "../config.ts";
import type { Column, Dataset } from "../dataset.ts";
import { readDataset } from "../read.ts";
import { type ByteSource, fromMemory } from "../source.ts";
import { csvLine } from "../writers/text.ts";

const read = (text: string, options: ReadOptions = {}, name = "t.csv"): Promise<Dataset> =>
  readDataset(fromMemory(name, text), options);

const columns = (dataset: Dataset): readonly Column[] => (dataset.rows.kind === "table" ? dataset.rows.columns : []);
const column = (dataset: Dataset, name: string): Column | undefined =>
  columns(dataset).find((each) => each.name === name);
/** A column as plain values: numbers (NaN missing) or words (undefined missing). */
const values = (dataset: Dataset, name: string): readonly (number | string | undefined)[] => {
  const found = column(dataset, name);
  if (found?.kind === "number") return [...found.values];
  if (found?.kind === "category") return Array.from(found.codes, (code) => found.vocabulary[code]);
  return found?.kind === "text" ? found.values : [];
};

const refusal = async (reading: Promise<unknown>): Promise<DannError> => {
  const error = await reading.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof DannError) return error;
  throw new Error(`expected a DannError, got ${String(error)}`);
};

/** The same bytes in blocks of `size`: every cut must give the same rows. */
const inBlocks = (source: ByteSource, size: number): ByteSource => ({
  ...source,
  async *stream() {
    for await (const block of source.stream()) {
      for (let at = 0; at < block.length; at += size) yield block.subarray(at, at + size);
    }
  },
});

describe("types", () => {
  it("infers numbers, categories and text over the whole column", async () => {
    const prose = Array.from(
      { length: 30 },
      (_, i) => `${i},x${i % 2},a sentence about row ${i} that nobody else has\n`,
    );
    const dataset = await read(`n,c,t\n${prose.join("")}`);
    expect(columns(dataset).map(({ kind }) => kind)).toEqual(["number", "category", "text"]);
  });

  it("turns a column into words when its last cell is one, with the spelling of the first cells", async () => {
    const dataset = await read("zip,n\n007,1\n01,2\nK1,3\n");
    expect(values(dataset, "zip")).toEqual(["007", "01", "K1"]);
    expect(values(dataset, "n")).toEqual([1, 2, 3]);
  });

  it("keeps the types that the caller fixes", async () => {
    const dataset = await read("a,b\n1,x\n2,y\n", { types: { a: "category", b: "text" } });
    expect(columns(dataset).map(({ kind }) => kind)).toEqual(["category", "text"]);
    expect(values(dataset, "a")).toEqual(["1", "2"]);
  });

  it("names line, column and cell that do not fit a fixed type", async () => {
    const error = await refusal(read("a,b\n1,2\n\n3,oops\n", { types: { b: "number" } }));
    expect(error.message).toBe('t.csv: line 4, column "b": expected a number, got "oops"');
    expect(error.kind).toBe("data");
  });

  it("reads missing cells of numbers as NaN and of words as nothing", async () => {
    const dataset = await read("n,w\n1,a\n,\nNA,?\n nan ,null\n2,b\n");
    expect(values(dataset, "n")).toEqual([1, Number.NaN, Number.NaN, Number.NaN, 2]);
    expect(values(dataset, "w")).toEqual(["a", undefined, undefined, undefined, "b"]);
  });

  it("takes the caller's missing cells instead of the usual ones", async () => {
    const dataset = await read("n,w\n1,NA\n-,b\n", { missing: ["-"] });
    expect(values(dataset, "n")).toEqual([1, Number.NaN]);
    expect(values(dataset, "w")).toEqual(["NA", "b"]);
  });

  it("reads infinities as numbers and radix prefixes as words", async () => {
    const dataset = await read("n,w,s\n1,0x10, 0x10\n-inf,0b1, 0b1\nInfinity,1,1\n");
    expect(values(dataset, "n")).toEqual([1, -Infinity, Infinity]);
    expect(values(dataset, "w")).toEqual(["0x10", "0b1", "1"]);
    expect(values(dataset, "s")).toEqual(["0x10", "0b1", "1"]);
  });
});

describe("notation", () => {
  it.each([
    ["comma", "a,b\n1,2\n"],
    ["semicolon", "a;b\n1;2\n"],
    ["tab", "a\tb\n1\t2\n"],
    ["pipe", "a|b\n1|2\n"],
    ["carriage returns and line feeds", "a,b\r\n1,2\r\n"],
    ["carriage returns", "a,b\r1,2\r"],
    ["a byte order mark", "\ufeffa,b\n1,2\n"],
    ["no last line end", "a,b\n1,2"],
    ["blanks around cells", "a , b\n 1, 2 \n"],
    ["blank lines", "\na,b\n\n1,2\n\n"],
    ["quotes", '"a","b"\n"1","2"\n'],
  ])("understands %s", async (_, text) => {
    const dataset = await read(text);
    expect([values(dataset, "a"), values(dataset, "b")]).toEqual([[1], [2]]);
  });

  it("keeps delimiters, quotes and line ends inside quotes", async () => {
    const dataset = await read('a,b\n"x,1","say ""hi"""\n"two\nlines",z\n');
    expect(values(dataset, "a")).toEqual(["x,1", "two\nlines"]);
    expect(values(dataset, "b")).toEqual(['say "hi"', "z"]);
  });

  it("makes a line end of two characters one, also where a block ends between them", async () => {
    const source = fromMemory("t.csv", 'a,b\r\n"two\r\nlines",1\r\n');
    for (let size = 1; size < 24; size++) {
      expect(values(await readDataset(inBlocks(source, size)), "a")).toEqual(["two\nlines"]);
    }
  });

  it("reads decimal commas, with the semicolon as delimiter", async () => {
    const dataset = await read("1,5;2,5\n3,25;-4\n", { decimal: ",", header: "no" });
    expect([values(dataset, "c0"), values(dataset, "c1")]).toEqual([
      [1.5, 3.25],
      [2.5, -4],
    ]);
    expect(columns(await read("1,5;2,5\n3,25;4,5\n")).map(({ kind }) => kind)).toEqual(["category", "category"]);
  });

  it.each([
    [".", "3,25"],
    [",", "3.25"],
  ] as const)(
    "tells of a number with another decimal mark than %s that the mark is one for all files",
    async (decimal, cell) => {
      const error = await refusal(read(`a;b\n${cell};x\n`, { decimal, types: { a: "number" } }));
      expect(error.remedy).toBe(
        `The decimal mark is ${decimal} for all files of a run (--decimal). Write them with one mark.`,
      );
      expect((await refusal(read("a;b\nhigh;x\n", { decimal, types: { a: "number" } }))).remedy).toContain("--missing");
    },
  );

  it("takes the caller's delimiter and comment prefix", async () => {
    const dataset = await read("# made by hand\na:b\n1:2\n# more\n3:4\n", { delimiter: ":", comment: "#" });
    expect(values(dataset, "b")).toEqual([2, 4]);
  });

  it.each([
    ["latin1", "Köln", Uint8Array.from([0x61, 0x0a, 0x4b, 0xf6, 0x6c, 0x6e, 0x0a])],
    ["utf-16", "Köln", new Uint8Array(new Uint16Array(Array.from("\ufeffa\nKöln\n", (c) => c.charCodeAt(0))).buffer)],
    ["auto", "Köln", new Uint8Array(new Uint16Array(Array.from("\ufeffa\nKöln\n", (c) => c.charCodeAt(0))).buffer)],
  ])("decodes %s", async (encoding, word, bytes) => {
    const dataset = await readDataset(fromMemory("t.csv", bytes), { encoding });
    expect(values(dataset, "a")).toEqual([word]);
  });

  it("says at which byte the encoding breaks, also across blocks", async () => {
    const bytes = Uint8Array.from([0x61, 0x0a, 0x4b, 0xf6, 0x6c, 0x6e, 0x0a]);
    for (const size of [1, 2, 3, 7]) {
      const error = await refusal(readDataset(inBlocks(fromMemory("t.csv", bytes), size)));
      expect(error.message).toBe("t.csv: byte 3: expected utf-8 text, got bytes that are not");
      expect(error.remedy).toContain("latin1");
    }
  });

  it("refuses bytes that are no text, and encodings that do not exist", async () => {
    expect((await refusal(readDataset(fromMemory("t.csv", Uint8Array.from([80, 75, 0, 1]))))).code).toBe("not-text");
    const error = await refusal(read("a\n1\n", { encoding: "klingon" }));
    expect([error.kind, error.message.startsWith("reading, encoding: unknown encoding")]).toEqual(["usage", true]);
  });
});

describe("headers", () => {
  it.each([
    ["words above numbers", "a,2019\n1,2\n", ["a", "2019"]],
    ["numbers in the first row", "Ethanol,1.5\nToluene,2\n", ["c0", "c1"]],
    ["different words only", "a,b\nx,y\n", ["a", "b"]],
    ["a word twice", "x,x\ny,x\n", ["c0", "c1"]],
    ["counted columns", "0,1,2\n5,6,7\n", ["0", "1", "2"]],
    ["an unnamed index column", ",a\n0,1\n1,3\n", ["c0", "a"]],
    ["a missing value above numbers", "?,3\n1,2\n", ["c0", "c1"]],
  ])("tells a header: %s", async (_, text, names) => {
    expect(columns(await read(text)).map(({ name }) => name)).toEqual(names);
  });

  it("obeys the caller", async () => {
    expect((await read("1,2\n3,4\n", { header: "yes" })).rows.rows).toBe(1);
    expect((await read("a,b\n3,4\n", { header: "no" })).rows.rows).toBe(2);
  });

  it("refuses a name that occurs twice", async () => {
    expect((await refusal(read("a,a,n\nx,y,1\n"))).message).toContain('got "a" twice');
  });
});

describe("roles", () => {
  const text = "who,site,age,dx,note\np1,A,31,ill,x\np2,A,45,,y\np3,B,50,well,z\n";

  it("takes label, id and group out of the features and drops the rest asked for", async () => {
    const dataset = await read(text, { labels: "dx", id: "who", group: "site", drop: ["note"] });
    expect(dataset.labels).toEqual(["ill", undefined, "well"]);
    expect(dataset.ids).toEqual(["p1", "p2", "p3"]);
    expect(dataset.groups).toEqual(["A", "A", "B"]);
    expect(columns(dataset).map(({ name }) => name)).toEqual(["age"]);
    expect(dataset.fields).toEqual(["who", "site", "age", "dx", "note"]);
  });

  it("finds the label by its index from either end", async () => {
    expect((await read(text, { labels: "3" })).labels).toEqual(["ill", undefined, "well"]);
    expect((await read(text, { labels: "-2" })).labels).toEqual(["ill", undefined, "well"]);
  });

  it("guesses what a mistyped column meant", async () => {
    const error = await refusal(read("age,diagnosis\n1,a\n", { labels: "diagnosys" }));
    expect(error.message).toContain('expected a column "diagnosys" (labels), got age, diagnosis');
    expect(error.remedy).toBe('Did you mean "diagnosis"?');
  });

  it("refuses a row without a group", async () => {
    expect((await refusal(read("g,a\nx,1\n,2\n", { group: "g" }))).message).toContain("line 3");
  });
});

describe("malformed files", () => {
  it("gives the line of a ragged row, counting lines inside quotes, blank lines and comments", async () => {
    const cases: readonly [string, number, number][] = [
      ["a,b\n1,2\n3\n", 3, 1],
      ["a,b\n1,2,3\n", 2, 3],
      ['a,b\n"x\ny",2\n\n3\n', 5, 1],
      ["#c\na,b\n1,2\n#c\n#c\n3\n", 6, 1],
    ];
    for (const [text, line, got] of cases) {
      const error = await refusal(read(text, { comment: "#", delimiter: "," }));
      expect(error.message).toBe(`t.csv: line ${line}: expected 2 fields, as in the first row, got ${got}`);
    }
  });

  it("gives the line of a ragged row far into a file of many blocks", async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},"${i}"`);
    rows[33_332] = "1,2,3";
    const error = await refusal(read(`a,b\n${rows.join("\n")}\n`));
    expect(error.message).toContain("line 33334:");
  });

  it("names the line where a quote is opened and never closed, or closed in the middle", async () => {
    expect((await refusal(read('a,b\n1,2\n3,"x\n5,6\n'))).message).toContain(
      "line 3: a quote is opened and never closed",
    );
    expect((await refusal(read('a,b\n1,"x"y\n'))).message).toContain(
      "line 2: expected a delimiter behind a closing quote",
    );
  });

  it.each([
    ["", "expected data, got an empty file"],
    ["\n\n", "expected at least one row"],
  ])("refuses a file without rows: %j", async (text, message) => {
    const error = await refusal(read(text));
    expect([error.code, error.message]).toEqual(["empty-file", expect.stringContaining(message)]);
  });
});

describe("round trips", () => {
  const word = fc
    .string({ unit: "grapheme", maxLength: 12 })
    .map((text) => `w${text.replaceAll("\0", "").replaceAll("\r", "").trim()}`);
  const row = fc.record({
    n: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    w: word,
  });

  it("gives back what the writer wrote, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(",", ";", "\t"),
        fc.integer({ min: 1, max: 40 }),
        async (rows, delimiter, size) => {
          const text = [
            "n,w".replace(",", delimiter),
            "\n",
            ...rows.map(({ n, w }) => csvLine([n, w], delimiter)),
          ].join("");
          const source = inBlocks(fromMemory("t.csv", text), size);
          const dataset = await readDataset(source, {
            delimiter,
            header: "yes",
            types: { n: "number", w: "category" },
          });
          expect(values(dataset, "n")).toEqual(rows.map(({ n }) => (n === undefined ? Number.NaN : n + 0)));
          expect(values(dataset, "w")).toEqual(rows.map(({ w }) => w));
        },
      ),
      { numRuns: 60 },
    );
  });
});

it("keeps text of its own: a retained cell does not keep its block of the file", async () => {
  const id = (i: number): string => `a-rather-long-identifier-${i}`;
  const dataset = await read(`id,n\n${Array.from({ length: 3000 }, (_, i) => `${id(i)},${i}`).join("\n")}\n`, {
    id: "id",
  });
  expect(dataset.ids?.[2999]).toBe(id(2999));
});
