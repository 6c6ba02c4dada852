import { describe, expect, it } from "vitest";
import * as z from "zod";
import { checkOptions, parseImageSize, preprocessOptions, readOptions } from "./config.ts";
import { closest, list } from "./names.ts";

describe("options", () => {
  it("have schemas that a configuration file and a JSON Schema can use", () => {
    expect(Object.keys(z.toJSONSchema(readOptions).properties ?? {})).toContain("decimal");
    expect(Object.keys(z.toJSONSchema(preprocessOptions).properties ?? {})).toContain("standardise");
    expect(readOptions.parse({ labels: "y", types: { a: "category" }, indexBase: 0 })).toEqual({
      labels: "y",
      types: { a: "category" },
      indexBase: 0,
    });
  });

  it.each([
    [readOptions, { delimeter: "," }, "delimeter"],
    [readOptions, { delimiter: "::" }, "delimiter"],
    [readOptions, { encoding: "utf-9" }, "unknown encoding"],
    [readOptions, { types: { a: "integer" } }, "types.a"],
    [preprocessOptions, { imageSize: "28" }, "expected HEIGHTxWIDTH"],
    [preprocessOptions, { countScale: 0 }, "countScale"],
    [preprocessOptions, { images: { center: "none" } }, "images"],
  ])("refuse what they do not know: %#", (schema, value, message) => {
    expect(() => checkOptions(schema as z.ZodType<object, object>, value, "reading")).toThrow(message);
  });

  it("read image sizes height first", () => {
    expect(parseImageSize("28x32")).toEqual({ height: 28, width: 32 });
    for (const text of ["28", "0x3", "28X32", "28x"]) expect(() => parseImageSize(text)).toThrow("HEIGHTxWIDTH");
  });
});

describe("names", () => {
  it("are guessed when near enough, and lists of them kept short", () => {
    expect(closest("diagnosys", ["age", "Diagnosis"])).toBe("Diagnosis");
    expect(closest("xyz", ["age", "diagnosis"])).toBeUndefined();
    expect(list(["a", "b"])).toBe("a, b");
    expect(list(Array.from({ length: 20 }, (_, i) => `c${i}`))).toBe("c0, c1, c2, c3, c4, c5, c6, … (20 in all)");
  });
});
