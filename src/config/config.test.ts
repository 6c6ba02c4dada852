import { describe, expect, test } from "vitest";
import * as z from "zod";
import { checkConfig, isWhole, keysAt } from "./check.ts";
import { parseConfig, parseValue, printConfig } from "./file.ts";
import { combine, merge, nest, valueAt } from "./merge.ts";

const schema = z.strictObject({
  optimizer: z.discriminatedUnion("name", [
    z.strictObject({ name: z.literal("sgd"), momentum: z.number().min(0).default(0.9) }),
    z.strictObject({ name: z.literal("adam"), beta1: z.number().default(0.9) }),
  ]),
  mode: z.enum(["source", "target"]).default("source"),
  batch: z.strictObject({ source: z.int().positive().default(64) }).prefault({}),
});
const refusal = (given: unknown): string => {
  try {
    checkConfig(schema, given, "run.yaml");
  } catch (error) {
    return (error as { format(): string }).format();
  }
  return "accepted";
};

describe("merge", () => {
  test("objects key by key, lists and scalars replaced, undefined ignored", () => {
    expect(merge({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: 3, c: undefined }, d: [4] })).toEqual({
      a: { b: 3, c: 2 },
      d: [4],
    });
  });
  test("another optimiser or schedule replaces the whole one", () => {
    const base = { optimizer: { name: "adam", beta1: 0.5 } };
    expect(merge(base, { optimizer: { name: "sgd" } })).toEqual({ optimizer: { name: "sgd" } });
    expect(merge(base, { optimizer: { beta1: 0.6 } })).toEqual({ optimizer: { name: "adam", beta1: 0.6 } });
    expect(merge(base, { optimizer: { name: "adam" } })).toEqual(base);
    // A network's options belong to all networks: they stay.
    expect(merge({ network: { name: "auto", dropout: 0.1 } }, { network: { name: "mlp" } })).toEqual({
      network: { name: "mlp", dropout: 0.1 },
    });
  });
  test("a later layer's epochs replace an earlier one's steps; both in one layer stay for the schema to refuse", () => {
    expect(merge({ train: { steps: 10 } }, { train: { epochs: 2 } })).toEqual({ train: { epochs: 2 } });
    expect(merge({}, { steps: 1, epochs: 2 })).toEqual({ steps: 1, epochs: 2 });
    expect(combine({ steps: 1 }, { epochs: 2 })).toEqual({ steps: 1, epochs: 2 });
  });
  test("nest and valueAt are inverses", () => {
    expect(nest(["a", "b"], 1)).toEqual({ a: { b: 1 } });
    expect(valueAt(nest(["a", "b"], 1), ["a", "b"])).toBe(1);
    expect(valueAt({}, ["a", "b"])).toBeUndefined();
  });
});

describe("refusals are one line with a guess", () => {
  test.each([
    [{ optimizer: { name: "sgd" }, btach: {} }, "run.yaml: unknown key btach\n  Did you mean batch?"],
    [{ optimizer: { name: "sgd", momentun: 1 } }, "unknown key optimizer.momentun\n  Did you mean optimizer.momentum?"],
    [{ optimizer: { name: "adam", zzzzzz: 1 } }, "unknown key optimizer.zzzzzz\n  Known here: name, beta1."],
    [{ optimizer: { name: "sgd", momentum: -1 } }, "optimizer.momentum: expected a number of at least 0, got -1"],
    [{ optimizer: { name: "adma" } }, 'optimizer.name: expected one of sgd, adam, got "adma"'],
    [
      { optimizer: { name: "sgd" }, mode: "sorce" },
      'mode: expected one of source, target, got "sorce"\n  Did you mean source?',
    ],
    [{ optimizer: { name: "sgd" }, batch: { source: 1.5 } }, "batch.source: expected a whole number, got 1.5"],
    [{ optimizer: { name: "sgd" }, batch: 3 }, "batch: expected a group of keys, got 3"],
    [{}, "optimizer: expected a group of keys, got nothing"],
  ])("%j", (given, message) => {
    expect(refusal(given)).toContain(message);
  });
  test("what is right is accepted, with defaults filled in", () => {
    expect(checkConfig(schema, { optimizer: { name: "adam" } }, "x")).toEqual({
      optimizer: { name: "adam", beta1: 0.9 },
      mode: "source",
      batch: { source: 64 },
    });
  });
  test("keys of a union depend on its name", () => {
    expect(keysAt(schema, ["optimizer"], { name: "sgd" })).toEqual(["name", "momentum"]);
    expect(keysAt(schema, ["optimizer"])).toEqual(["name", "momentum", "beta1"]);
  });
  test("whole numbers are told from others, also within a union", () => {
    const whole = [["batch", "source"], ["optimizer", "momentum"], ["mode"], ["none"]].map((path) =>
      isWhole(schema, path),
    );
    expect(whole).toEqual([true, false, false, false]);
  });
});

describe("files", () => {
  test("YAML and JSON are read; what is saved reads back the same", () => {
    const config = { a: { b: [1, "x"], c: "yes", d: null } };
    expect(parseConfig('{"a": {"b": [1, "x"], "c": "yes", "d": null}}', "f.json")).toEqual(config);
    expect(parseConfig(printConfig(config), "f.yaml")).toEqual(config);
    expect(parseConfig("", "f.yaml")).toEqual({});
  });
  test("broken syntax is told with its line", () => {
    expect(() => parseConfig("a: 1\nb: [1, 2\nc: 3\n", "f.yaml")).toThrow(
      /^f\.yaml, line [23], column \d+: expected YAML or JSON: /,
    );
    expect(() => parseConfig("- 1\n- 2\n", "f.yaml")).toThrow("f.yaml: expected keys and values");
  });
  test("values of flags", () => {
    expect(["0.1", "true", "[a, b]", "{name: sgd}", "word"].map((text) => parseValue(text, "--set"))).toEqual([
      0.1,
      true,
      ["a", "b"],
      { name: "sgd" },
      "word",
    ]);
  });
});
