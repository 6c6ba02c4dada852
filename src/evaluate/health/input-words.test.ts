import { expect, test } from "vitest";
import type { Dataset, Rows } from "../../data/dataset.ts";
import { fitPreprocess } from "../../data/preprocess.ts";
import { inputWords } from "./input-words.ts";

const number = { kind: "number", name: "age", values: Float64Array.of(1, 2) } as const;
const text = { kind: "text", name: "review", values: ["good", "bad"] } as const;
const of = (rows: Rows) => inputWords(fitPreprocess(rows, undefined));
const table = (...columns: Extract<Dataset["rows"], { kind: "table" }>["columns"]): Rows => ({
  ...{ kind: "table", rows: 2, columns },
});
const images: Rows = { kind: "image", rows: 1, height: 1, width: 1, channels: 1, pixels: new Uint8Array(1) };
const signals: Rows = { kind: "signal", rows: 1, channels: 1, length: 2, values: new Float32Array(2) };

test("the input is spoken of in the words of its kind", () => {
  expect(of(table(number)).look).toBe("look at the data: are the columns and their units the same in both places?");
  expect(of(table(number, text)).look).toContain("the columns, their units, the language and the usual length of");
  expect(of(table(text)).look).toBe(
    "look at the data: are the language and the usual length of the texts the same in both places?",
  );
  expect(of({ kind: "dense", rows: 1, width: 1, values: new Float32Array(1) }).look).toContain("features, their order");
  expect(of(signals).look).toContain("sampling rate");
  const { look, score, scaling } = of(images);
  expect(look).toContain("the colours and the crop of the images");
  expect(`${look} ${score}`).not.toMatch(/column|unit/i);
  expect(scaling).toContain("data.preprocess.images");
  // Where there is one place for the reversal, no other is proposed.
  expect([of(table(number)), of(signals), of(images)].map(({ otherLayer }) => otherLayer.length)).toEqual([0, 1, 1]);
});
