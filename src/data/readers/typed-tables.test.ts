import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../dataset.ts";
import { readDataset } from "../read.ts";
import { fromMemory } from "../source.ts";

const jsonl = (lines: readonly string[], options = {}): Promise<Dataset> =>
  readDataset(fromMemory("t.jsonl", lines.join("\n")), options);

describe("jsonl", () => {
  it("reads numbers, strings, booleans and null, and fields that come late", async () => {
    const { rows, labels } = await jsonl(
      ['{"n": 1, "s": "a", "y": "p"}', '{"n": null, "b": true, "y": "q"}', "", '{"s": "b", "n": 2.5, "b": false}'],
      { labels: "y" },
    );
    expect(rows).toMatchObject({
      kind: "table",
      rows: 3,
      columns: [
        { name: "n", kind: "number", values: Float64Array.of(1, Number.NaN, 2.5) },
        { name: "s", kind: "category", codes: Int32Array.of(0, -1, 1), vocabulary: ["a", "b"] },
        { name: "b", kind: "category", codes: Int32Array.of(-1, 0, 1), vocabulary: ["true", "false"] },
      ],
    });
    expect(labels).toEqual(["p", "q", undefined]);
  });

  it("spells numbers as they were when a word comes later", async () => {
    const { rows } = await jsonl(['{"a": 1}', '{"a": "007"}', '{"a": "x"}']);
    expect(rows).toMatchObject({ columns: [{ kind: "category", vocabulary: ["1", "007", "x"] }] });
  });

  it.each([
    [['{"a": 1}', '{"a": '], 't.jsonl: line 2: expected a JSON object, got {"a": '],
    [["[1, 2]"], "t.jsonl: line 1: expected a JSON object, got [1,2]"],
    [['{"a": [1]}'], 't.jsonl: line 1, "a": expected a number, a string, a boolean or null, got [1]'],
    [['{"a": 1}', "", '{"a": "x"}'], 't.jsonl: line 3, "a": expected a number, got x'],
  ])("refuses %j", async (lines, message) => {
    await expect(jsonl(lines, message.endsWith("got x") ? { types: { a: "number" } } : {})).rejects.toThrow(message);
  });
});

