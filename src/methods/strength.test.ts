import { describe, expect, test } from "vitest";
import { lambdaSchedule } from "../dann/schedules.ts";
import { methodConfig } from "./config.ts";
import { methods } from "./registry.ts";
import { idleLambda, strengthOf, weaker } from "./strength.ts";

const usual = lambdaSchedule.parse({ name: "paper" });

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
  const other = lambdaSchedule.parse({ name: "paper", max: 0.3 });
  const told = (name: string, lambda = other): string[] =>
    idleLambda({ method: methodConfig.parse({ name }), train: { lambda } });
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
