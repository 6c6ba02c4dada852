import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rungsOf } from "./halving.ts";
import { type Draws, drawSettings, gridOf, parseGrid, parseSpace, requireApart } from "./space.ts";

const wordsOf = (settings: readonly { words: readonly string[] }[]): (readonly string[])[] =>
  settings.map(({ words }) => words);

describe("grids", () => {
  test("the product of all axes, the last one fastest", () => {
    const settings = gridOf([parseGrid("train.lambda.max=0.1,1"), parseGrid("train.optimizer.name = sgd, adam")]);
    expect(wordsOf(settings)).toEqual([
      ["train.lambda.max=0.1", "train.optimizer.name=sgd"],
      ["train.lambda.max=0.1", "train.optimizer.name=adam"],
      ["train.lambda.max=1", "train.optimizer.name=sgd"],
      ["train.lambda.max=1", "train.optimizer.name=adam"],
    ]);
    expect(settings[0]?.name).toBe("train.lambda.max=0.1 train.optimizer.name=sgd");
    expect(gridOf([])).toEqual([{ name: "as given", words: [] }]);
  });
  test("brackets and quotes keep their commas, a value may hold an equals sign", () => {
    expect(parseGrid("network.options.hidden=[64,64],[32]").values).toEqual(["[64,64]", "[32]"]);
    expect(parseGrid("train.rate={name: cosine, from: 1e-3},{name: constant, value: 1e-3}").values).toHaveLength(2);
    expect(parseGrid(`data.read.delimiter=",",";"`).values).toEqual(['","', '";"']);
    expect(parseGrid("a=b=c,d").values).toEqual(["b=c", "d"]);
  });
  test.each([
    ["train.steps", "expected KEY=VALUES"],
    ["=1", "expected KEY=VALUES"],
    ["train.steps=", "expected values with commas between"],
    ["train.steps=1,,2", "expected values with commas between"],
    ["a=[1,2", "expected values with commas between"],
    ["a=1,2,1", "expected each value once, got 1 twice"],
    ["a=1,2,1.0", "expected each value once, got 1.0, which is 1"],
    ["a={b: 1},{ b: 1 }", "expected each value once, got { b: 1 }, which is {b: 1}"],
  ])("%s is refused", (text, message) => {
    expect(() => parseGrid(text)).toThrow(message);
  });
  test("a key of two axes is refused", () => {
    expect(() => requireApart([parseGrid("a=1"), parseGrid("a=2")], "--grid")).toThrow(
      "--grid: expected each key once",
    );
  });
});

describe("random draws", () => {
  const axes = ["train.rate.from=log:1e-4..1e-2", "train.lambda.max=0..1", "train.batch.source=16..18", "m=a,b"];
  const draws = (count: number, seed = 0): Draws => ({ count, seed, isWhole: (key) => key.startsWith("train.batch") });
  const valuesOf = (key: string, count: number): string[] =>
    drawSettings(axes.map(parseSpace), draws(count)).map(
      ({ words }) => words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1) ?? "",
    );

  test("the same seed draws the same; more draws or axes leave those before as they were", () => {
    const space = axes.map(parseSpace);
    const ten = drawSettings(space, draws(10));
    expect(drawSettings(space, draws(10))).toEqual(ten);
    expect(drawSettings(space, draws(20)).slice(0, 10)).toEqual(ten);
    expect(drawSettings(space, draws(10, 1))).not.toEqual(ten);
    const fewer = drawSettings(space.slice(0, 2), draws(10));
    expect(ten.map(({ words }) => words.slice(0, 2))).toEqual(wordsOf(fewer));
  });
  test("values lie in their range; whole numbers are whole and reach both ends; the logarithm spreads evenly", () => {
    const rates = valuesOf("train.rate.from", 2000).map(Number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Half of them below the geometric mean: 5 standard errors are .056.
    expect(Math.abs(rates.filter((rate) => rate < 1e-3).length / 2000 - 0.5)).toBeLessThan(0.056);
    const batches = valuesOf("train.batch.source", 2000);
    expect([...new Set(batches)].sort()).toEqual(["16", "17", "18"]);
    for (const size of ["16", "17", "18"])
      expect(Math.abs(batches.filter((one) => one === size).length / 2000 - 1 / 3)).toBeLessThan(0.053);
    expect(new Set(valuesOf("m", 50))).toEqual(new Set(["a", "b"]));
    expect(valuesOf("train.lambda.max", 50).every((text) => text.length < 10)).toBe(true);
  });
  test("settings are different; more than a finite space has are refused", () => {
    const space = [parseSpace("a=1,2"), parseSpace("b=x,y")];
    expect(new Set(drawSettings(space, draws(4)).map(({ name }) => name)).size).toBe(4);
    expect(() => drawSettings(space, draws(5))).toThrow("got 5 of 4");
  });
  test.each([
    ["a=1..x", "expected LOW..HIGH, two numbers, the lower one first"],
    ["a=2..1", "the lower one first"],
    ["a=log:0..1", "two numbers above 0"],
    ["a=..1", "expected LOW..HIGH"],
  ])("%s is refused", (text, message) => {
    expect(() => parseSpace(text)).toThrow(message);
  });
});

describe("successive halving", () => {
  test("27 settings by thirds, 3,000 steps", () => {
    expect(rungsOf(27, 3, 2700)).toEqual([
      { settings: 27, budget: 100 },
      { settings: 9, budget: 300 },
      { settings: 3, budget: 900 },
      { settings: 1, budget: 2700 },
    ]);
    expect(rungsOf(5, 2, 100)).toEqual([
      { settings: 5, budget: 25 },
      { settings: 2, budget: 50 },
      { settings: 1, budget: 100 },
    ]);
    // Two epochs cannot be divided twice.
    expect(rungsOf(27, 2, 2)).toEqual([
      { settings: 27, budget: 1 },
      { settings: 13, budget: 2 },
    ]);
  });
  test("the last rung has the whole budget, each has fewer settings and more budget than the one before", () => {
    const whole = { settings: fc.integer({ min: 2, max: 500 }), full: fc.integer({ min: 1, max: 10_000 }) };
    fc.assert(
      fc.property(whole.settings, fc.integer({ min: 2, max: 5 }), whole.full, (settings, eta, full) => {
        const rungs = rungsOf(settings, eta, full);
        expect(rungs[0]?.settings).toBe(settings);
        expect(rungs.at(-1)?.budget).toBe(full);
        for (const [at, { settings: n, budget }] of rungs.slice(1).entries()) {
          expect(n).toBe(Math.floor((rungs[at]?.settings ?? 0) / eta));
          expect(budget).toBeGreaterThan(rungs[at]?.budget ?? 0);
          expect(n).toBeGreaterThan(0);
        }
      }),
    );
  });
});