/** Written by hyparquet-writer 0.17.0 (Snappy, row groups of 3): id, age, big, weight, smokes, city, label. */
const parquet = Buffer.from(
  "UEFSMRUGFSIVJlwVBhUAFQYVABUEFQAAAAMHDzgBAAAAYQEAAABiAQAAAGMVBhUUFRhcFQYVAhUGFQAVBBUAAAADBQgcHwAAAC0AAAAVBhU0FSxcFQYVABUGFQAVBBUAAAADBxgEAQAJAQACCQcgAAMAAAAAAAAAFQYVNBUwXBUGFQAVBhUAFQQVAAAAAwcYAAAFAQT4PwUHKAAEQAAAAAAAAPh/FQYVBhUKXBUGFQAVBhUAFQQVAAAAAwcBAAUVBhUwFTRcFQYVABUGFQAVBBUAAAADBxZUAwAAAFVsbQQAAABCb25uAwAAAFVsbRUGFTAVNFwVBhUAFQYVABUEFQAAAAMHFlQDAAAAaWxsBAAAAHdlbGwDAAAAaWxsFQYVGBUcXBUEFQAVBBUAFQQVAAAAAwMKJAEAAABkAQAAAGUVBhUUFRhcFQQVABUEFQAVBBUAAAADAwgcHAAAADwAAAAVBhUkFShcFQQVABUEFQAVBBUAAAADAxA8BAAAAAAAAAAFAAAAAAAAABUGFSQVJFwVBBUAFQQVABUEFQAAAAMDEAAABQEkEkAAAAAAAADwvxUGFQYVClwVBBUCFQQVABUEFQAAAAMBAQABFQYVFhUaXBUEFQIVBBUAFQQVAAAAAwIJIAUAAABLw7ZsbhUEFRAVFEwVAhUAAAAIHAQAAAB3ZWxsFQYVCBUMXBUEFQAVBBUQFQQVAAAAAwMCBAADFQQZjEgEcm9vdBUOABUMJQIYAmlkJQAAFQIlAhgDYWdlABUEJQIYA2JpZwAVCiUCGAZ3ZWlnaHQAFQAlAhgGc21va2VzABUMJQIYBGNpdHklAAAVDCUCGAVsYWJlbCUAABYKGSwZfCYIHBUMGRUAGRgCaWQVAhYGFkwWUCYIPDYAKAFjGAFhABkcFQYVABUCAAAAJlgcFQIZFQAZGANhZ2UVAhYGFj4WQiZYPDYCKAQtAAAAGAQfAAAAABkcFQYVABUCAAAAJpoBHBUEGRUAGRgDYmlnFQIWBhZeFlYmmgE8NgAoCAMAAAAAAAAAGAgBAAAAAAAAAAAZHBUGFQAVAgAAACbwARwVChkVABkYBndlaWdodBUCFgYWXhZaJvABPDYAKAgAAAAAAAAEQBgIAAAAAAAA+D82AgAZHBUGFQAVAgAAACbKAhwVABkVABkYBnNtb2tlcxUCFgYWMBY0JsoCPDYAKAEBGAEAABkcFQYVABUCAAAAJv4CHBUMGRUAGRgEY2l0eRUCFgYWWhZeJv4CPDYAKANVbG0YBEJvbm4AGRwVBhUAFQIAAAAm3AMcFQwZFQAZGAVsYWJlbBUCFgYWWhZeJtwDPDYAKAR3ZWxsGANpbGwAGRwVBhUAFQIAAAAWqgQWBjayBAAZfCa6BBwVDBkVABkYAmlkFQIWBBZCFkYmugQ8NgAoAWUYAWQAGRwVBhUAFQIAAAAmgAUcFQIZFQAZGANhZ2UVAhYEFj4WQiaABTw2ACgEPAAAABgEHAAAAAAZHBUGFQAVAgAAACbCBRwVBBkVABkYA2JpZxUCFgQWThZSJsIFPDYAKAgFAAAAAAAAABgIBAAAAAAAAAAAGRwVBhUAFQIAAAAmlAYcFQoZFQAZGAZ3ZWlnaHQVAhYEFk4WTiaUBjw2ACgIAAAAAAAAEkAYCAAAAAAAAPC/NgAAGRwVBhUAFQIAAAAm4gYcFQAZFQAZGAZzbW9rZXMVAhYEFjAWNCbiBjw2AigBARgBAQAZHBUGFQAVAgAAACaWBxwVDBkVABkYBGNpdHkVAhYEFkAWRCaWBzw2AigFS8O2bG4YBUvDtmxuABkcFQYVABUCAAAAJtoHHBUMGSUAEBkYBWxhYmVsFQIWBBZcFmQmiAgm2gccNgAoBHdlbGwYBHdlbGwAGSwVBBUAFQIAFQYVEBUCAAAAFugDFgQ2hAQAKAloeXBhcnF1ZXQZfBwAABwAABwAABwAABwAABwAABwAAACnAwAAUEFSMQ==",
  "base64",
);
/** The same writer: one column of JSON objects. */
const nested = Buffer.from(
  "UEFSMRUGFTAVNFwVBBUAFQQVABUEFQAAAAMDFlQHAAAAeyJhIjoxfQcAAAB7ImEiOjJ9FQQZLEgEcm9vdBUCABUMJQIYBGxpc3QlJgAWBBkcGRwmCBwVDBkVABkYBGxpc3QVAhYEFloWXiYIPDYAKAd7ImEiOjJ9GAd7ImEiOjF9ABkcFQYVABUCAAAAFloWBDZeACgJaHlwYXJxdWV0GRwcAAAAcgAAAFBBUjE=",
  "base64",
);

describe("parquet", () => {
  it.each([
    ["t.parquet", parquet],
    ["t.parquet.gz", gzipSync(parquet)],
  ])("reads %s over several row groups", async (name, bytes) => {
    const { rows, labels, ids } = await readDataset(fromMemory(name, bytes), { labels: "label", id: "id" });
    expect(ids).toEqual(["a", "b", "c", "d", "e"]);
    expect(labels).toEqual(["ill", "well", "ill", "well", "well"]);
    expect(rows).toMatchObject({
      rows: 5,
      columns: [
        { name: "age", values: Float64Array.of(31, Number.NaN, 45, 28, 60) },
        { name: "big", values: Float64Array.of(1, 2, 3, 4, 5) },
        { name: "weight", values: Float64Array.of(1.5, 2.5, Number.NaN, 4.5, -1) },
        { name: "smokes", vocabulary: ["true", "false"], codes: Int32Array.of(0, 1, 0, 0, -1) },
        { name: "city", vocabulary: ["Ulm", "Bonn", "Köln"], codes: Int32Array.of(0, 1, 0, -1, 2) },
      ],
    });
  });

  it("refuses nested values by row and column, and reads on without them", async () => {
    await expect(readDataset(fromMemory("n.parquet", nested))).rejects.toThrow('n.parquet: row 0, column "list"');
  });

  it("refuses a damaged file", async () => {
    await expect(readDataset(fromMemory("t.parquet", parquet.subarray(0, 300)))).rejects.toThrow(
      "expected a Parquet file",
    );
  });
});
