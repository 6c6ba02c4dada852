/** All methods go through the contract. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { combination, isRefusal } from "../../src/methods/combination.ts";
import { methodConfig, sourceOnlyOf } from "../../src/methods/config.ts";
import { makeMethod } from "../../src/methods/make.ts";
import { methods } from "../../src/methods/registry.ts";
import { classWeightsContract } from "./class-weights.cases.ts";
import { type ContractCase, factors, methodContract } from "./method.cases.ts";
import { refinementContract } from "./refinement.cases.ts";

/** No row of the target teaches AdaBN anything, and it needs batch normalisation: `src/methods/adabn.test.ts`. */
const ownTests: readonly string[] = ["adabn"];

/** Rows that are methods by themselves, and combinations: every term once, and what the papers combine. */
const cases: readonly ContractCase[] = [
  ...methods
    .filter(({ role }) => role.kind === "base" || (role.kind === "term" && role.alone))
    .filter(({ name }) => name !== "fixmatch" && !ownTests.includes(name))
    .map(({ name }) => ({ name })),
  // No row of an untrained network is one that it is sure of.
  { name: "fixmatch", options: { confidence: 0.2 } },
  { name: "cdan+e" },
  { name: "dann+e" },
  { name: "cdan+e+mcc" },
  { name: "dann+bsp" },
  { name: "cdan+bsp", options: { singularValues: 2 } },
  { name: "cdan+vat" },
  { name: "mcd+mcc", options: { generatorUpdates: 2 } },
  { name: "dann", options: { domainGradientPenalty: 1, domainSpectralNorm: true } },
  { name: "dann", options: { classWeights: "label-shift" } },
  { name: "cdan+e", options: { classWeights: "partial" } },
  { name: "mdd", options: { classWeights: "partial" } },
  { name: "wdgrl", options: { classWeights: "label-shift", criticUpdates: 1 } },
  { name: "cdan", options: { multilinearLimit: 0, randomMapWidth: 7 } },
];

for (const each of cases) {
  methodContract(each);
  classWeightsContract(each);
}

const refinements: readonly ContractCase[] = methods
  .filter(({ role }) => role.kind === "refinement")
  .map(({ name }) => ({ name }));

for (const each of refinements) refinementContract(each);

describe("the registry", () => {
  test("names each row once, and says what it does and where it is from", () => {
    expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
    for (const { name, description, source } of methods) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(description).not.toBe("");
      expect(source).not.toBe("");
    }
  });

  test("gives an option one meaning, with a description and a default that it accepts", () => {
    const known = new Map<string, unknown>();
    for (const { options } of methods)
      for (const [key, schema] of Object.entries(options)) {
        expect(known.get(key) ?? schema, key).toBe(schema);
        known.set(key, schema);
        expect(schema.description, key).toBeTruthy();
        expect(schema.safeParse(undefined).success, key).toBe(true);
      }
  });

  /** Options that say when or how something is done, not how much of it: where their effect is shown. */
  const shownElsewhere: Readonly<Record<string, string>> = {
    ...{ domainLoss: "method.cases.ts", domainWeight: "method.cases.ts", domainLabelSmoothing: "method.cases.ts" },
    ...{
      classWeightsEvery: "src/methods/class-weights.test.ts",
      classWeightsDecay: "src/methods/class-weights.test.ts",
    },
    ...{ estimation: "src/methods/adabn.test.ts", sourceDomains: "test/multi-source.test.ts" },
    ...{ pretraining: "the next test", pseudoEvery: "src/train/renewal.test.ts" },
    ...{ teacherEvery: "src/train/renewal.test.ts" },
  };

  /** With its default alone, an option that nobody reads would pass everything else here. */
  test("every option is changed somewhere, and what is learnt with it", () => {
    const { cases: golden } = JSON.parse(readFileSync(new URL("../golden/methods.json", import.meta.url), "utf8")) as {
      readonly cases: readonly { readonly options: object }[];
    };
    const changed = [factors, shownElsewhere, ...golden.map(({ options }) => options)].flatMap(Object.keys);
    const options = methods.flatMap((row) => Object.keys(row.options));
    expect([...new Set(options)].filter((key) => !changed.includes(key))).toEqual([]);
    expect(Object.keys(shownElsewhere).filter((key) => !options.includes(key))).toEqual([]);
  });

  test("pretraining is the share of ADDA's first phase", () => {
    expect(makeMethod({ name: "adda" }).warmUp?.share).toBe(0.5);
    expect(makeMethod({ name: "adda", pretraining: 0.2 }).warmUp?.share).toBe(0.2);
  });

  test("every term is in a case of the contract", () => {
    const used = new Set([...ownTests, ...[...cases, ...refinements].flatMap(({ name }) => name.split("+"))]);
    expect(methods.filter(({ name }) => !used.has(name))).toEqual([]);
  });
});

