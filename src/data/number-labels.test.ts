import { describe, expect, it } from "vitest";
import { random } from "../random.ts";
import { checkData } from "./checks.ts";
import type { Dataset } from "./dataset.ts";
import { labelNumbers, labelScale, labelStrata, standardisedLabels } from "./number-labels.ts";
import { readDataset } from "./read.ts";
import { fromMemory } from "./source.ts";
import { holdOut } from "./splits.ts";

const read = (name: string, text: string, more = {}): Promise<Dataset> =>
  readDataset(fromMemory(name, text), { labels: "y", labelType: "number", ...more });

describe("labels that are numbers", () => {
  it("are read in any spelling, and a missing one is none", async () => {
    const { labels } = await read("a.csv", "x,y\n1,2.50\n2,\n3,1e3\n4,NA\n5,-0.25\n");
    expect(labels).toEqual(["2.5", undefined, "1000", undefined, "-0.25"]);
    const comma = await read("a.csv", "x;y\n1;2,50\n2;-3\n", { decimal: ",", delimiter: ";" });
    expect(comma.labels).toEqual(["2.5", "-3"]);
  });

  it.each([
    ["a.csv", "x,y\n1,2\n\n3,high\n", 'a.csv: line 4, column "y": expected a finite number for a label', '"high"'],
    ["a.csv", "x,y\n1,2\n2,NaN\n", 'a.csv: line 3, column "y"', '"NaN"'],
    ["a.csv", "x,y\n1,inf\n", 'a.csv: line 2, column "y"', '"inf"'],
    ["a.jsonl", '{"x":1,"y":2}\n{"x":1,"y":"low"}\n', 'a.jsonl: line 2, "y": expected a finite number', "low"],
    ["a.svmlight", "1.5 1:2\nbig 1:3\n", "a.svmlight: line 2: expected a finite number", '"big"'],
  ])("%s: a stray one is refused with its line", async (name, text, where, got) => {
    const labels = name.endsWith("svmlight") ? undefined : "y";
    const reading = read(name, text, { labels });
    await expect(reading).rejects.toThrow(where);
    await expect(reading).rejects.toThrow(got);
  });

  it("are standardised in float64, whatever their offset", () => {
    const numbers = Float64Array.from([1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3]);
    const scale = labelScale(numbers);
    expect(scale).toEqual({ mean: 1.7e9 + 2, deviation: Math.sqrt(2 / 3) });
    expect([...standardisedLabels(numbers, scale)]).toEqual([-1.2247449159622192, 0, 1.2247449159622192]);
  });

  it("of a data set of code are told by their row", () => {
    const dataset: Dataset = {
      ...{ origin: "made", rows: { kind: "dense", rows: 2, width: 1, values: new Float32Array(2) } },
      labels: ["1", "two"],
    };
    expect(() => labelNumbers(dataset)).toThrow("made: label of row 2: expected a finite number");
  });

  it("are held out from low to high", () => {
    const numbers = Float64Array.from({ length: 200 }, (_, i) => ((i * 37) % 200) ** 2);
    const strata = labelStrata(numbers, 0.1);
    const { holdout } = holdOut(strata, random(0), { fraction: 0.1 });
    expect(holdout.length).toBe(20);
    const places = [...holdout].map((row) => Math.sqrt(numbers[row] ?? 0) / 20);
    // Two of every tenth of the range of places.
    expect(places.map(Math.floor).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i >> 1));
    expect(new Set(labelStrata(Float64Array.from([3, 1, 2]), 0.1)).size).toBe(1);
  });
});

describe("checks", () => {
  const dataset = (labels: readonly (string | undefined)[]): Dataset => ({
    ...{
      origin: "made",
      rows: { kind: "dense", rows: labels.length, width: 1, values: new Float32Array(labels.length) },
    },
    labels,
  });
  const codes = (labels: readonly (string | undefined)[], task: "regression" | "binary", scored?: readonly string[]) =>
    checkData({ source: dataset(labels), ...(scored && { sourceTest: dataset(scored) }), task }).flatMap(
      ({ code, level }) => (["error"].includes(level) || code === "unlabelled-rows" ? [code] : []),
    );

  it.each([
    ["numbers that differ", ["1", "2.5", "-3"], []],
    ["a word", ["1", "two", "3"], ["label-number"]],
    ["infinity, as binary formats have it", ["1", "Infinity"], ["label-number"]],
    ["one number", ["4", "4.0", "4"], ["one-label"]],
    ["no label", [undefined, undefined], ["no-labels"]],
    ["a missing one", ["1", undefined, "2"], ["unlabelled-rows"]],
  ])("of a regression: %s", (_, labels, expected) => expect(codes(labels, "regression")).toEqual(expected));

  it("of rows that are scored: numbers, of any range", () => {
    expect(codes(["1", "2"], "regression", ["900"])).toEqual([]);
    expect(codes(["1", "2"], "regression", ["x"])).toEqual(["label-number"]);
  });

  it("a binary task has two classes", () => {
    const twice = (...classes: string[]): string[] => [...classes, ...classes];
    expect(codes(twice("a", "b"), "binary")).toEqual([]);
    expect(codes(twice("a", "b", "c"), "binary")).toEqual(["binary-classes"]);
  });
});
