import { describe, expect, test } from "vitest";
import { lambdaSchedule } from "../dann/schedules.ts";
import { methodConfig } from "./config.ts";
import { methods } from "./registry.ts";
import { idleAdversity, strengthOf, weaker } from "./strength.ts";

const usual = lambdaSchedule.parse({ name: "paper" });
const other = lambdaSchedule.parse({ name: "paper", max: 0.3 });

test("an option that says how hard a row aligns is one that it reads", () => {
  for (const { name, strength, options } of methods)
    if (strength?.kind === "option") expect(Object.keys(options), name).toContain(strength.option);
});

test("of a combination the base's, of terms alone the first one's", () => {
  expect(strengthOf("cdan+e+mcc")).toEqual({ kind: "lambda" });
  expect(strengthOf("dan+mcc")).toEqual({ kind: "option", option: "discrepancyWeight" });
  expect(strengthOf("mcc+vat")).toEqual(strengthOf("vat+mcc"));
  expect(strengthOf("mcd+mcc")).toBeUndefined();
});

describe("a tenth as hard", () => {
  test.each([
    [{ name: "dann" }, { name: "paper" }, "--set train.lambda.max=0.1"],
    [{ name: "dann" }, { name: "tllib", max: 0.25 }, "--set train.lambda.max=0.025"],
    [{ name: "wdgrl" }, { name: "constant", value: 3 }, "--set train.lambda.value=0.3"],
    [{ name: "mcc" }, { name: "paper" }, "--set method.confusionWeight=0.1"],
    [{ name: "deep-coral", covarianceWeight: 30 }, { name: "paper" }, "--set method.covarianceWeight=3"],
    [{ name: "dan", discrepancyWeight: 0 }, { name: "paper" }, undefined],
    [{ name: "mcd" }, { name: "paper" }, undefined],
  ] as const)("%j, lambda %j: %s", (method, lambda, setting) =>
    expect(weaker({ method: methodConfig.parse(method), train: { lambda: lambdaSchedule.parse(lambda) } })).toBe(
      setting,
    ),
  );
});

describe("lambda for a method without one", () => {
  const told = (name: string, lambda = other): string[] =>
    idleAdversity({ method: methodConfig.parse({ name }), train: { lambda, partRates: { domainClassifier: 1 } } });
  test.each(["dann", "cdan+e", "mdd", "dann+mcc", "source-only"])("%s says nothing", (name) =>
    expect(told(name)).toEqual([]),
  );
  test("nor does a lambda that nobody has set", () => expect(told("mcc", usual)).toEqual([]));
  test("else it is told, with what there is instead", () => {
    expect(told("mcc")).toEqual([
      "train.lambda has no effect on mcc, which has no lambda; how hard it aligns says method.confusionWeight",
    ]);
    expect(told("mcd")).toEqual(["train.lambda has no effect on mcd, which has no lambda"]);
  });
});

describe("a rate of the domain classifier for a method that trains none", () => {
  const told = (name: string, domainClassifier = 0.3): string[] =>
    idleAdversity({ method: methodConfig.parse({ name }), train: { lambda: usual, partRates: { domainClassifier } } });
  test("is told", () => {
    expect(told("mdd")).toEqual([
      "train.partRates.domainClassifier has no effect on mdd, which trains no domain classifier",
    ]);
    expect(told("deep-coral+mcc")).toHaveLength(1);
    expect(told("deep-coral+mcc", 1)).toEqual([]);
  });
  test.each(["dann", "cdan+e", "adda", "wdgrl", "vada", "dann+bsp", "source-only"])("of %s it is not", (name) =>
    expect(told(name)).toEqual([]),
  );
});

test("of a refinement, what the run had set is not what somebody has set for it", () => {
  const method = methodConfig.parse({ name: "shot" });
  const train = { lambda: other, partRates: { domainClassifier: 0.03 } };
  expect(idleAdversity({ method, train }, train)).toEqual([]);
  expect(idleAdversity({ method, train })).toEqual([
    "train.lambda has no effect on shot, which has no lambda",
    "train.partRates.domainClassifier has no effect on shot, which trains no domain classifier",
  ]);
});
