import { describe, expect, it } from "vitest";
import * as z from "zod";
import { checkOptions, parseImageSize, preprocessOptions, readOptions } from "./config.ts";
import { readImages } from "./images/read.ts";
import { closest, list } from "./names.ts";
import { readDataset, readTable } from "./read.ts";

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

  it("are refused by readers with those that are known", async () => {
    const other: object = { labels: "y" };
    await expect(readTable("absent.csv", other)).rejects.toMatchObject({
      message: "reading a table: unknown option labels",
      remedy: "Did you mean label?",
    });
    const far: object = { zzzzzzzz: 1 };
    await expect(readDataset("absent.csv", far)).rejects.toMatchObject({
      message: "reading: unknown option zzzzzzzz",
      remedy: expect.stringContaining("Known here: format, labels, labelType, id"),
    });
    await expect(readDataset("absent", {}, far)).rejects.toMatchObject({
      message: "reading images: unknown option zzzzzzzz",
      remedy: "Known here: imageSize, imageFit, cache, like.",
    });
    await expect(readImages("absent", far)).rejects.toMatchObject({
      remedy: "Known here: imageSize, imageFit, cache, skipBad, decoder, labels, group.",
    });
    const images: object = { images: { center: "none" } };
    expect(() => checkOptions(preprocessOptions, images, "preprocess")).toThrow(
      expect.objectContaining({ message: "preprocess, images: unknown option center", remedy: "Did you mean centre?" }),
    );
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
