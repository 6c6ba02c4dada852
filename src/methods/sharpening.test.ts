import { expect, test } from "vitest";
import { sharpening } from "./sharpening.ts";

test("of a combination every row that makes predictions decided, with its name", () => {
  expect(sharpening("dann")).toBeUndefined();
  expect(sharpening("cdan+e")).toBeUndefined();
  expect(sharpening("cdan+e+mcc")).toBe("mcc minimises the confusion of classes on the target");
  expect(sharpening("vada+mcc")).toMatch(/^vada .*, mcc /);
});