describe("combinations", () => {
  const nameOf = (name: string): string => {
    const found = combination(name);
    return isRefusal(found) ? found.refused : found.name;
  };

  test.each([
    ["mcc+e+cdan", "cdan+e+mcc"],
    [" cdan + mcc", "cdan+mcc"],
    ["mcc", "mcc"],
  ])("%s is %s", (given, canonical) => expect(nameOf(given)).toBe(canonical));

  test.each([
    ["dann+cdan", "dann and cdan cannot be combined: each aligns the domains in its own way"],
    ["source-only+dann", "source-only and dann cannot be combined: source-only reads no target row"],
    ["source-only+mcc", "source-only and mcc cannot be combined: source-only reads no target row"],
    ["adabn+mcc", "adabn and mcc cannot be combined: adabn trains on the source alone"],
    ["e", "e is no method by itself: it weighs the rows of a domain loss"],
    ["bsp", "bsp is no method by itself: it repairs what an adversary does to the features"],
    ["mdd+bsp", "mdd and bsp cannot be combined: bsp needs one of dann, cdan, vada"],
    ["vada+vat", "vada and vat cannot be combined: vat is a part of vada"],
    ["e+mcc", "e is no method by itself: it weighs the rows of a domain loss"],
    ["shot+mcc", "shot cannot be combined: it goes on from a trained model, without source rows"],
    ["dann+dann", 'expected each method once, got dann twice in "dann+dann"'],
    ["dann+", "expected one of "],
    ["dnan", "expected one of source-only, dann, "],
  ])("%s is refused", (given, reason) => expect(nameOf(given)).toContain(reason));
});

describe("the configuration", () => {
  const issueOf = (given: unknown): string => methodConfig.safeParse(given).error?.issues[0]?.message ?? "accepted";

  test("fills in what the method reads, and nothing else", () => {
    expect(methodConfig.parse({ name: "mcc" })).toEqual({
      name: "mcc",
      labelSmoothing: 0,
      temperature: 2.5,
      confusionWeight: 1,
    });
    expect(methodConfig.parse({ name: "mcc+dann", temperature: 1 })).toEqual({
      name: "dann+mcc",
      labelSmoothing: 0,
      domainLoss: "sum",
      domainWeight: 1,
      domainLabelSmoothing: 0,
      domainGradientPenalty: 0,
      domainSpectralNorm: false,
      classWeights: "none",
      classWeightsEvery: 1,
      classWeightsDecay: 0.5,
      sourceDomains: "apart",
      temperature: 1,
      confusionWeight: 1,
    });
    // What it gives is what it takes.
    const settled = methodConfig.parse({ name: "cdan+e+mcc" });
    expect(methodConfig.parse(settled)).toEqual(settled);
  });

  test("refuses what the method does not read, what no method knows, and values out of range", () => {
    expect(issueOf({ name: "dann", temperature: 2 })).toBe("expected nothing, because dann does not read it, got 2");
    expect(issueOf({ name: "source-only", domainLoss: "sum" })).toContain("source-only does not read it");
    expect(issueOf({ name: "mcc", temprature: 2 })).toContain("temprature");
    expect(issueOf({ name: "dnan" })).toContain("expected one of");
    expect(issueOf({ name: "dann", domainLabelSmoothing: 0.5 })).not.toBe("accepted");
    expect(issueOf({ name: "shot", classWeights: "partial" })).toContain("shot does not read it");
    expect(issueOf({ name: "dann", classWeightsEvery: 2 })).toBe(
      "expected nothing, because method.classWeights is none, got 2",
    );
    expect(issueOf({ name: "dann", classWeightsEvery: 2, classWeights: "partial" })).toBe("accepted");
  });

  test("source-only beside the method keeps what both read", () => {
    const method = methodConfig.parse({ name: "cdan+e+mcc", labelSmoothing: 0.1 });
    expect(methodConfig.parse(sourceOnlyOf(method))).toEqual({ name: "source-only", labelSmoothing: 0.1 });
  });
});
