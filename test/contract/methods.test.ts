/** All methods go through the contract. */
import { expect, test } from "vitest";
import { makeMethod, methodConfig, methods } from "../../src/methods/registry.ts";
import { methodContract } from "./method.cases.ts";

for (const row of methods) methodContract(row);

test("the registry and the configuration name the same methods", () => {
  for (const { name } of methods) expect(makeMethod(methodConfig.parse({ name })).name).toBe(name);
  expect(new Set(methods.map(({ name }) => name)).size).toBe(methods.length);
  expect(methodConfig.safeParse({ name: "dnan" }).success).toBe(false);
  expect(methodConfig.safeParse({ name: "dann", domainLabelSmoothing: 0.5 }).success).toBe(false);
});
